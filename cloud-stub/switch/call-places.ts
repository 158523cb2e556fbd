import type { ServiceId } from '../../lib/base/ids.ts';
import type { Session } from '../../lib/voice/sip/api.ts';
import type { CallMedia } from './call-media.ts';
import type { Call } from './call-types.ts';
import type { QuietParty } from './silence-probe.ts';

type Side = 'a' | 'b';

/** A call, and the ID in the caller's place: null for a party outside. */
interface Seated {
  readonly call: Call;
  readonly callerId: ServiceId | null;
  readonly media: CallMedia;
}

/** The ID in a place of a call that is up; null for a party outside. */
function idAt({ call, callerId }: Seated, side: Side): ServiceId | null {
  if (side === 'a') return callerId;
  const target = call.at === 'talking' || call.at === 'parked' ? call.legs[call.winner]?.target : undefined;
  return target?.kind === 'member' ? target.id : null;
}

/** The place from which an ID holds the other party, whom it could park; undefined when it does not. A fax is not parked. */
export function holdsFrom(seated: Seated, id: ServiceId): Side | undefined {
  const { call, media } = seated;
  if (call.at !== 'talking' || !media.carriesAudio) return undefined;
  return (['a', 'b'] as const).find((side) => idAt(seated, side) === id && media.isHeld(side));
}

/** The boxes of ours in a call that is up, and how long nothing has come from each. */
export function boxesOf(
  seated: Seated,
  sessionAt: (side: Side) => Session | undefined,
): readonly QuietParty[] {
  const { call, media } = seated;
  if (call.at !== 'talking' && call.at !== 'parked') return [];
  const there: readonly Side[] = call.at === 'talking' ? ['a', 'b'] : [call.waits === 'caller' ? 'a' : 'b'];
  return there.flatMap((side) => {
    const session = idAt(seated, side) === null ? undefined : sessionAt(side);
    return session === undefined ? [] : [{ session, silentMs: media.silentMsOf(side) }];
  });
}

/**
 * Whether no audio comes any more, or only from one side while the box of the other is gone: silent and no longer
 * registered. Whoever waits in a slot may be silent for long, but not when his box is gone.
 */
export function isSilent(
  seated: Seated,
  limits: {
    readonly limitMs: number;
    readonly nowMs: number;
    readonly reachable: (id: ServiceId) => boolean;
  },
): boolean {
  const { call, media } = seated;
  const { limitMs, nowMs, reachable } = limits;
  const gone = (side: Side): boolean => {
    const id = idAt(seated, side);
    return id !== null && !reachable(id) && media.silentMsOf(side) > limitMs;
  };
  if (call.at === 'parked') return gone(call.waits === 'caller' ? 'a' : 'b');
  if (call.at !== 'talking' || nowMs - (call.answeredMs ?? 0) <= limitMs) return false;
  return gone('a') || gone('b') || media.silentMs() > limitMs;
}
