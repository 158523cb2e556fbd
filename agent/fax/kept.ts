import { z } from 'zod';
import type { SessionMode } from '../media/protocol.ts';
import { MUTE_NOTHING, muted, toPassthrough } from './fax-moves.ts';
import type { FaxState, FaxStepped } from './fax-state.ts';

const kept = z.object({
  at: z.enum(['listening', 'offering', 'glare', 'passthrough', 't38']),
  tried: z.boolean(),
  because: z.string().max(300).optional(),
  since: z.enum(['ours', 'theirs']).optional(),
  mute: z.object({ toNetwork: z.boolean(), toLine: z.boolean() }),
});

/**
 * A fax of an earlier run goes on: in T.38 when the media process still speaks it, else as sound. What was being agreed is
 * taken as refused, because nobody was there for the answer.
 */
export function faxAfterRestart(value: unknown, mode: SessionMode): FaxStepped {
  const parsed = kept.safeParse(value);
  const found = parsed.success ? parsed.data : undefined;
  const common = { heard: { cngFromNetwork: false, answerer: null }, mute: MUTE_NOTHING } as const;
  const listening: Extract<FaxState, { readonly at: 'listening' }> = {
    at: 'listening',
    spoke: false,
    ...common,
    tried: found?.tried ?? false,
  };
  if (mode === 't38') {
    const since = found?.since ?? 'theirs';
    return { state: { at: 't38', since, ...common, tried: listening.tried }, effects: [] };
  }
  if (found?.at === 'offering' || found?.at === 'glare' || found?.at === 't38') {
    const stepped = toPassthrough(listening, 'the agent was restarted while T.38 was being agreed');
    return { ...stepped, effects: [...stepped.effects, { type: 'mute', mute: MUTE_NOTHING }] };
  }
  if (mode === 'passthrough' && found?.at === 'passthrough') {
    const because = found.because ?? '';
    return { state: { at: 'passthrough', because, pending: false, ...common, tried: true }, effects: [] };
  }
  // The media process listens on by itself; what is held back would stay so.
  return { state: listening, effects: muted(found?.mute ?? MUTE_NOTHING, MUTE_NOTHING) };
}
