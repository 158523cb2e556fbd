import { hangUpIncoming } from './call-in.ts';
import { hangUpOutgoing } from './call-out.ts';
import type { Draft } from './draft.ts';
import { hangUpInternal } from './internal.ts';
import type { Leg } from './model.ts';

/** Line `port` gives up a call, answered or not. */
export function endFromHere(draft: Draft, leg: Leg, port: number): void {
  if (leg.direction === 'internal') hangUpInternal(draft, leg, port);
  else if (leg.direction === 'out') hangUpOutgoing(draft, leg);
  else hangUpIncoming(draft, leg);
}
