import { badRow, goodRow, type NetRow, skippedRow } from './net-row.ts';

/** A packet of a burst that came back. */
export interface EchoedPacket {
  readonly sequence: number;
  readonly sentMs: number;
  readonly cameMs: number;
  /** How many the service had counted by then, and the jitter with which they came there. */
  readonly count: number;
  readonly jitterMs: number;
}

/** How sound would fare, both ways. */
export interface SoundFigures {
  readonly sent: number;
  readonly lossUpPercent: number;
  readonly lossDownPercent: number;
  readonly jitterUpMs: number;
  readonly jitterDownMs: number;
  /** Median there and back. */
  readonly roundTripMs: number;
  readonly reordered: number;
}

const LOSS = { warn: 1, fail: 5 } as const;
const JITTER_MS = { warn: 20, fail: 60 } as const;
const ROUND_TRIP_WARN_MS = 300;

/** Undefined when nothing came back. `counted` is the service's last word on how many came. */
export function soundFigures(
  sent: number,
  echoed: readonly EchoedPacket[],
  counted: number,
): SoundFigures | undefined {
  if (sent === 0 || echoed.length === 0) return undefined;
  // What came back more often than once counts once.
  const unique = [...new Map(echoed.map((packet) => [packet.sequence, packet])).values()];
  const arrived = Math.min(sent, Math.max(counted, unique.length));
  const byArrival = [...unique].sort((one, other) => one.cameMs - other.cameMs);
  let jitter = 0;
  let transit: number | undefined;
  let reordered = 0;
  let highest = -1;
  for (const { sequence, sentMs, cameMs } of byArrival) {
    const now = cameMs - sentMs;
    if (transit !== undefined) jitter += (Math.abs(now - transit) - jitter) / 16;
    transit = now;
    if (sequence < highest) reordered++;
    highest = Math.max(highest, sequence);
  }
  const trips = unique.map(({ cameMs, sentMs }) => cameMs - sentMs).sort((one, other) => one - other);
  const jitterUpMs = byArrival.at(-1)?.jitterMs ?? 0;
  return {
    sent,
    lossUpPercent: percent(sent - arrived, sent),
    lossDownPercent: percent(arrived - unique.length, arrived),
    jitterUpMs: tenth(jitterUpMs),
    // The way down is what is left of the way there and back.
    jitterDownMs: tenth(Math.max(0, jitter - jitterUpMs)),
    roundTripMs: tenth(trips[Math.floor(trips.length / 2)] ?? 0),
    reordered,
  };
}

/** The row about loss and jitter. */
export function soundRow(figures: SoundFigures | undefined, where: string): NetRow {
  const name = 'rtp udp';
  if (figures === undefined)
    return badRow(name, 'FAIL', 'E-NET-401', `No packet like sound came back from ${where}.`);
  const { lossUpPercent: up, lossDownPercent: down, jitterUpMs, jitterDownMs, roundTripMs, sent } = figures;
  const loss = Math.max(up, down);
  const jitter = Math.max(jitterUpMs, jitterDownMs);
  const shown = { ...figures };
  const said = `${sent} packets, loss up ${up} % down ${down} %, jitter ${jitterUpMs}/${jitterDownMs} ms, ${roundTripMs} ms`;
  if (loss > LOSS.warn) {
    return badRow(name, loss > LOSS.fail ? 'FAIL' : 'WARN', 'E-NET-441', `Sound gets lost: ${said}.`, shown);
  }
  if (jitter > JITTER_MS.warn) {
    const verdict = jitter > JITTER_MS.fail ? 'FAIL' : 'WARN';
    return badRow(name, verdict, 'E-NET-442', `Sound comes unevenly: ${said}.`, shown);
  }
  if (roundTripMs > ROUND_TRIP_WARN_MS) {
    return badRow(name, 'WARN', 'E-NET-443', `The way is long: ${said}.`, shown);
  }
  return goodRow(name, said, shown);
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : tenth((part * 100) / whole);
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The service's clock against ours: of the packet that was fastest there and back, which knows best. */
export function clockOffsetMs(
  trips: readonly { readonly sentAt: number; readonly cameAt: number; readonly theirsAt: number }[],
): number | undefined {
  const best = [...trips].sort((one, other) => one.cameAt - one.sentAt - (other.cameAt - other.sentAt))[0];
  return best === undefined ? undefined : best.theirsAt - (best.sentAt + best.cameAt) / 2;
}

const CLOCK_WARN_MS = 2_000;
const CLOCK_FAIL_MS = 60_000;

/** The row about the clock. */
export function clockRow(offsetMs: number | undefined): NetRow {
  const name = 'time';
  if (offsetMs === undefined) return skippedRow(name, 'not found out: no answer of the service');
  const figures = { offsetMs: Math.round(offsetMs) };
  const apart = Math.abs(offsetMs);
  const shown = apart < 10_000 ? `${Math.round(apart)} ms` : `${Math.round(apart / 1_000)} s`;
  if (apart < CLOCK_WARN_MS) return goodRow(name, `${shown} from the service's clock`, figures);
  const say = `The clock of the box is ${shown} ${offsetMs > 0 ? 'behind' : 'ahead of'} the service's.`;
  return badRow(name, apart < CLOCK_FAIL_MS ? 'WARN' : 'FAIL', 'E-NET-301', say, figures);
}
