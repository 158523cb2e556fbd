import { describe, expect, it } from 'vitest';
import { emptyIdFeatures } from '../../../cloud-stub/contracts/index.ts';
import { defaultPolicy } from '../../../cloud-stub/routing/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../../lib/base/ids.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { dial, IP050, ip050Office, officeOn } from './outgoing-office.ts';
import { BASE, CONTRACT } from './world.ts';

const ip050 = ip050Office();
const phone = officeOn('deskPhone');
const mobile = { manner: { mode: 'mobile' } } as const;
const refused = (rule: string) => ({ verb: 'reject', rule, status: 403, cause: 21, contract: CONTRACT });

describe('numbers that an 050 number does not call', () => {
  it.each([
    ['117', 'threeDigit', 'S3-003'],
    ['171', 'threeDigit', 'S3-003'],
    ['02012345678', 'm2m', 'S3-004'],
    ['0903101400', 'docomoRemote', 'S3-005'],
    ['0903101499', 'docomoRemote', 'S3-005'],
    ['0903101655', 'docomoRemote', 'S3-005'],
    ['0906651414', 'softbankService', 'S3-006'],
    ['0170123456', 'messageDial', 'S3-007'],
    ['0990123456', 'zeroFamily', 'S3-007'],
  ])(
    '%s is blocked by %s in both modes [%s] [S3-003] [S3-004] [S3-005] [S3-006] [S3-007]',
    (dialled, block, fact) => {
      for (const how of [{}, mobile]) {
        const decision = dial(ip050, dialled, how);
        expect(decision.plan).toMatchObject(refused(`out.blocked.${block}`));
        expect(decision.trace.at(-1)?.facts).toContain(fact);
      }
    },
  );

  it('the cloud phone calls neither 1XY services nor premium numbers, by the operator [S3-003] [S3-007] [A-10]', () => {
    expect(dial(phone, '117').plan).toMatchObject(refused('out.blocked.special1xy'));
    expect(dial(phone, '0990123456').plan).toMatchObject(refused('out.blocked.premium'));
    expect(dial(phone, '0180991234').plan).toMatchObject(refused('out.blocked.premium'));
  });

  it("docomo's remote control has ten digits; the mobile with eleven stays callable [S3-005]", () => {
    expect(dial(ip050, '09031014001').plan).toMatchObject({ verb: 'network', number: '09031014001' });
    expect(dial(ip050, '0903101656').plan).toMatchObject({ rule: 'out.incomplete' });
    // The block is this service's: a desk phone of the cloud phone is not kept from it.
    expect(dial(phone, '0903101655').plan.verb).toBe('network');
  });

  it('060 opens with the mobiles of July 2026; # never does [S3-004] [A-35]', () => {
    const day = japanMidnight(2026, 7, 1);
    expect(dial(ip050, '06012345678', { at: instant(day - 1) }).plan).toMatchObject({ rule: 'out.notYet' });
    expect(dial(ip050, '06012345678', { at: day }).plan.verb).toBe('network');
    expect(dial(ip050, '06001234567', { at: day }).plan).toMatchObject({ rule: 'out.unknownNumber' });
    expect(dial(ip050, '#21', { at: day }).plan).toMatchObject({ rule: 'out.unknownNumber' });
  });

  it.each(['0120123456', '08001234567', '0570012345', '0180991234'])(
    '%s is called in IP mode, not in mobile mode [S3-007] [S3-012]',
    (dialled) => {
      // Teledome has no price yet, so the operator's own block is lifted to see the service's.
      const policy = { ...defaultPolicy, blockedClasses: {} };
      expect(dial(ip050, dialled, { policy }).plan.verb).toBe('network');
      const decision = dial(ip050, dialled, { policy, ...mobile });
      expect(decision.plan).toMatchObject(refused('out.blocked.mobileMode'));
      expect(decision.trace.at(-1)?.facts).toContain('S3-012');
      expect(dial(phone, dialled, { policy }).plan.verb).toBe('network');
    },
  );

  it.each([
    ['09030212345', 'ship'],
    ['01088161234567', 'satellite'],
    ['010870123456789', 'satellite'],
  ])('%s by satellite is not called in mobile mode [S3-013]', (dialled, block) => {
    expect(dial(ip050, dialled, mobile).plan).toMatchObject(refused(`out.blocked.${block}`));
    const inIpMode = dial(ip050, dialled).plan;
    expect(inIpMode.verb === 'reject' ? inIpMode.rule : inIpMode.verb).not.toBe(`out.blocked.${block}`);
  });

  it('a carrier prefix does nothing [S3-015] [A-59]', () => {
    expect(dial(ip050, '00770312345678').plan).toMatchObject({ verb: 'network', number: '0312345678' });
    expect(dial(ip050, '00770170123456').plan).toMatchObject(refused('out.blocked.messageDial'));
  });

  it.each(['110', '118', '119', '184119'])(
    '%s is refused with guidance where to call, by the service [A-37] [S3-003]',
    (dialled) => {
      for (const contract of [ip050, ip050Office({ devices: officeOn('adapter').devices })]) {
        const decision = dial(contract, dialled);
        expect(decision.plan).toMatchObject({
          ...refused('out.emergencyNotOffered'),
          say: expect.stringContaining('from a mobile'),
        });
        expect(decision.trace.at(-1)?.facts).toEqual(['A-37', 'S3-003']);
      }
    },
  );
});

describe('numbers that choose their callers', () => {
  const policy = { ...defaultPolicy, notAccepting: ['012099', '0570012345'] };

  it('whether 0120, 0800 and 0570 accept an 050 caller is known number by number [S3-008] [S3-009]', () => {
    for (const dialled of ['0120991234', '0570012345']) {
      expect(dial(ip050, dialled, { policy }).plan).toMatchObject(refused('out.blocked.notAccepted'));
      expect(dial(phone, dialled, { policy }).plan.verb).toBe('network');
    }
    expect(dial(ip050, '0120123456', { policy }).plan.verb).toBe('network');
  });

  it.each([
    ['android', '1.7.9', false],
    ['android', '1.8.0', true],
    ['android', '1.10', true],
    ['ios', '1.6.99', false],
    ['ios', '1.7.0', true],
    ['android', 'nonsense', false],
  ] as const)('the app on %s in version %s reaches them: %s [S3-009]', (os, version, reaches) => {
    const manner = { client: { os, version } };
    const expected = reaches ? { verb: 'network' } : refused('out.blocked.oldApp');
    expect(dial(ip050, '0120123456', { manner }).plan).toMatchObject(expected);
    expect(dial(ip050, '0312345678', { manner }).plan.verb).toBe('network');
  });
});

describe('partners', () => {
  const policy = { ...defaultPolicy, partners: { free: ['05012'], paid: ['05034'] } };

  it('a free partner is not called with a number that is not ours to show [S3-033] [S0-089]', () => {
    const lying = ip050Office({ ids: ip050.ids.map((id) => ({ ...id, presents: '0312345678' })) });
    expect(dial(lying, '05012345678', { policy }).plan).toMatchObject(refused('out.presents'));
    expect(dial(ip050, '05012345678', { policy }).plan).toMatchObject({ verb: 'network', presents: IP050 });
  });

  it("the provider's own 050 numbers and its free partners' cost nothing [S3-033]", () => {
    expect(dial(ip050, '05012345678', { policy }).outgoing?.freePartner).toBe(true);
    expect(dial(ip050, '05034567890', { policy }).outgoing?.freePartner).toBe(false);
    const stranger = 'id-000002-1' as ServiceId;
    const other = ip050Office({ id: 'c-000002' as ContractId });
    const number = '05077770000';
    const [own] = other.numbers;
    if (own === undefined) throw new Error('no number');
    const neighbour = { ...other, ids: [], numbers: [{ ...own, number, rings: [stranger] }] };
    expect(dial(ip050, number, { policy, others: [neighbour] }).outgoing?.freePartner).toBe(true);
    // Only this service has partners.
    expect(dial(phone, '05012345678', { policy }).outgoing?.freePartner).toBe(false);
  });

  it('other 050 numbers are not called, once there are lists [S3-010] [S3-035]', () => {
    expect(dial(ip050, '05098765432', { policy }).plan).toMatchObject(refused('out.blocked.noAgreement'));
    expect(dial(ip050, '05098765432').plan.verb).toBe('network');
    expect(dial(phone, '05098765432', { policy }).plan.verb).toBe('network');
  });
});

describe('IP mode and mobile mode', () => {
  it('a call is in IP mode unless it says otherwise', () => {
    expect(dial(ip050, '0312345678').outgoing?.mode).toBe('ip');
    expect(dial(ip050, '0312345678', mobile)).toMatchObject({
      plan: { verb: 'network', presents: IP050 },
      outgoing: { mode: 'mobile' },
    });
  });

  it('mobile mode is not used abroad, IP mode is, on the tariff of Japan [S3-014] [S3-038] [S3-039] [S3-040]', () => {
    expect(dial(ip050, '0312345678', { manner: { mode: 'mobile', abroad: true } }).plan).toMatchObject(
      refused('out.mode.abroad'),
    );
    const decision = dial(ip050, '0312345678', { manner: { abroad: true } });
    expect(decision.plan).toEqual(dial(ip050, '0312345678').plan);
    expect(decision.trace.map(({ rule }) => rule)).toContain('out.mode.abroad');
  });

  it('a PC cannot call in mobile mode [S3-020]', () => {
    const client = { os: 'pc', version: '1' } as const;
    expect(dial(ip050, '0312345678', { manner: { mode: 'mobile', client } }).plan).toMatchObject(
      refused('out.mode.pc'),
    );
    expect(dial(ip050, '0312345678', { manner: { client } }).plan.verb).toBe('network');
  });

  it('a feature phone calls in mobile mode only [S3-046]', () => {
    const client = { os: 'featurePhone', version: '' } as const;
    expect(dial(ip050, '0312345678', { manner: { client } }).plan).toMatchObject(
      refused('out.mode.featurePhone'),
    );
    expect(dial(ip050, '0312345678', { manner: { mode: 'mobile', client } }).plan.verb).toBe('network');
  });

  it('mobile mode needs its contract and a handset with a voice number [S3-012] [S3-027] [S3-048]', () => {
    const { mobileMode: _, ...without } = ip050;
    expect(dial(without, '0312345678', mobile).plan).toMatchObject(refused('out.mode.notContracted'));
    const ids = ip050.ids.map((id) => ({ ...id, features: emptyIdFeatures() }));
    expect(dial({ ...ip050, ids }, '0312345678', mobile).plan).toMatchObject(refused('out.mode.noHandset'));
    expect(dial(phone, '0312345678', mobile).plan).toMatchObject(refused('out.mode.none'));
  });

  it('says what the far end may see, which nobody here decides [S3-018] [S3-019] [S3-021]', () => {
    const line = dial(ip050, '0312345678', mobile).trace.find(({ rule }) => rule === 'out.mode.mobile');
    expect(line?.facts).toEqual(['S3-018', 'S3-019', 'S3-021']);
    expect(line?.say).toContain('09011112222');
  });
});

describe('a ceiling of chargeable use', () => {
  const limit = 1_000_000_000_000 as never;
  const capped = ip050Office({ ceiling: { limitMicroYen: limit, warnPercent: 80 } });
  const spent = (microYen: number) => ({ more: { spentMicroYen: () => microYen } });

  it('warns at 80 per cent and refuses chargeable calls at 100 [S3-032] [A-36]', () => {
    expect(dial(capped, '0312345678', spent(799_999_999_999)).alerts).toBeUndefined();
    expect(dial(capped, '0312345678', spent(800_000_000_000))).toMatchObject({
      plan: { verb: 'network' },
      alerts: [{ alert: 'ceilingWarning', contract: CONTRACT }],
    });
    expect(dial(capped, '0312345678', spent(999_999_999_999)).plan.verb).toBe('network');
    expect(dial(capped, '0312345678', spent(1_000_000_000_000))).toMatchObject({
      plan: refused('out.ceiling'),
      alerts: [{ alert: 'ceilingReached' }],
    });
  });

  it('never stands in the way of emergency, internal and free calls [A-36]', () => {
    const over = spent(2_000_000_000_000);
    const policy = { ...defaultPolicy, partners: { free: ['05012'], paid: 'every' as const } };
    expect(dial(capped, '0120123456', over).plan.verb).toBe('network');
    expect(dial(capped, '05012345678', { ...over, policy }).plan.verb).toBe('network');
    expect(dial(capped, '05034567890', { ...over, policy }).plan).toMatchObject(refused('out.ceiling'));
    const office = { ...phone, ceiling: { limitMicroYen: limit, warnPercent: 80 } };
    expect(dial(office, '119', over).plan).toMatchObject({ verb: 'network', emergency: true });
    expect(dial(office, '0355550100', over).plan.verb).toBe('ring');
    expect(dial(office, '12', over).plan.verb).toBe('ring');
  });

  it('is none where the contract has none, or what is spent is not known [S3-032] [A-36]', () => {
    const tiny = { ...phone, ceiling: { limitMicroYen: 1 as never, warnPercent: 80 } };
    expect(dial(tiny, '0312345678').plan.verb).toBe('network');
    expect(dial(phone, '0312345678', spent(9e15)).plan.verb).toBe('network');
    expect(dial(capped, '0312345678').plan.verb).toBe('network');
  });
});

it('a refusal names the contract as soon as the ID is known', () => {
  const ended = { ...phone, state: 'ended' } as const;
  expect(dial(ended, '0312345678').plan).toMatchObject({ verb: 'reject', contract: CONTRACT });
  expect(dial({ ...phone, ids: [] }, '0312345678').plan).not.toHaveProperty('contract');
  expect(dial(phone, '0312345678', { busy: 2 }).plan).toMatchObject({
    rule: 'out.channels',
    contract: CONTRACT,
  });
  expect(BASE).toBe(phone.ids[0]?.id);
});
