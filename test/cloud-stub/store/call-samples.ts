import type { BatchItem } from '../../../cloud-stub/store/box-batch.ts';
import type { SwitchCallEnd, SwitchCallStart } from '../../../cloud-stub/switch/ports.ts';
import { type Instant, instant, systemClock } from '../../../lib/base/clock.ts';
import {
  type CallId,
  type ContractId,
  type GatewayId,
  newCallId,
  type ServiceId,
} from '../../../lib/base/ids.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { BoxRecord } from '../../../lib/contract/facts.ts';

export const CONTRACT = 'c-000001' as ContractId;
export const GATEWAY = 'gw-000001' as GatewayId;
export const FIRST = 'id-000001-1' as ServiceId;
export const SECOND = 'id-000001-2' as ServiceId;
/** The call that every sample is about begins here. */
export const START: Instant = instant(Date.UTC(2026, 10, 21, 3, 0, 0));

export function freshCall(): CallId {
  return newCallId(systemClock, systemRandom);
}

/** A call of the first phone to a fixed line. */
export function callOut(call: CallId, changed: Partial<SwitchCallStart> = {}): SwitchCallStart {
  return {
    call,
    contract: CONTRACT,
    direction: 'out',
    id: FIRST,
    device: 'adapter',
    from: '0355550100',
    to: '0355550123',
    destination: 'geographic',
    startedAt: START,
    decision: {
      plan: {
        verb: 'network',
        contract: CONTRACT,
        id: FIRST,
        number: '0355550123',
        presents: '0355550100',
        withheld: false,
        destination: 'geographic',
        takesChannel: true,
        emergency: false,
      },
      trace: [{ rule: 'out.network', facts: ['S0-046'], say: 'a fixed line' }],
    },
    ...changed,
  };
}

/** A call from outside that rings both phones. */
export function callIn(call: CallId): SwitchCallStart {
  return callOut(call, {
    direction: 'in',
    id: null,
    device: null,
    from: '0612345678',
    to: '0355550100',
    decision: {
      plan: {
        verb: 'ring',
        contract: CONTRACT,
        called: '0355550100',
        members: [FIRST, SECOND],
        forMs: 60_000,
        takesChannel: true,
      },
      trace: [],
    },
  });
}

export function endOf(talkMs: number): SwitchCallEnd {
  return {
    endedAt: later(1_000 + talkMs),
    talkMs,
    end: talkMs === 0 ? 'callerGaveUp' : 'answeredThenCallerHungUp',
    because: 'hung up',
  };
}

/** A moment of the sample call. */
export function later(ms: number): Instant {
  return instant(START + ms);
}

/** The box's record of a call of the first phone, answered after one second. */
export function boxRecordOf(sequence: number, call: CallId, changed: Partial<BoxRecord> = {}): BoxRecord {
  return {
    id: `gw-000001/00c0ffee/${sequence}`,
    call,
    direction: 'out',
    line: 1,
    serviceId: FIRST,
    from: '11',
    to: '0355550123',
    startedAt: START,
    answeredAt: START + 1_000,
    endedAt: START + 11_000,
    talkMs: 10_000,
    end: 'answeredThenCallerHungUp',
    because: '',
    interrupted: false,
    media: { packetsSent: 500, packetsReceived: 500, packetsLost: 0, jitterMs: 0.4, concealedMs: 0 },
    ...changed,
  };
}

export function good(...records: BoxRecord[]): BatchItem[] {
  return records.map((record) => ({ kind: 'good', record }));
}
