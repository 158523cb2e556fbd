import { decodeRtp, encodeRtp } from '../../../lib/voice/rtp/packet.ts';
import type { Net, Place } from './network.ts';
import type { Program } from './world.ts';

const PACKET_MS = 20;
const PACKET_BYTES = 160;
const MARKS = 90;
/** Who hears nothing for so long hangs up. */
const SILENT_MS = 30_000;

/** The byte that every sample of a packet is: loud, and another one than its neighbours'. */
export function markOf(sequence: number): number {
  return 0x10 + (sequence % MARKS);
}

/** Whose sound it is. */
export interface Listener {
  readonly upMs: number | undefined;
  heard: number;
  lastHeardMs: number;
  sent: number;
  hangUp(): void;
}

/** The sound of one party that is no phone of the board's. */
export class Sound {
  readonly #place: Place;
  readonly #net: Net;
  readonly #program: Program;
  readonly #free: (() => void) | undefined;
  #remote: Place | undefined;
  #open = true;
  #sequence = 1;
  call: Listener | undefined;

  constructor(net: Net, program: Program, place: Place) {
    this.#net = net;
    this.#program = program;
    this.#place = place;
    this.#free = net.bind(program, place, (bytes) => {
      if (this.call === undefined || !decodeRtp(bytes).ok) return;
      this.call.heard++;
      this.call.lastHeardMs = program.world.nowMs;
    });
  }

  get port(): number {
    return this.#place.port;
  }

  connect(sdp: string | undefined): void {
    const host = /^c=IN IP4 (\S+)/m.exec(sdp ?? '')?.[1];
    const port = /^m=audio (\d+)/m.exec(sdp ?? '')?.[1];
    if (host !== undefined && port !== undefined) this.#remote = { host, port: Number(port) };
  }

  speak(): void {
    const { call } = this;
    if (!this.#open || call === undefined) return;
    const { nowMs } = this.#program.world;
    // Nobody goes on listening to silence.
    if (nowMs - Math.max(call.lastHeardMs, call.upMs ?? nowMs) > SILENT_MS) {
      call.hangUp();
      return;
    }
    const sequence = this.#sequence++;
    const payload = new Uint8Array(PACKET_BYTES).fill(markOf(sequence));
    const packet = {
      payloadType: 0,
      marker: false,
      sequence,
      timestamp: sequence * 160,
      ssrc: this.port,
      payload,
    };
    if (this.#remote !== undefined) {
      this.#net.send(this.#program, encodeRtp(packet), this.#place, this.#remote);
      call.sent++;
    }
    this.#program.after(PACKET_MS, 'speak', () => this.speak());
  }

  close(): void {
    this.#open = false;
    this.#free?.();
  }
}

/** A session description for G.711 there. */
export function describe(host: string, port: number): string {
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    'a=ptime:20',
    '',
  ].join('\r\n');
}
