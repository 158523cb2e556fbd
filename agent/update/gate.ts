import { z } from 'zod';
import type { CodedError } from '../../lib/base/errors.ts';
import { healthSeen, type Judgement, judge } from '../sync/index.ts';

/** What worked, as far as another system can spoil it. Kept on disk over the restart; no secrets. */
export const picture = z.strictObject({
  seen: healthSeen,
  /** Revision of the configuration that runs; null while there is none. */
  config: z.int().nullable(),
  /** Whether `data` takes writes. */
  writable: z.boolean(),
  /** Whether the box has an address in a network. */
  network: z.boolean(),
  /** Where the service was, by number: whether it is there can be told without names. */
  service: z.strictObject({ address: z.string().max(60), port: z.int().min(1).max(65_535) }).nullable(),
});
export type Picture = Readonly<z.infer<typeof picture>>;

/** What a new system is judged by. */
export type GateSignal = 'board' | 'trunk' | 'cloud' | 'config' | 'data' | 'network';

type Verdict =
  | { readonly is: 'healthy' }
  | { readonly is: 'failing' | 'unclear'; readonly signal: GateSignal; readonly say: string };

/** A new system that is watched. Times are monotonic ms. */
export interface Gate {
  readonly sinceMs: number;
  readonly lookedMs: number;
  /** For how long it was well, all in all. */
  readonly wellMs: number;
  readonly verdict: Verdict;
  /** Since when the verdict is what it is. */
  readonly verdictMs: number;
}

export type GateStep =
  | { readonly at: 'watching'; readonly gate: Gate }
  | { readonly at: 'good'; readonly say: string }
  | { readonly at: 'bad'; readonly reason: CodedError };

/** So long well, and the system is believed. */
export const WELL_MS = 60_000;
/** What does not work for so long after a start will not. */
export const FAILING_MOST_MS = 180_000;
/** A service that is out of reach for so long is no fault of the system: it is believed without. */
export const UNCLEAR_MOST_MS = 300_000;
/** By now there is an answer, before the system's own deadline takes the decision away. */
export const DECIDE_BY_MS = 540_000;

export function beginGate(nowMs: number): Gate {
  return {
    sinceMs: nowMs,
    lookedMs: nowMs,
    wellMs: 0,
    verdict: { is: 'failing', signal: 'board', say: 'the box has not been looked at yet' },
    verdictMs: nowMs,
  };
}

/**
 * Pure: one more look at a new system. Only what worked before can be lost, and a service that cannot be reached at all speaks
 * against nobody; one that can be reached and is not spoken with does.
 */
export function stepGate(
  gate: Gate,
  before: Picture | null,
  now: Picture,
  reaches: boolean | null,
  nowMs: number,
): GateStep {
  const verdict = before === null ? HEALTHY : judgeSystem(before, now, reaches);
  const same = verdict.is === gate.verdict.is;
  const verdictMs = same ? gate.verdictMs : nowMs;
  const wellMs = gate.wellMs + (verdict.is === 'healthy' ? Math.max(0, nowMs - gate.lookedMs) : 0);
  const late = nowMs - gate.sinceMs >= DECIDE_BY_MS;
  switch (verdict.is) {
    case 'healthy':
      if (wellMs >= WELL_MS || late) return { at: 'good', say: 'everything works that worked before' };
      break;
    case 'failing':
      if (nowMs - verdictMs >= FAILING_MOST_MS || late) return { at: 'bad', reason: reasonOf(verdict) };
      break;
    case 'unclear':
      if (nowMs - verdictMs >= UNCLEAR_MOST_MS || late) {
        return { at: 'good', say: `${verdict.say}, which is not the fault of this system` };
      }
  }
  return { at: 'watching', gate: { ...gate, lookedMs: nowMs, wellMs, verdict, verdictMs } };
}

const HEALTHY: Verdict = { is: 'healthy' };

/** Pure: whether the box is worse than it was before the update. `reaches`: whether anybody listens where the service was. */
export function judgeSystem(before: Picture, now: Picture, reaches: boolean | null): Verdict {
  if (before.writable && !now.writable) {
    return { is: 'failing', signal: 'data', say: 'nothing can be written to the data partition any more' };
  }
  if (before.config !== null && (now.config === null || now.config < before.config)) {
    const runs = now.config === null ? 'none runs' : `revision ${now.config} runs`;
    return {
      is: 'failing',
      signal: 'config',
      say: `of the configuration that was confirmed (revision ${before.config}) ${runs}`,
    };
  }
  return ofService(judge(before.seen, now.seen), before, now, reaches);
}

function ofService(judged: Judgement, before: Picture, now: Picture, reaches: boolean | null): Verdict {
  if (judged.is === 'healthy') return HEALTHY;
  const { say } = judged;
  const signal = judged.signal === 'phones' ? 'network' : judged.signal;
  if (judged.is === 'failing') return { is: 'failing', signal, say };
  if (before.network && !now.network) {
    return { is: 'failing', signal: 'network', say: 'the box has no address in the network any more' };
  }
  const away = before.seen.cloud && !now.seen.cloud;
  // The service is there, and only we do not get on with it: then it is us.
  const ours = !away || reaches === true;
  return { is: ours ? 'failing' : 'unclear', signal, say };
}

function reasonOf({ signal, say }: Exclude<Verdict, { readonly is: 'healthy' }>): CodedError {
  return { code: `update.${signal}`, fault: 'peer', say: `Since the new system runs, ${say}.` };
}
