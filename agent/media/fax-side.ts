import { BOARD_FRAME_SAMPLES, type FxsBoard } from '../../hal/board.ts';
import type { Clock } from '../../lib/base/clock.ts';
import { ok, type Result } from '../../lib/base/errors.ts';
import type { PortNumber } from '../../lib/base/ids.ts';
import { ULAW_SILENCE, ulawDecodeBlock } from '../../lib/dsp/g711.ts';
import { ModemTones } from '../../lib/dsp/modem-tones.ts';
import { FaxBuffer } from './fax-buffer.ts';
import {
  BoardGateway,
  type FaxBoardEvent,
  type FaxGateway,
  type FaxGatewayEvents,
  openOwnGateway,
} from './fax-gateway.ts';
import { FaxOverhear } from './fax-overhear.ts';
import { FaxRecorder } from './fax-recorder.ts';
import { FaxSession, type SendDatagram } from './fax-session.ts';
import type { FaxFigures, FaxParameters, FaxTone, SessionMode } from './protocol.ts';

/** What one session's fax needs of its surroundings. */
export interface FaxSurroundings {
  readonly clock: Clock;
  onTone(from: 'line' | 'network', tone: FaxTone): void;
}

/** Where the fax of a session goes: a port of a board, which may have a T.38 processor of its own. */
export interface FaxPlace {
  readonly board: FxsBoard;
  readonly port: PortNumber;
}

const SILENCE = new Uint8Array(BOARD_FRAME_SAMPLES).fill(ULAW_SILENCE);

/** Everything about fax in one session: the watch for tones, holding back, pass-through, T.38, and what the log tells. */
export class FaxSide {
  readonly #around: FaxSurroundings;
  readonly #linear = new Int16Array(BOARD_FRAME_SAMPLES);
  #ears: { readonly line: ModemTones; readonly network: ModemTones } | undefined;
  #muted = { toNetwork: false, toLine: false };
  #buffer: FaxBuffer | undefined;
  #overhear: FaxOverhear | undefined;
  #t38: FaxSession | undefined;
  #recorder: FaxRecorder | undefined;
  /** Of an earlier T.38 part of the same call. */
  #packets: FaxFigures['packets'] = null;

  constructor(around: FaxSurroundings) {
    this.#around = around;
  }

  get mode(): SessionMode {
    if (this.#t38 !== undefined) return 't38';
    return this.#buffer === undefined ? 'voice' : 'passthrough';
  }

  /** Present when the call was a fax, or part of it. */
  get figures(): FaxFigures | undefined {
    const recorder = this.#recorder;
    if (recorder === undefined) return undefined;
    const counted = this.#t38?.gateway.figures;
    if (counted !== undefined) recorder.counted(counted);
    return recorder.figures(this.#around.clock.monotonicMs(), addPackets(this.#packets, this.#t38?.packets));
  }

  /** The figures, when they are other ones than when this was asked last. */
  takeNews(): FaxFigures | undefined {
    const figures = this.figures;
    return this.#recorder?.takeChange() ? figures : undefined;
  }

  /** Since when neither machine has said anything over T.38; 0 in any other mode. */
  get silentMs(): number {
    return this.#t38?.silentMs(this.#around.clock.monotonicMs()) ?? 0;
  }

  /** The buffer that takes the place of the voice's. */
  get buffer(): FaxBuffer | undefined {
    return this.#buffer;
  }

  // --- commands ---

  /** Listens for tones, each time from the beginning. */
  watch(on: boolean): Result<null> {
    this.#ears?.line.close();
    this.#ears?.network.close();
    this.#ears = undefined;
    if (!on) return ok(null);
    const line = ModemTones.open();
    if (!line.ok) return line;
    const network = ModemTones.open();
    if (!network.ok) {
      line.value.close();
      return network;
    }
    this.#ears = { line: line.value, network: network.value };
    return ok(null);
  }

  mute(muted: { readonly toNetwork: boolean; readonly toLine: boolean }): void {
    this.#muted = { toNetwork: muted.toNetwork, toLine: muted.toLine };
  }

  /** G.711 as modems need it. */
  passthrough(because: string): void {
    this.#endT38();
    this.#buffer ??= new FaxBuffer();
    this.#overhear ??= new FaxOverhear((frame, incoming) => this.#recorder?.frame(frame, incoming));
    this.#record().via('passthrough', because);
  }

  /** T.38 from now on, or with another address. Errors: those of the gateway; the session then goes on as it was. */
  open(parameters: FaxParameters, place: FaxPlace, send: SendDatagram): Result<null> {
    const running = this.#t38;
    if (running !== undefined && sameButAddress(running.parameters, parameters)) {
      running.moveTo(parameters);
      return ok(null);
    }
    const opened = this.#openGateway(parameters, place, {
      ifp: (ifp, copies) => this.#t38?.made(ifp, copies),
      frame: (frame, incoming) => this.#recorder?.frame(frame, incoming),
    });
    if (!opened.ok) return opened;
    this.#endT38();
    this.#endPassthrough();
    const gateway = opened.value;
    this.#t38 = new FaxSession({ parameters, gateway, send, nowMs: this.#around.clock.monotonicMs() });
    this.#record().via(gateway.path, '');
    return ok(null);
  }

  /** Voice again; what the log tells stays. */
  end(): void {
    this.#endT38();
    this.#endPassthrough();
    this.mute({ toNetwork: false, toLine: false });
  }

  // --- sound ---

  /** 10 ms of the line; answers what goes to the network as RTP, or undefined when T.38 has taken it. */
  fromLine(ulaw: Uint8Array, lost: boolean, nowMs: number): Uint8Array | undefined {
    const listens = this.#ears ?? this.#t38 ?? this.#overhear;
    if (listens === undefined) return this.#muted.toNetwork ? SILENCE : ulaw;
    ulawDecodeBlock(ulaw, this.#linear);
    if (this.#t38 !== undefined) {
      this.#t38.hear(this.#linear, lost, nowMs);
      return undefined;
    }
    this.#overhear?.fromLine(this.#linear);
    const tones = this.#ears?.line.push(this.#linear) ?? [];
    for (const tone of tones) this.#around.onTone('line', tone);
    return this.#muted.toNetwork ? SILENCE : ulaw;
  }

  /** 10 ms for the line; `voice` is asked when the session carries neither T.38 nor pass-through. */
  toLine(out: Int16Array, voice: { pull(out: Int16Array): unknown }): void {
    if (this.#t38 !== undefined) {
      this.#t38.speak(out);
      return;
    }
    (this.#buffer ?? voice).pull(out);
    this.#overhear?.toLine(out);
    const tones = this.#ears?.network.push(out) ?? [];
    for (const tone of tones) this.#around.onTone('network', tone);
    if (this.#muted.toLine) out.fill(0);
  }

  /** A datagram in T.38. */
  receive(datagram: Uint8Array, host: string, port: number): void {
    this.#t38?.receive(datagram, host, port, this.#around.clock.monotonicMs());
  }

  /** What a board's own gateway says. */
  boardSays(event: FaxBoardEvent): void {
    const gateway = this.#t38?.gateway;
    if (gateway instanceof BoardGateway) gateway.told(event);
  }

  /** Frees native memory; figures stay. */
  close(): void {
    this.end();
    this.watch(false);
  }

  #openGateway(parameters: FaxParameters, place: FaxPlace, events: FaxGatewayEvents): Result<FaxGateway> {
    const own = place.board.identity?.capabilities.includes('t38') !== true;
    if (own) return openOwnGateway(parameters, events);
    return BoardGateway.open(place.board, place.port, parameters, events);
  }

  #record(): FaxRecorder {
    const { clock } = this.#around;
    this.#recorder ??= new FaxRecorder(clock.now(), clock.monotonicMs());
    return this.#recorder;
  }

  #endT38(): void {
    const t38 = this.#t38;
    if (t38 === undefined) return;
    const counted = t38.gateway.figures;
    if (counted !== undefined) this.#recorder?.counted(counted);
    this.#packets = addPackets(this.#packets, t38.packets);
    this.#t38 = undefined;
    t38.close();
  }

  #endPassthrough(): void {
    this.#buffer?.close();
    this.#buffer = undefined;
    this.#overhear?.close();
    this.#overhear = undefined;
  }
}

function sameButAddress(one: FaxParameters, other: FaxParameters): boolean {
  return (
    one.version === other.version &&
    one.ecm === other.ecm &&
    one.modems === other.modems &&
    one.errorCorrection === other.errorCorrection &&
    one.redundancy === other.redundancy
  );
}

function addPackets(
  before: FaxFigures['packets'],
  now: NonNullable<FaxFigures['packets']> | undefined,
): FaxFigures['packets'] {
  if (now === undefined || before === null) return now ?? before;
  return {
    sent: before.sent + now.sent,
    received: before.received + now.received,
    recovered: before.recovered + now.recovered,
    lost: before.lost + now.lost,
    malformed: before.malformed + now.malformed,
  };
}
