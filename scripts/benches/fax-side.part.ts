import { FaxBuffer } from '../../agent/media/fax-buffer.ts';
import { FaxMachine } from '../../lib/dsp/fax/fax-machine.ts';
import type { FaxMachineOptions } from '../../lib/dsp/fax/fax-options.ts';
import { T38Gateway } from '../../lib/dsp/fax/t38-gateway.ts';
import { T38Terminal } from '../../lib/dsp/fax/t38-terminal.ts';
import { ulawEncodeBlock } from '../../lib/dsp/g711.ts';
import type { RtpPacket } from '../../lib/voice/rtp/packet.ts';
import { IfpPlayout } from '../../lib/voice/t38/ifp-playout.ts';
import type { T38Agreement } from '../../lib/voice/t38/t38-parameters.ts';
import { UdptlReceiver } from '../../lib/voice/t38/udptl-receiver.ts';
import { UdptlSender } from '../../lib/voice/t38/udptl-sender.ts';
import type { LineNoise } from './fax-network.part.ts';

/** What crosses the network. */
export type Crossing = { readonly rtp: RtpPacket } | { readonly udptl: Uint8Array };

/** How T.38 is spoken on a link, at both ends. */
export interface T38Style extends Pick<T38Agreement, 'version' | 'errorCorrection' | 'maxDatagramBytes'> {
  readonly redundancy: number;
  /** False: nothing deeper and no repeats but what was agreed. */
  readonly generous: boolean;
  readonly ecm: boolean;
  readonly modems: FaxMachineOptions['modems'];
}

/** One end of a link. */
export interface FaxSide {
  /** 10 ms pass. */
  step(nowMs: number): void;
  receive(crossing: Crossing): void;
  readonly machine: FaxMachine | T38Terminal;
  readonly received: UdptlReceiver;
  close(): void;
}

/** Samples of 10 ms. */
const STEP = 80;
const RTP_SAMPLES = 160;

function good<Value>(
  result:
    | { readonly ok: true; readonly value: Value }
    | { readonly ok: false; readonly error: { readonly say: string } },
): Value {
  if (!result.ok) throw new Error(result.error.say);
  return result.value;
}

function senderOf(style: T38Style): UdptlSender {
  const { errorCorrection, redundancy, maxDatagramBytes, generous } = style;
  return new UdptlSender({ errorCorrection, redundancy, maxDatagramBytes, generous });
}

/** A fax machine on an analog line, behind a box: G.711 pass-through, and from `t38FromMs` on its T.38 gateway. */
export class BoxSide implements FaxSide {
  readonly machine: FaxMachine;
  readonly received = new UdptlReceiver();
  readonly #style: T38Style;
  readonly #t38FromMs: number;
  readonly #noise: LineNoise | undefined;
  readonly #send: (crossing: Crossing) => void;
  readonly #listen: (sound: Int16Array) => void;
  readonly #sender: UdptlSender;
  readonly #buffer: FaxBuffer;
  readonly #playout = new IfpPlayout();
  readonly #sound = new Int16Array(STEP);
  readonly #packet = new Int16Array(RTP_SAMPLES);
  #gateway: T38Gateway | undefined;
  #filled = 0;
  #number = 0;
  #nowMs = 0;

  constructor(
    machine: FaxMachineOptions,
    style: T38Style,
    /** Infinite: never. */
    t38FromMs: number,
    noise: LineNoise | undefined,
    send: (crossing: Crossing) => void,
    listen: (sound: Int16Array) => void = () => undefined,
    buffer: FaxBuffer = new FaxBuffer(),
  ) {
    this.#buffer = buffer;
    this.machine = good(FaxMachine.open(machine));
    this.#listen = listen;
    this.#style = style;
    this.#t38FromMs = t38FromMs;
    this.#noise = noise;
    this.#send = send;
    this.#sender = senderOf(style);
  }

  step(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#gateway === undefined && nowMs >= this.#t38FromMs) this.#gateway = this.#openGateway();
    const sound = this.#sound;
    this.machine.transmit(sound);
    this.#noise?.addTo(sound);
    this.#listen(sound);
    if (this.#gateway === undefined) {
      this.#sendSound(sound);
      this.#buffer.pull(sound);
    } else {
      for (const { ifp, sequence } of this.#playout.due(nowMs)) this.#gateway.receiveIfp(ifp, sequence);
      this.#gateway.hear(sound);
      for (const udptl of this.#sender.due(nowMs)) this.#send({ udptl });
      this.#gateway.speak(sound);
    }
    this.#noise?.addTo(sound);
    this.machine.receive(sound);
  }

  receive(crossing: Crossing): void {
    if ('rtp' in crossing) {
      if (this.#gateway === undefined) this.#buffer.push(crossing.rtp);
      return;
    }
    // What comes before the switch is lost, as at a socket that still expects RTP.
    if (this.#gateway === undefined) return;
    this.#playout.push(this.received.receive(crossing.udptl), this.#nowMs + 10);
  }

  close(): void {
    this.machine.close();
    this.#gateway?.close();
    this.#buffer.close();
  }

  #openGateway(): T38Gateway {
    const { version, ecm, modems } = this.#style;
    const onIfp = (ifp: Uint8Array, copies: number): void => {
      for (const udptl of this.#sender.send(ifp, copies, this.#nowMs)) this.#send({ udptl });
    };
    return good(T38Gateway.open({ version, ecm, modems, onIfp }));
  }

  #sendSound(sound: Int16Array): void {
    this.#packet.set(sound, this.#filled);
    this.#filled = (this.#filled + STEP) % RTP_SAMPLES;
    if (this.#filled > 0) return;
    const payload = Buffer.from(ulawEncodeBlock(this.#packet));
    const number = this.#number++;
    this.#send({
      rtp: {
        payloadType: 0,
        marker: number === 0,
        sequence: number & 0xffff,
        timestamp: number * RTP_SAMPLES,
        ssrc: 1,
        payload,
      },
    });
  }
}

/** A fax server at the other end of the network, which speaks T.38 itself. */
export class ServerSide implements FaxSide {
  readonly machine: T38Terminal;
  readonly received = new UdptlReceiver();
  readonly #send: (crossing: Crossing) => void;
  readonly #sender: UdptlSender;
  #nowMs = 0;

  constructor(machine: FaxMachineOptions, style: T38Style, send: (crossing: Crossing) => void) {
    this.#send = send;
    this.#sender = senderOf(style);
    const onIfp = (ifp: Uint8Array, copies: number): void => {
      for (const udptl of this.#sender.send(ifp, copies, this.#nowMs)) this.#send({ udptl });
    };
    this.machine = good(T38Terminal.open({ ...machine, version: style.version, onIfp }));
  }

  step(nowMs: number): void {
    this.#nowMs = nowMs;
    this.machine.tick(STEP);
    for (const udptl of this.#sender.due(nowMs)) this.#send({ udptl });
  }

  receive(crossing: Crossing): void {
    if ('rtp' in crossing) return;
    for (const { ifp, sequence } of this.received.receive(crossing.udptl))
      this.machine.receiveIfp(ifp, sequence);
  }

  close(): void {
    this.machine.close();
  }
}
