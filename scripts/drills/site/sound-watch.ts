import type { MediaCommand } from '../../../agent/media/protocol.ts';
import { ULAW_SILENCE } from '../../../lib/dsp/g711.ts';
import { decodeRtp } from '../../../lib/voice/rtp/packet.ts';
import type { Hardware } from './board.ts';
import { BOX_HOST, type MediaWitness } from './box.ts';
import { CLOUD_HOST } from './cloud.ts';
import type { NetTap, Place } from './network.ts';
import { markOf } from './sound.ts';
import type { World } from './world.ts';

const PACKET_MS = 20;
/** Packets leave on the board's clock, exactly. */
const GAP_MOST_MS = PACKET_MS + 0.5;
/** What the jitter buffer keeps in hand at the beginning of a stream. */
const IN_HAND_MS = 40;
/** Nothing for so long, and the buffer begins anew. */
const PAUSE_MS = 400;
/**
 * A packet that came is heard within this time: up to 120 ms in the buffer, and where a slow line (200 ms more, and its
 * jitter) has just become fast again, after all those that are still on the slow way.
 */
const HEARD_WITHIN_MS = 400;

interface Arrival {
  readonly atMs: number;
  readonly sequence: number;
}

/** A line that is joined to a session, from the moment on. */
interface Joined {
  readonly port: number;
  readonly session: string;
  readonly udp: number;
  readonly sinceMs: number;
  readonly arrivals: Arrival[];
  readonly heard: { readonly atMs: number; readonly byte: number }[];
  lastSentMs: number | undefined;
  sent: number;
  worstGapMs: number;
  /** Something else is heard as well: what the ear got cannot be judged. */
  mixed: boolean;
  /** Nothing leaves for a reason. */
  quiet: boolean;
}

/** What the sound of all runs came to. */
export interface SoundFigures {
  readonly spells: number;
  readonly packetsSent: number;
  readonly packetsArrived: number;
  readonly worstGapMs: number;
  readonly late: number;
}

/**
 * Holds the sound of every line against the network: while a line is joined to a call, a packet leaves every 20 ms of the
 * board's clock, and every packet that arrives in time is heard.
 */
export class SoundWatch implements MediaWitness, NetTap {
  readonly #world: World;
  readonly #hardware: () => Hardware;
  readonly #ports = new Map<string, number>();
  readonly #joined = new Map<number, Joined>();
  #figures = { spells: 0, packetsSent: 0, packetsArrived: 0, worstGapMs: 0, late: 0 };

  constructor(world: World, hardware: () => Hardware) {
    this.#world = world;
    this.#hardware = hardware;
  }

  get figures(): SoundFigures {
    return this.#figures;
  }

  // --- what the media process does ---

  command(command: MediaCommand, answer: unknown): void {
    switch (command.type) {
      case 'rtpOpen':
        this.#ports.set(command.session, (answer as { localPort: number }).localPort);
        return;
      case 'rtpClose':
        for (const joined of this.#joined.values()) {
          if (joined.session === command.session) this.#part(joined.port);
        }
        this.#ports.delete(command.session);
        return;
      case 'attach': {
        const { attachment, port } = command;
        const now = this.#joined.get(port);
        if (attachment.to === 'rtp' && now?.session === attachment.session) return;
        this.#part(port);
        if (attachment.to === 'rtp') this.#join(port, attachment.session);
        return;
      }
      case 'overlay': {
        const joined = this.#joined.get(command.port);
        if (joined !== undefined) joined.mixed = true;
        return;
      }
      case 'dtmf':
      case 'sessionTone':
      case 'bridge':
      case 'faxMute':
        for (const joined of this.#joined.values()) {
          if (joined.session === command.session) joined.quiet = true;
        }
        return;
      default:
        return;
    }
  }

  /** The process was killed: what it held is over, and nothing of it is judged. */
  gone(): void {
    this.#joined.clear();
    this.#ports.clear();
  }

  // --- what the phones do ---

  /** The ear of a phone got 10 ms. */
  hears(port: number, byte: number): void {
    this.#joined.get(port)?.heard.push({ atMs: this.#world.nowMs, byte });
  }

  /** A phone is put down. */
  hungUp(port: number): void {
    this.#part(port);
  }

  // --- what the network does ---

  sent(bytes: Buffer, from: Place, to: Place): void {
    if (from.host !== BOX_HOST || to.host !== CLOUD_HOST || !decodeRtp(bytes).ok) return;
    for (const joined of this.#joined.values()) {
      if (joined.udp !== from.port) continue;
      const { nowMs } = this.#world;
      if (joined.lastSentMs !== undefined) {
        joined.worstGapMs = Math.max(joined.worstGapMs, nowMs - joined.lastSentMs);
      }
      joined.lastSentMs = nowMs;
      joined.sent++;
    }
  }

  arrived(bytes: Buffer, from: Place, to: Place): void {
    if (to.host !== BOX_HOST || from.host !== CLOUD_HOST) return;
    const decoded = decodeRtp(bytes);
    if (!decoded.ok) return;
    for (const joined of this.#joined.values()) {
      if (joined.udp !== to.port) continue;
      joined.arrivals.push({ atMs: this.#world.nowMs, sequence: decoded.value.sequence });
    }
  }

  // --- judgement ---

  #join(port: number, session: string): void {
    const udp = this.#ports.get(session);
    if (udp === undefined || !this.#hardware().phone(port).offHook) return;
    this.#joined.set(port, {
      ...{ port, session, udp, sinceMs: this.#world.nowMs, arrivals: [], heard: [] },
      ...{ lastSentMs: undefined, sent: 0, worstGapMs: 0, mixed: false, quiet: false },
    });
  }

  #part(port: number): void {
    const joined = this.#joined.get(port);
    if (joined === undefined) return;
    this.#joined.delete(port);
    const { nowMs } = this.#world;
    this.#figures = {
      spells: this.#figures.spells + 1,
      packetsSent: this.#figures.packetsSent + joined.sent,
      packetsArrived: this.#figures.packetsArrived + joined.arrivals.length,
      worstGapMs: Math.max(this.#figures.worstGapMs, joined.worstGapMs),
      late: this.#figures.late,
    };
    if (!joined.quiet) this.#judgeSent(joined, nowMs);
    if (!joined.mixed) this.#judgeHeard(joined, nowMs);
  }

  #judgeSent(joined: Joined, untilMs: number): void {
    const where = `line ${joined.port}, session ${joined.session}`;
    if (joined.worstGapMs > GAP_MOST_MS) {
      this.#world.wrong('sound.gap', `${where}: ${joined.worstGapMs.toFixed(1)} ms between two packets`);
    }
    const lastMs = joined.lastSentMs ?? joined.sinceMs;
    // A session that is not connected yet has nobody to send to.
    if (joined.sent > 0 && untilMs - lastMs > GAP_MOST_MS + PACKET_MS) {
      this.#world.wrong(
        'sound.stopped',
        `${where}: nothing left in its last ${Math.round(untilMs - lastMs)} ms`,
      );
    }
  }

  #judgeHeard(joined: Joined, untilMs: number): void {
    const { heard } = joined;
    let reference: Arrival | undefined;
    let last: Arrival | undefined;
    let from = 0;
    for (const arrival of joined.arrivals) {
      const pause = last === undefined || arrival.atMs - last.atMs > PAUSE_MS;
      if (pause) reference = arrival;
      last = arrival;
      if (reference === undefined || untilMs - arrival.atMs < HEARD_WITHIN_MS) continue;
      const transitMs = arrival.atMs - arrival.sequence * PACKET_MS;
      const lateMs = transitMs - (reference.atMs - reference.sequence * PACKET_MS);
      if (lateMs > IN_HAND_MS - 12 || lateMs < -200) {
        this.#figures = { ...this.#figures, late: this.#figures.late + 1 };
        continue;
      }
      while ((heard[from]?.atMs ?? Number.POSITIVE_INFINITY) < arrival.atMs - 5) from++;
      const mark = markOf(arrival.sequence);
      let found = false;
      for (let at = from; at < heard.length; at++) {
        const one = heard[at];
        if (one === undefined || one.atMs > arrival.atMs + HEARD_WITHIN_MS) break;
        if (one.byte === mark) {
          found = true;
          break;
        }
      }
      if (found) continue;
      const when = ((arrival.atMs - joined.sinceMs) / 1_000).toFixed(2);
      this.#world.wrong(
        'sound.missing',
        `line ${joined.port}: packet ${arrival.sequence}, ${when} s into the talk, arrived and was not heard`,
      );
      return;
    }
  }
}

/** Whether an ear gets anything at all. */
export function isSound(byte: number): boolean {
  return byte !== ULAW_SILENCE && byte !== 0x7f;
}
