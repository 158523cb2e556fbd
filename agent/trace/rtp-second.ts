import { shownPlace, whoIs } from './ladder.ts';
import type { Traced, Whose } from './traced.ts';

/** Streams that are followed at once; more are not shown in the live lines, and counted. */
const STREAMS_MOST = 64;
const CLOCK_RATE_PER_MS = 8;
/** RFC 3551 table 4. */
const NAMES: Readonly<Record<number, string>> = { 0: 'PCMU', 8: 'PCMA', 13: 'CN' };

interface Stream {
  readonly whose: Whose;
  readonly way: string;
  readonly place: string;
  ssrc: number;
  sequence: number | undefined;
  transit: number | undefined;
  jitter: number;
  packets: number;
  lost: number;
  reports: number;
  keys: number;
  type: string;
}

/** Makes a line a second and stream out of RTP: a line a packet would be fifty. Loss and jitter as in RFC 3550. */
export class RtpSecond {
  readonly #streams = new Map<string, Stream>();
  /** Streams that found no room. */
  unseen = 0;

  push(traced: Traced): void {
    const { direction, remote, local, bytes, carries, whose } = traced;
    // Reports go one port higher, and belong to the sound.
    const key = `${direction} ${local.port & ~1} ${remote.host} ${remote.port & ~1}`;
    const stream = this.#streams.get(key) ?? this.#open(key, traced);
    if (stream === undefined) return;
    if (whose.line !== undefined || whose.phone !== undefined) Object.assign(stream, { whose });
    if (carries === 'rtcp') stream.reports++;
    else if (carries === 'udptl') {
      stream.packets++;
      stream.type = 'T.38';
    } else if (bytes.length >= 12) hear(stream, bytes, traced.atMs);
  }

  /** The lines of what came since the last call. Streams in which nothing came are forgotten. */
  lines(): readonly string[] {
    const shown: string[] = [];
    for (const [key, stream] of this.#streams) {
      if (stream.packets === 0 && stream.reports === 0) {
        this.#streams.delete(key);
        continue;
      }
      shown.push(lineOf(stream));
      stream.packets = 0;
      stream.lost = 0;
      stream.reports = 0;
      stream.keys = 0;
    }
    return shown;
  }

  #open(key: string, { direction, remote, whose }: Traced): Stream | undefined {
    if (this.#streams.size >= STREAMS_MOST) {
      this.unseen++;
      return undefined;
    }
    const stream: Stream = {
      ...{ whose, way: direction === 'in' ? '<-' : '->', place: shownPlace(remote) },
      ...{ ssrc: 0, sequence: undefined, transit: undefined, jitter: 0 },
      ...{ packets: 0, lost: 0, reports: 0, keys: 0, type: '?' },
    };
    this.#streams.set(key, stream);
    return stream;
  }
}

function hear(stream: Stream, bytes: Buffer, atMs: number): void {
  const type = (bytes[1] ?? 0) & 0x7f;
  const sequence = bytes.readUInt16BE(2);
  const ssrc = bytes.readUInt32BE(8);
  stream.packets++;
  // A payload of four bytes of a dynamic type is a key press (RFC 4733); which key is nobody's business here.
  if (type >= 96 && bytes.length === 16) stream.keys++;
  else stream.type = NAMES[type] ?? `type ${type}`;
  if (ssrc !== stream.ssrc) {
    stream.ssrc = ssrc;
    stream.sequence = undefined;
    stream.transit = undefined;
  }
  if (stream.sequence !== undefined) {
    const step = (sequence - stream.sequence) & 0xffff;
    if (step > 1 && step < 0x8000) stream.lost += step - 1;
    if (step >= 0x8000) return;
  }
  stream.sequence = sequence;
  if (type >= 96) return;
  const transit = atMs * CLOCK_RATE_PER_MS - bytes.readUInt32BE(4);
  if (stream.transit !== undefined) {
    const jump = Math.abs(transit - stream.transit);
    // Another stretch of speech may begin with another timestamp: no jitter, a new beginning.
    if (jump < CLOCK_RATE_PER_MS * 1_000) stream.jitter += (jump - stream.jitter) / 16;
  }
  stream.transit = transit;
}

function lineOf(stream: Stream): string {
  const { whose, way, place, type, packets, lost, jitter, reports, keys } = stream;
  const parts = [
    (whoIs(whose) ?? '').padEnd(10),
    way,
    place.padEnd(21),
    type,
    `${packets}/s`,
    `lost ${lost}`,
    ...(way === '<-' ? [`jitter ${(jitter / CLOCK_RATE_PER_MS).toFixed(1)} ms`] : []),
    ...(reports > 0 ? ['rtcp'] : []),
    ...(keys > 0 ? ['keys'] : []),
  ];
  return parts.join(' ');
}
