import { describe, expect, it } from 'vitest';
import { RoutingMemory } from '../../../cloud-stub/routing/index.ts';
import type { Decision, Turn } from '../../../cloud-stub/routing/types.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { dial, officeOn } from './outgoing-office.ts';
import { BASE, SECOND, snapshotOf } from './world.ts';

const morning = instant(japanMidnight(2026, 11, 18) + 9 * 3_600_000);
const tomorrow = japanMidnight(2026, 11, 19);
const network = dial(officeOn('app'), '0312345678');
const turn: Turn = { key: '0120555010/all', shares: 'a:100', given: 3 };

describe('what routing remembers', () => {
  it('hands the turn of a group to the next call [S2-033]', () => {
    const memory = new RoutingMemory();
    const view = memory.over(snapshotOf(), morning);
    expect(view.turn?.(turn.key)).toBeUndefined();
    memory.remember({ ...network, nextTurn: turn }, morning);
    expect(view.turn?.(turn.key)).toEqual(turn);
    expect(view.turn?.('0120555010/other')).toBeUndefined();
  });

  it('counts the calls of an ID by day in Japan [A-09]', () => {
    const memory = new RoutingMemory();
    memory.remember(network, morning);
    memory.remember(network, instant(tomorrow - 1));
    expect(memory.over(snapshotOf(), morning).callsOutToday?.(BASE)).toBe(2);
    expect(memory.over(snapshotOf(), morning).callsOutToday?.(SECOND)).toBe(0);
    expect(memory.over(snapshotOf(), tomorrow).callsOutToday?.(BASE)).toBe(0);
    memory.remember(network, tomorrow);
    expect(memory.over(snapshotOf(), tomorrow).callsOutToday?.(BASE)).toBe(1);
  });

  it('goes on with what it is given after a restart, on that day only [A-09] [S2-033]', () => {
    const memory = new RoutingMemory();
    memory.restore([turn], new Map([[BASE, 30]]), morning);
    memory.remember(network, morning);
    const view = memory.over(snapshotOf(), morning);
    expect([view.turn?.(turn.key), view.callsOutToday?.(BASE)]).toEqual([turn, 31]);
    memory.remember(network, tomorrow);
    expect(memory.over(snapshotOf(), tomorrow).callsOutToday?.(BASE)).toBe(1);
  });

  it('counts neither internal, refused nor emergency calls', () => {
    const memory = new RoutingMemory();
    const others: readonly Decision[] = [
      dial(officeOn('deskPhone'), '119'),
      dial(officeOn('deskPhone'), '0355550100'),
      dial(officeOn('deskPhone'), '0990123456'),
    ];
    expect(others.map(({ plan }) => plan.verb)).toEqual(['network', 'ring', 'reject']);
    for (const one of others) memory.remember(one, morning);
    expect(memory.over(snapshotOf(), morning).callsOutToday?.(BASE)).toBe(0);
  });

  it('leaves the rest of the snapshot as it is', () => {
    const view = new RoutingMemory().over(snapshotOf(), morning);
    expect(view.number('0355550100')?.contract).toBe('c-000001');
  });
});
