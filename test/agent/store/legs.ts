import type { LegEnd, LegStart } from '../../../agent/calls/journal.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { CallId } from '../../../lib/base/ids.ts';

/** The n-th call of a test. */
export function legStart(n: number): LegStart {
  return {
    call: `mfxyz${n}-${String(n).padStart(16, '0')}` as CallId,
    direction: 'out',
    line: 1,
    serviceId: 'id-000001-1',
    from: '11',
    to: '0355550123',
    startedAt: instant(1_790_000_000_000 + n),
  };
}

/** How it ended. */
export function legEnd(n: number, changes: Partial<LegEnd> = {}): LegEnd {
  return {
    endedAt: instant(1_790_000_060_000 + n),
    talkMs: 50_000,
    end: 'answeredThenCallerHungUp',
    because: '',
    interrupted: false,
    media: { packetsSent: 3_000, packetsReceived: 2_990, packetsLost: 10, jitterMs: 1.5, concealedMs: 200 },
    ...changes,
  };
}
