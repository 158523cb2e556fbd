import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainNumber } from '../../../agent/calls/explain-number.ts';
import type { OutsideBar } from '../../../agent/calls/model.ts';
import { LAN_HABITS } from '../../../lib/contract/lan-config.ts';
import { exampleConfig, OfficeWorld, samplePhone } from './office-world.ts';

function office(): OfficeWorld {
  const world = new OfficeWorld();
  const lan = { ...LAN_HABITS, phones: [samplePhone(1)] };
  world.open({ ...exampleConfig(), lan, elsewhere: [{ extension: '31', label: 'app' }] });
  return world;
}

/** Steps as `step: sentence`. */
function explained(world: OfficeWorld, digits: string, port?: number, bar?: OutsideBar) {
  const told = explainNumber(world.state, digits, port, () => bar);
  return {
    outcome: told?.outcome,
    steps: told?.steps.map(({ step, verdict, say }) => `${verdict} ${step}: ${say}`) ?? [],
  };
}

describe('what would become of a number', () => {
  it('outside: how it is read, what is shown, which trunk, which channels, at what kind of price', () => {
    const world = office();
    expect(explained(world, '0355550123')).toEqual({
      outcome: 'outside',
      steps: [
        'OK dialled: 0355550123 on line 1; complete with the last digit',
        'OK dial plan: 0355550123 is a fixed line',
        '-- shows: 0355550100',
        'OK trunk: 127.54.0.10, as id-000001-1',
        'OK channels: 2 of 2 free',
        '-- price: the rate for fixed lines',
      ],
    });
    expect(explained(world, '18409012345678', 2).steps).toContain('-- shows: no number (184)');
    expect(explained(world, '*1209012345678').steps).toContain('-- shows: 0355550101');
    expect(explained(world, '01033123456789').steps[0]).toMatch(/complete after 4 s without a digit/);
    expect(explained(world, '03555501239').steps[0]).toMatch(
      /^WARN dialled: 0355550123 on line 1; 9 is too much/,
    );
  });

  it('what stops it: no trunk, no channel, a ceiling, and never an emergency call', () => {
    const world = office();
    for (const trunk of [0]) world.input({ type: 'trunk', account: 1, trunk, standing: 'down' });
    const bar: OutsideBar = { guide: 'guideAway', because: 'spend.ceiling: reached' };
    world.lift(2);
    world.dial(2, '0355550123');
    world.input({
      type: 'config',
      config: { ...exampleConfig(), calls: { channels: 1, ringForMs: 60_000 } },
    });
    const stopped = explained(world, '0355550123', 1, bar);
    expect(stopped.steps.filter((each) => each.startsWith('FAIL'))).toEqual([
      'FAIL ceiling: spend.ceiling: reached',
      'FAIL trunk: no trunk takes calls now: words instead of silence are played',
      'FAIL channels: all 1 in use: busy tone',
    ]);
    const urgent = explained(world, '119', 1, bar);
    expect(urgent.outcome).toBe('outside');
    expect(urgent.steps.filter((each) => each.startsWith('FAIL'))).toEqual([]);
    expect(urgent.steps).toContain('WARN channels: none free: the newest other call makes room');
  });

  it('inside: who rings, who does not, and why', () => {
    const world = office();
    expect(explained(world, '12').steps).toContain('OK goes to: extension 12, phone 2: free, rings');
    expect(explained(world, '21').steps).toContain(
      'FAIL goes to: extension 21, desk 1: a desk phone that is not registered',
    );
    world.input({ type: 'phone', phone: 1, reachable: true });
    expect(explained(world, '21').steps).toContain('OK goes to: extension 21, desk 1: free, rings');
    expect(explained(world, '11')).toMatchObject({ outcome: 'inside' });
    expect(explained(world, '31')).toMatchObject({ outcome: 'outside' });
    world.lift(2);
    expect(explained(world, '12').steps.join()).toContain('in use now');
  });

  it('refused, unfinished, and codes', () => {
    const world = office();
    expect(explained(world, '104')).toMatchObject({ outcome: 'refused' });
    expect(explained(world, '03555')).toMatchObject({ outcome: 'incomplete' });
    expect(explained(world, '*80')).toMatchObject({ outcome: 'code' });
    expect(explained(world, '0355550100').steps.at(-1)).toMatch(
      /^-- called here: .*rings 11 phone 1, 12 phone 2/,
    );
    expect(explainNumber(world.state, '0355550123', 7, undefined)).toBeUndefined();
  });

  it('never throws, and calls nobody', () => {
    const world = office();
    const { state } = world;
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9*#]{1,45}$/), (digits) => {
        expect(explainNumber(state, digits, 1, undefined)?.steps.length).toBeGreaterThan(0);
      }),
    );
    expect(world.effects.filter(({ type }) => type === 'sipInvite')).toEqual([]);
  });
});
