import { describe, expect, it } from 'vitest';
import type { OriginArea } from '../../../../cloud-stub/contracts/index.ts';
import { callKind } from '../../../../cloud-stub/routing/index.ts';
import type { CallMedia } from '../../../../cloud-stub/routing/types.ts';
import { MAIN } from '../world.ts';
import { CALLER, FREE, factsOf, group, rules, TOKYO, tollFreeCall, tried } from './office.ts';

const all = { groups: [group('all', 'rest', [MAIN])] };
const lines = { product: 'calleePays' as const, groups: [group('all', 'rest', [TOKYO])] };
const only = (...accepts: readonly OriginArea[]) => ({ ...all, setting: { accepts } });

const refused = (rule: string) => ({ verb: 'reject', rule, contract: 'c-000001' });
const guided = { verb: 'play', prompt: 'tollFree.restriction', times: 1, answers: false, next: null };

describe('who may call a toll-free number, by service', () => {
  it('rings the number that answers, which sees the toll-free number as the called one [S0-145] [S0-061]', () => {
    expect(tollFreeCall(all).plan).toMatchObject({ verb: 'ring', called: FREE, members: expect.any(Array) });
  });

  it.each([
    ['0312345678', undefined],
    ['09012345678', undefined],
    ['0312345678', { callerClass: 'payphone' as const }],
    ['05012345678', undefined],
    ['', { callerClass: 'satellite' as const }],
  ])('the cloud phone takes %s %j [A-34] [A-61]', (from, origin) => {
    expect(tollFreeCall(all, { from, ...(origin ? { origin } : {}) }).plan.verb).toBe('ring');
  });

  it.each(['01012125551234', '+12125551234'])(
    'the cloud phone takes no international call: %s [S0-151]',
    (from) => {
      const decision = tollFreeCall(all, { from });
      expect(decision.plan).toMatchObject({ ...refused('in.tollFree.origin'), status: 403, cause: 21 });
      expect(decision.trace.at(-1)?.facts).toContain('S0-151');
    },
  );

  it.each([
    ['05012345678', undefined],
    ['+12125551234', undefined],
    ['', { callerClass: 'satellite' as const }],
    ['09030212345', undefined],
    ['0312345678', { callerClass: 'international' as const }],
  ])(
    'the callee-pays service takes no 050, international, satellite, ship or aircraft call: %s %j [S2-026] [A-34]',
    (from, origin) => {
      const decision = tollFreeCall(lines, { from, ...(origin ? { origin } : {}) });
      expect(decision.plan).toMatchObject(refused('in.tollFree.origin'));
      expect(decision.trace.at(-1)?.facts).toContain('S2-026');
    },
  );

  it.each([CALLER.tokyo, CALLER.mobile])(
    'the callee-pays service takes an ordinary line such as %s [S2-026] [A-34]',
    (from) => {
      expect(tollFreeCall(lines, { from }).plan).toMatchObject({ verb: 'forward', called: FREE });
    },
  );

  it.each<CallMedia>(['video', 'highQualityAudio', 'dataConnect'])(
    'the callee-pays service carries voice only, no %s [S2-017] [S2-027]',
    (media) => {
      expect(tollFreeCall(lines, { media }).plan).toMatchObject({
        ...refused('in.tollFree.media'),
        status: 488,
        cause: 65,
      });
      expect(tollFreeCall(lines, { media: 'voice' }).plan.verb).toBe('forward');
      expect(tollFreeCall(all, { media }).plan.verb).toBe('ring');
    },
  );
});

describe('where a call may come from, by number', () => {
  it('takes calls from all of Japan, the west included [S2-020]', () => {
    for (const from of [CALLER.tokyo, CALLER.osaka, '0922345678', '0112345678']) {
      expect(tollFreeCall(all, { from }).plan.verb).toBe('ring');
    }
    expect(tollFreeCall(only({ area: 'region', name: '西日本' }), { from: CALLER.osaka }).plan.verb).toBe(
      'ring',
    );
    expect(tollFreeCall(only({ area: 'region', name: '西日本' }), { from: CALLER.tokyo }).plan).toMatchObject(
      guided,
    );
  });

  it.each<[OriginArea, string, string]>([
    [{ area: 'region', name: '関東' }, '0312345678', '0661234567'],
    [{ area: 'prefecture', name: '東京都' }, '0312345678', '0451234567'],
    [{ area: 'chargeArea', name: '東京' }, '0312345678', '0422234567'],
  ])('takes %j alone: %s, not %s [S2-021]', (area, inside, outside) => {
    expect(tollFreeCall(only(area), { from: inside }).plan.verb).toBe('ring');
    const away = tollFreeCall(only(area), { from: outside });
    expect(away.plan).toMatchObject(guided);
    expect(factsOf(away, 'in.tollFree.area')).toEqual(expect.arrayContaining(['S2-021', 'S2-025']));
  });

  it('takes a call from any one of several areas [S2-020] [S2-021]', () => {
    const both = only({ area: 'prefecture', name: '東京都' }, { area: 'region', name: '西日本' });
    expect(tollFreeCall(both, { from: CALLER.tokyo }).plan.verb).toBe('ring');
    expect(tollFreeCall(both, { from: CALLER.osaka }).plan.verb).toBe('ring');
    expect(tollFreeCall(both, { from: '0451234567' }).plan).toMatchObject(guided);
  });

  it('takes mobiles or not, as is chosen [S2-022]', () => {
    const without = { ...all, setting: { acceptsMobile: false } };
    expect(tollFreeCall(all, { from: CALLER.mobile }).plan.verb).toBe('ring');
    const decision = tollFreeCall(without, { from: CALLER.mobile });
    expect(decision.plan).toMatchObject({ ...guided, release: { status: 403, cause: 21 } });
    expect(rules(decision)).toContain('in.tollFree.mobile');
    expect(tollFreeCall(without, { from: CALLER.tokyo }).plan.verb).toBe('ring');
  });

  it('plays the restriction guidance only where it is set, and always before the answer [S2-025]', () => {
    const tokyoFixed = { acceptsMobile: false, accepts: [{ area: 'prefecture', name: '東京都' } as const] };
    const guidance = { connection: 'nobody', restriction: false, afterHours: false } as const;
    for (const [from, rule] of [
      [CALLER.mobile, 'in.tollFree.mobile'],
      [CALLER.osaka, 'in.tollFree.area'],
    ] as const) {
      const told = tollFreeCall({ ...all, setting: tokyoFixed }, { from });
      expect(told.plan).toMatchObject({ ...guided, release: { status: 403, cause: 21 } });
      expect(rules(told)).toContain(rule);
      const silent = tollFreeCall({ ...all, setting: { ...tokyoFixed, guidance } }, { from });
      expect(silent.plan).toMatchObject({ ...refused(rule), status: 403, cause: 21 });
    }
  });

  it('knows of a mobile no place finer than the prefecture [S2-023]', () => {
    const area = only({ area: 'chargeArea', name: '武蔵野三鷹' });
    const origin = { prefecture: '東京都' };
    expect(tollFreeCall(area, { from: CALLER.mobile, origin }).plan.verb).toBe('ring');
    expect(
      tollFreeCall(area, { from: CALLER.mobile, origin: { prefecture: '神奈川県' } }).plan,
    ).toMatchObject(guided);
    // A fixed line of the same prefecture is told apart.
    expect(tollFreeCall(area, { from: CALLER.tokyo }).plan).toMatchObject(guided);
  });

  it('takes a mobile of unknown prefecture only where all of Japan is taken [A-32]', () => {
    expect(tollFreeCall(all, { from: CALLER.mobile }).plan.verb).toBe('ring');
    expect(
      tollFreeCall(only({ area: 'prefecture', name: '東京都' }), { from: CALLER.mobile }).plan,
    ).toMatchObject(guided);
  });

  it('goes by the network, whether the number is shown or not, and writes down no withheld number [A-33]', () => {
    const area = only({ area: 'prefecture', name: '大阪府' });
    const origin = { callerClass: 'fixed' as const, prefecture: '大阪府' };
    expect(tollFreeCall(area, { from: '', withheld: true, origin }).plan.verb).toBe('ring');
    const hidden = tollFreeCall(area, { from: CALLER.osaka, withheld: true });
    expect(hidden.plan).toEqual(tollFreeCall(area, { from: CALLER.osaka }).plan);
    expect(JSON.stringify(hidden)).not.toContain(CALLER.osaka);
  });
});

describe('who pays', () => {
  it.each([
    ['0312345678', undefined, 'geographic'],
    ['09012345678', undefined, 'mobile'],
    ['0312345678', { callerClass: 'payphone' as const }, 'payphone'],
    ['05012345678', undefined, 'ip050'],
    ['', undefined, 'geographic'],
  ])(
    'the callee, by the class of the caller: %s %j as %s [S2-019] [S0-051] [A-61]',
    (from, origin, callerClass) => {
      const decision = tollFreeCall(all, { from, withheld: from === '', ...(origin ? { origin } : {}) });
      expect(decision.tollFree).toEqual({
        number: FREE,
        payer: 'callee',
        callerClass,
        group: 'all',
        answeredBy: MAIN,
        lines: [],
      });
    },
  );

  it('names the lines outside whose legs are part of the call', () => {
    const decision = tollFreeCall(lines);
    expect(decision.plan).toMatchObject({
      verb: 'forward',
      takesChannel: false,
      to: { external: TOKYO, presents: FREE },
    });
    expect(decision.tollFree?.lines).toEqual([TOKYO]);
    expect(decision.plan).toMatchObject({ partOfCall: true });
    expect(callKind('in', decision.plan, decision.tollFree)).toBe('tollFreeIn');
    expect(callKind('in', decision.plan)).toBe('in');
    expect(tried(decision.plan)).toEqual([TOKYO]);
  });

  it('nobody for a call that is not let through', () => {
    expect(tollFreeCall(all, { from: '+12125551234' }).tollFree).toBeUndefined();
  });

  it('not the callee any more once the ceiling is reached [A-36] [S2-019]', () => {
    const office = { ...all, more: { ceiling: { limitMicroYen: 1_000_000 as never, warnPercent: 80 } } };
    expect(tollFreeCall(office, { spent: 700_000 }).alerts).toBeUndefined();
    expect(tollFreeCall(office, { spent: 800_000 })).toMatchObject({
      plan: { verb: 'ring' },
      alerts: [{ alert: 'ceilingWarning' }],
    });
    expect(tollFreeCall(office, { spent: 1_000_000 })).toMatchObject({
      plan: { ...refused('in.tollFree.ceiling'), status: 403, cause: 21 },
      alerts: [{ alert: 'ceilingReached' }],
    });
  });
});

describe('a toll-free number of a contract that does not run', () => {
  it.each([
    ['suspended', 'in.suspended', 480],
    ['ended', 'in.contractEnded', 404],
  ] as const)(
    '%s: is refused by %s, which names the contract, whether the caller is hidden or not [A-33] [A-18]',
    (state, rule, status) => {
      for (const withheld of [false, true]) {
        const { plan } = tollFreeCall({ ...all, more: { state } }, { withheld });
        expect(plan).toMatchObject({ ...refused(rule), status });
      }
    },
  );
});
