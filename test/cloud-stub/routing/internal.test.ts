import { describe, expect, it } from 'vitest';
import { callKind, unansweredLegs } from '../../../cloud-stub/routing/index.ts';
import { companyForwarding, idOf, idsOf, makeOffice } from './offices.ts';
import { callOut, MAIN, type World } from './world.ts';

const MOBILE = '09012345678';
const reception = {
  layout: 'twoButtons' as const,
  buttons: [
    { label: 'Sales', group: 'sales' },
    { label: 'Support', group: 'support' },
  ],
};
const office = makeOffice({
  ids: [
    { device: 'deskPhone' },
    { device: 'app' },
    { device: 'app', features: { reception } },
    { features: { relay: [{ members: [{ external: MOBILE }], forMs: 30_000 }], ownNumber: '0355550104' } },
    { extension: '110' },
  ],
  numbers: [
    { number: MAIN, rings: 'ab' },
    { number: '0355550104', rings: 'd', kind: 'standard' },
  ],
  groups: [
    {
      id: 'sales',
      how: 'simultaneous',
      members: [{ id: idOf('a') }, { id: idOf('b') }],
      forMs: 30_000,
      deskFirstMs: 0,
    },
    { id: 'support', how: 'relay', steps: idsOf('ba').map((id) => ({ members: [{ id }], forMs: 8_000 })) },
  ],
  more: { groupForwarding: companyForwarding() },
});
const world: World = { contracts: [office] };

describe('a call inside the office', () => {
  it('[S0-082] [S0-050] a desk phone and an app call each other by extension, as an internal call', () => {
    const there = callOut('12', world, idOf('a')).plan;
    expect(there).toMatchObject({ verb: 'ring', called: '12', members: idsOf('b') });
    expect(callKind('out', there)).toBe('internal');
    expect(callOut('11', world, idOf('b')).plan).toMatchObject({ verb: 'ring', members: idsOf('a') });
  });

  it('[S1-012] goes out to an external number through the relay of the terminal', () => {
    const { plan } = callOut('14', world, idOf('a'));
    expect(unansweredLegs(plan).legs).toEqual([
      { to: idOf('d'), afterMs: 0, presents: null },
      { to: MOBILE, afterMs: 20_000, presents: '0355550104' },
    ]);
    expect(callKind('out', plan)).toBe('internal');
  });

  it('[S0-082] is busy to the caller himself, and unreachable when nobody is there', () => {
    expect(callOut('11', world, idOf('a')).plan).toMatchObject({
      rule: 'out.ownExtension',
      status: 486,
      cause: 17,
    });
    const away = { ...world, unreachable: idsOf('b') };
    expect(callOut('12', away, idOf('a')).plan).toMatchObject({ rule: 'in.nobodyReachable', status: 480 });
  });

  it('[S0-059] takes a channel', () => {
    expect(callOut('12', { ...world, busy: 5 }, idOf('a')).plan).toMatchObject({
      rule: 'in.channels',
      cause: 34,
    });
  });

  it('[A-37] an emergency number is never an extension', () => {
    expect(callOut('110', world, idOf('a')).plan).toMatchObject({ verb: 'network', emergency: true });
  });

  it('leaves everything else to the rules for calls out', () => {
    expect(callOut('0355550123', world, idOf('a')).plan).toMatchObject({ verb: 'network' });
    const suspended = { contracts: [{ ...office, state: 'suspended' as const }] };
    expect(callOut('12', suspended, idOf('a')).plan).toMatchObject({ verb: 'reject' });
  });
});

describe('the reception app', () => {
  it('[S0-087] each button calls its ring group', () => {
    expect(callOut('button1', world, idOf('c')).plan).toMatchObject({
      verb: 'ring',
      members: idsOf('ab'),
      forMs: 30_000,
    });
    expect(unansweredLegs(callOut('button2', world, idOf('c')).plan).legs.map(({ to }) => to)).toEqual(
      idsOf('ba'),
    );
  });

  it('[S0-087] [S0-186] calls nothing else', () => {
    for (const dialled of ['button3', 'button0', '11', '0355550123', '']) {
      expect(callOut(dialled, world, idOf('c')).plan).toMatchObject({
        rule: 'out.receptionOnly',
        status: 403,
      });
    }
  });

  it('[S0-087] buttons mean nothing on other devices', () => {
    expect(callOut('button1', world, idOf('a')).plan).toMatchObject({
      verb: 'reject',
      rule: 'out.unknownNumber',
    });
  });
});
