import { createSocket, type Socket } from 'node:dgram';
import { systemClock } from '../../../lib/base/clock.ts';
import { ulawDecodeBlock, ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import { tonePower } from '../../../lib/dsp/goertzel.ts';
import { peakOf } from '../../../lib/dsp/level.ts';
import { decodeRtp, encodeRtp } from '../../../lib/voice/rtp/packet.ts';
import type { InviteFacts, ReinviteOutcome, Session, SessionEvent } from '../../../lib/voice/sip/api.ts';

const SECOND_SAMPLES = 8_000;

/** Somebody outside: a session without a network around it, and real RTP. Says a steady tone, knows what it hears. */
export class FarParty implements Session {
  readonly direction: 'in' | 'out';
  readonly invite: InviteFacts;
  /** Every offer that it got inside the call. */
  readonly offers: string[] = [];
  ended = false;
  #listener: (event: SessionEvent) => void = () => {};
  #answeredWith: string | undefined;
  readonly #socket: Socket;
  readonly #hz: number;
  readonly #heard: Int16Array[] = [];
  #to: { readonly host: string; readonly port: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(direction: 'in' | 'out', invite: InviteFacts, hz: number, socket: Socket) {
    this.direction = direction;
    this.invite = invite;
    this.#hz = hz;
    this.#socket = socket;
    socket.on('message', (datagram) => {
      const packet = decodeRtp(datagram);
      if (!packet.ok || packet.value.payloadType !== 0) return;
      const samples = new Int16Array(packet.value.payload.length);
      ulawDecodeBlock(packet.value.payload, samples);
      this.#heard.push(samples);
      if (this.#heard.length > 100) this.#heard.shift();
    });
  }

  static open(direction: 'in' | 'out', invite: InviteFacts, hz: number, socket: Socket): FarParty {
    return new FarParty(direction, invite, hz, socket);
  }

  static socket(host: string): Promise<Socket> {
    const socket = createSocket('udp4');
    return new Promise((resolve) => socket.bind(0, host, () => resolve(socket)));
  }

  get sdp(): string {
    const { address, port } = this.#socket.address();
    return `${address}:${port}`;
  }

  /** Takes the call; from now on it speaks. */
  pickUp(): void {
    this.#speak(this.invite.sdp ?? '');
    this.#listener({ type: 'answered', sdp: this.sdp });
  }

  hangsUp(): void {
    this.#listener({ type: 'ended', by: 'peer', reason: undefined });
    this.close();
  }

  /** Level of a tone in the last half second, dBm0. */
  hears(hz: number): number {
    const last = this.#heard.slice(-25);
    const samples = new Int16Array(last.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of last) {
      samples.set(part, at);
      at += part.length;
    }
    return samples.length < SECOND_SAMPLES / 4 ? -99 : tonePower(samples, hz);
  }

  /** Forgets what it heard so far. */
  forget(): void {
    this.#heard.length = 0;
  }

  close(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.#timer);
    this.#socket.close();
  }

  listen(listener: (event: SessionEvent) => void): void {
    this.#listener = listener;
  }

  progress(): void {}

  answer(sdp: string): void {
    this.#answeredWith = sdp;
    this.#speak(sdp);
  }

  get answered(): boolean {
    return this.#answeredWith !== undefined;
  }

  reject(): void {
    this.close();
  }

  reinvite(sdp: string, settled: (outcome: ReinviteOutcome) => void): void {
    this.offers.push(sdp);
    setTimeout(() => settled({ ok: true, sdp: this.sdp }), 5);
  }

  hangUp(): void {
    this.close();
  }

  snapshot(): undefined {
    return undefined;
  }

  #speak(sdp: string): void {
    const [host = '', port = ''] = sdp.split(':');
    this.#to = { host, port: Number(port) };
    const startMs = systemClock.monotonicMs();
    let sent = 0;
    const step = (): void => {
      if (this.ended || this.#to === undefined) return;
      for (; systemClock.monotonicMs() >= startMs + sent * 20; sent++)
        this.#socket.send(this.#packet(sent), this.#to.port, this.#to.host);
      this.#timer = setTimeout(step, 10);
    };
    step();
  }

  #packet(index: number): Uint8Array {
    const samples = Int16Array.from({ length: 160 }, (_, at) =>
      Math.round(peakOf(-13) * Math.sin((2 * Math.PI * this.#hz * (index * 160 + at)) / 8_000)),
    );
    return encodeRtp({
      payloadType: 0,
      marker: index === 0,
      sequence: index & 0xffff,
      ssrc: this.#hz,
      timestamp: index * 160,
      payload: ulawEncodeBlock(samples),
    });
  }
}
