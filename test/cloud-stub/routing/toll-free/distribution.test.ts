import { describe, expect, it } from 'vitest';
import { emptyFeatures, exampleOffice } from '../../../../cloud-stub/contracts/index.ts';
import { PROMPT_TABLE } from '../../../../cloud-stub/media/prompts/table.ts';
import { afterHoursWords } from '../../../../cloud-stub/routing/toll-free/index.ts';
import type { Turn } from '../../../../cloud-stub/routing/types.ts';
import { MAIN } from '../world.ts';
import {
  at,
  CALLER,
  daily,
  FREE,
  factsOf,
  group,
  OSAKA,
  rules,
  SAPPORO,
  TOKYO,
  type TollFreeWorld,
  tollFreeCall,
  tried,
} from './office.ts';

const calleePays = { product: 'calleePays' } as const;
const prefecture = (name: string) => ({ area: 'prefecture', name }) as const;
const chargeArea = (name: string) => ({ area: 'chargeArea', name }) as const;
const shares = (...list: readonly (readonly [string, number])[]) =>
  ({ by: 'percentage', shares: list.map(([number, percent]) => ({ number, percent })) }) as const;

/** Answer numbers of so many calls one after the other. */
function series(office: TollFreeWorld, calls: number, hour = 12): readonly string[] {
  const answered: string[] = [];
  let turn: Turn | undefined;
  for (let call = 0; call < calls; call += 1) {
    const decision = tollFreeCall(office, { at: at(hour), ...(turn === undefined ? {} : { turn }) });
    turn = decision.nextTurn ?? turn;
    answered.push(tried(decision.plan)[0] ?? decision.plan.verb);
  }
  return answered;
}

function count(list: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of list) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

describe('delivery by region', () => {
  const regional: TollFreeWorld = {
    ...calleePays,
    groups: [
      group('west', [prefecture('大阪府'), { area: 'region', name: '九州' }], [OSAKA]),
      group('north', [prefecture('北海道')], [SAPPORO, TOKYO]),
      group('rest', 'rest', [TOKYO]),
    ],
  };

  it.each([
    ['0661234567', OSAKA],
    ['0112345678', SAPPORO],
    ['0312345678', TOKYO],
    ['0522345678', TOKYO],
  ])('a call from %s goes to the number of its region, %s [S2-031] [S2-040]', (from, answer) => {
    expect(tried(tollFreeCall(regional, { from }).plan)).toEqual([answer]);
  });

  it('serves several sites by one number [S2-030]', () => {
    const sites = new Set(
      ['0661234567', '0112345678', '0312345678'].map(
        (from) => tried(tollFreeCall(regional, { from }).plan)[0],
      ),
    );
    expect(sites).toEqual(new Set([OSAKA, SAPPORO, TOKYO]));
  });

  it('a group of several lines goes on to the next line that is open when the first is closed [S2-030]', () => {
    const decision = tollFreeCall(
      { ...regional, hours: { [SAPPORO]: [9, 12] } },
      { from: '0112345678', at: at(13) },
    );
    expect(tried(decision.plan)).toEqual([TOKYO]);
  });

  it('is refused when nobody is there to answer, or the line cannot be called [S2-030]', () => {
    const nobody = { verb: 'reject', status: 480, cause: 20, contract: 'c-000001' };
    const empty = { ...calleePays, groups: [group('all', 'rest', [])] };
    const police = { ...calleePays, groups: [group('all', 'rest', ['110'])] };
    expect(tollFreeCall(empty).plan).toMatchObject({ ...nobody, rule: 'in.tollFree.nobody' });
    expect(tollFreeCall(empty).tollFree).toBeUndefined();
    expect(tollFreeCall(police).plan).toMatchObject({ ...nobody, rule: 'in.tollFree.line' });
    const passed = { ...calleePays, groups: [group('all', 'rest', ['110'], { busyDetour: [OSAKA] })] };
    expect(tried(tollFreeCall(passed).plan)).toEqual([OSAKA]);
  });

  it('splits a prefecture by charge area, of which one group takes the mobiles [S2-041] [S2-031] [A-32]', () => {
    const split: TollFreeWorld = {
      ...calleePays,
      groups: [
        group('city', [chargeArea('大阪')], [OSAKA], { mobile: false }),
        group('sakai', [chargeArea('堺')], [TOKYO]),
        group('rest', 'rest', [SAPPORO], { mobile: false }),
      ],
    };
    const origin = { prefecture: '大阪府' };
    expect(tried(tollFreeCall(split, { from: '0661234567' }).plan)).toEqual([OSAKA]);
    expect(tried(tollFreeCall(split, { from: '0722234567' }).plan)).toEqual([TOKYO]);
    expect(tried(tollFreeCall(split, { from: CALLER.mobile, origin }).plan)).toEqual([TOKYO]);
    // Nobody takes mobiles of other prefectures, or of an unknown one.
    for (const word of [{ prefecture: '東京都' }, undefined]) {
      const decision = tollFreeCall(split, { from: CALLER.mobile, ...(word ? { origin: word } : {}) });
      expect(decision.plan).toMatchObject({ verb: 'play', prompt: 'tollFree.restriction' });
      expect(rules(decision)).toContain('in.tollFree.noGroup');
    }
  });

  it('a mobile of unknown prefecture goes to the group that takes mobiles of the whole nation [A-32]', () => {
    expect(tried(tollFreeCall(regional, { from: CALLER.mobile }).plan)).toEqual([TOKYO]);
    const known = tollFreeCall(regional, { from: CALLER.mobile, origin: { prefecture: '大阪府' } });
    expect(tried(known.plan)).toEqual([OSAKA]);
  });

  it('184 changes nothing about the region [A-33]', () => {
    const hidden = tollFreeCall(regional, { from: '', withheld: true, origin: { chargeArea: '大阪' } });
    expect(tried(hidden.plan)).toEqual([OSAKA]);
  });
});

describe('busy detour', () => {
  const detour = [
    group('west', [prefecture('大阪府')], [OSAKA], { busyDetour: [TOKYO, SAPPORO] }),
    group('east', 'rest', [TOKYO]),
  ];

  it('goes to the preset numbers one after the other while the one before is busy [S2-032]', () => {
    const { plan } = tollFreeCall({ ...calleePays, groups: detour }, { from: CALLER.osaka });
    expect(tried(plan)).toEqual([OSAKA, TOKYO, SAPPORO]);
    expect(plan).not.toHaveProperty('onNoAnswer');
    const line = tollFreeCall({ ...calleePays, groups: detour }, { from: CALLER.osaka }).trace.find(
      ({ rule }) => rule === 'in.tollFree.detour',
    );
    expect(line?.say).toContain(`${TOKYO}, then ${SAPPORO}`);
    expect(line?.say.indexOf(OSAKA)).toBe(0);
    const alone = tollFreeCall({ ...calleePays, groups: detour }, { from: CALLER.tokyo });
    expect(rules(alone)).not.toContain('in.tollFree.detour');
  });

  it('outweighs regions: a target may belong to the callers of another region [A-29]', () => {
    const decision = tollFreeCall({ ...calleePays, groups: detour }, { from: CALLER.osaka });
    expect(factsOf(decision, 'in.tollFree.detour')).toContain('A-29');
    const oneGroup = { ...calleePays, groups: [group('all', 'rest', [OSAKA], { busyDetour: [TOKYO] })] };
    expect(factsOf(tollFreeCall(oneGroup), 'in.tollFree.detour')).toEqual(['S2-032']);
    expect(tried(decision.plan)).toContain(TOKYO);
  });

  it("begins at once when every channel of the office's own number is in use [S2-032] [S0-059]", () => {
    const own = { groups: [group('all', 'rest', [MAIN], { busyDetour: [OSAKA] })] };
    const policy = undefined;
    expect(tried(tollFreeCall(own, { busy: 1 }).plan)).toEqual([MAIN, OSAKA]);
    const full = tollFreeCall(own, { busy: 2, ...(policy ? { policy } : {}) });
    // The line outside would take a channel too: the office is full.
    expect(full.plan).toMatchObject({ verb: 'reject', status: 486, cause: 34, contract: 'c-000001' });
  });

  it('is none beside percentages, should both be set [S2-042]', () => {
    const both = [
      group('all', 'rest', [TOKYO, OSAKA], {
        distribution: shares([TOKYO, 50], [OSAKA, 50]),
        busyDetour: [SAPPORO],
      }),
    ];
    expect(tried(tollFreeCall({ ...calleePays, groups: both }).plan)).toEqual([TOKYO]);
  });
});

describe('percentage distribution', () => {
  const sixty = {
    ...calleePays,
    groups: [group('all', 'rest', [TOKYO, OSAKA], { distribution: shares([TOKYO, 60], [OSAKA, 40]) })],
  };

  it('is exact in every cycle and spreads the shares over it [S2-033]', () => {
    expect(series(sixty, 10)).toEqual([TOKYO, OSAKA, TOKYO, OSAKA, TOKYO, TOKYO, OSAKA, TOKYO, OSAKA, TOKYO]);
  });

  it.each([
    [
      [
        [TOKYO, 70],
        [OSAKA, 20],
        [SAPPORO, 10],
      ],
      10,
    ],
    [
      [
        [TOKYO, 33],
        [OSAKA, 33],
        [SAPPORO, 34],
      ],
      100,
    ],
    [
      [
        [TOKYO, 99],
        [OSAKA, 1],
      ],
      100,
    ],
    [[[TOKYO, 100]], 1],
  ] as const)(
    '%j comes out exactly in a cycle of %d calls, and again in the next [S2-033]',
    (list, length) => {
      const office = {
        ...calleePays,
        groups: [
          group(
            'all',
            'rest',
            list.map(([number]) => number),
            { distribution: shares(...list) },
          ),
        ],
      };
      const two = series(office, length * 2);
      const wanted = Object.fromEntries(list.map(([number, percent]) => [number, (percent * length) / 100]));
      expect(count(two.slice(0, length))).toEqual(wanted);
      expect(two.slice(length)).toEqual(two.slice(0, length));
    },
  );

  it('shares what is open in the same ratio while a number is closed [S2-033] [S2-035]', () => {
    const three = group('all', 'rest', [TOKYO, OSAKA, SAPPORO], {
      distribution: shares([TOKYO, 50], [OSAKA, 25], [SAPPORO, 25]),
    });
    const office = { ...calleePays, groups: [three], hours: { [SAPPORO]: [9, 12] as const } };
    expect(count(series(office, 4, 10))).toEqual({ [TOKYO]: 2, [OSAKA]: 1, [SAPPORO]: 1 });
    expect(count(series(office, 3, 13))).toEqual({ [TOKYO]: 2, [OSAKA]: 1 });
    const all = { ...office, hours: { [TOKYO]: [9, 12], [OSAKA]: [9, 12], [SAPPORO]: [9, 12] } as const };
    expect(series(all, 2, 13)).toEqual(['play', 'play']);
  });

  it('begins a new cycle when the shares are changed', () => {
    const turn = tollFreeCall(sixty).nextTurn;
    const other = {
      ...calleePays,
      groups: [group('all', 'rest', [TOKYO, OSAKA], { distribution: shares([OSAKA, 60], [TOKYO, 40]) })],
    };
    expect(tried(tollFreeCall(other, turn ? { turn } : {}).plan)).toEqual([OSAKA]);
  });
});

describe('change of destination', () => {
  const evening = daily(18, 22, [OSAKA, SAPPORO] as readonly string[] | null, null);

  it('delivers to other numbers at set times only [S2-034]', () => {
    const office = { ...calleePays, groups: [group('all', 'rest', [TOKYO], { destinationChange: evening })] };
    expect(tried(tollFreeCall(office, { at: at(17, 59) }).plan)).toEqual([TOKYO]);
    expect(tried(tollFreeCall(office, { at: at(18) }).plan)).toEqual([OSAKA, SAPPORO]);
    expect(tried(tollFreeCall(office, { at: at(22) }).plan)).toEqual([TOKYO]);
  });

  it('to which options of the changed-to number do not apply: neither its hours nor its settings [S2-034]', () => {
    const toClosed = daily(18, 22, [OSAKA] as readonly string[] | null, null);
    const closed = {
      ...calleePays,
      groups: [group('all', 'rest', [TOKYO], { destinationChange: toClosed })],
      hours: { [OSAKA]: [9, 10] as const },
    };
    expect(tried(tollFreeCall(closed, { at: at(19) }).plan)).toEqual([OSAKA]);
  });

  it("rings the office's own number without its forwarding while it is the changed-to one [S2-034]", () => {
    const [main] = exampleOffice.numbers;
    if (main === undefined) throw new Error('no number');
    const answer = { mode: 'toggles', forwarding: true, afterHours: false, bot: false, ivr: false } as const;
    const forwarding = { ...main, features: { ...emptyFeatures(), answer, forwardTo: SAPPORO } };
    const more = {
      numbers: [forwarding],
      options: [...exampleOffice.options, { items: ['option.forwarding'], on: MAIN, held: main.held }],
    };
    const toMain = daily(18, 22, [MAIN] as readonly string[] | null, null);
    const changed = { groups: [group('all', 'rest', [TOKYO], { destinationChange: toMain })], more };
    expect(tollFreeCall(changed, { at: at(19) }).plan).toMatchObject({ verb: 'ring', called: FREE });
    const always = { groups: [group('all', 'rest', [MAIN])], more };
    expect(tollFreeCall(always, { at: at(19) }).plan).toMatchObject({
      verb: 'forward',
      called: FREE,
      to: { external: SAPPORO, presents: MAIN },
    });
  });

  it('is outweighed by after-hours guidance at the same time [S2-044] [A-31]', () => {
    const both = {
      ...calleePays,
      groups: [group('all', 'rest', [TOKYO], { destinationChange: evening })],
      hours: { [TOKYO]: [9, 20] as const },
    };
    expect(tried(tollFreeCall(both, { at: at(19, 59) }).plan)).toEqual([OSAKA, SAPPORO]);
    const decision = tollFreeCall(both, { at: at(20) });
    expect(decision.plan).toMatchObject({ verb: 'play', prompt: 'tollFree.afterHours' });
    expect(decision.plan).toMatchObject({ release: { status: 480, cause: 20 } });
    expect(factsOf(decision, 'in.tollFree.afterHours')).toEqual(['S2-035', 'S2-037', 'S2-044']);
  });
});

describe('after-hours guidance', () => {
  const hours = { [TOKYO]: [9, 18] as const };
  const office = { ...calleePays, groups: [group('all', 'rest', [TOKYO])], hours };

  it('says that reception is closed, twice, and cuts the call before it costs anything [S2-035] [S2-037]', () => {
    expect(tried(tollFreeCall(office, { at: at(17, 59) }).plan)).toEqual([TOKYO]);
    const facts = factsOf(tollFreeCall(office, { at: at(18) }), 'in.tollFree.afterHours');
    expect(facts).toEqual(['S2-035', 'S2-037']);
    expect(tollFreeCall(office, { at: at(18) }).plan).toEqual({
      verb: 'play',
      contract: 'c-000001',
      called: FREE,
      prompt: 'tollFree.afterHours',
      times: 2,
      answers: false,
      next: null,
      release: { status: 480, cause: 20 },
    });
  });

  it('means nothing without the function [S2-035]', () => {
    const guidance = { connection: 'nobody', restriction: true, afterHours: false } as const;
    expect(tried(tollFreeCall({ ...office, setting: { guidance } }, { at: at(20) }).plan)).toEqual([TOKYO]);
  });

  it('thanks, names the number, says that reception is closed and invites another call [S2-036]', () => {
    const said = ['ありがとうございます', '受付', 'おかけ直しください'];
    for (const part of [...said, '0120-555-010', '終了']) expect(afterHoursWords(FREE)).toContain(part);
    expect(afterHoursWords('08001234567')).toContain('0800-123-4567');
    const prompt = PROMPT_TABLE.find(({ name }) => name === 'tollFree.afterHours');
    for (const part of said) expect(prompt?.text.ja).toContain(part);
  });

  it('plays only when the source and every target of the detour are closed [S2-043] [A-31]', () => {
    const targets = [group('all', 'rest', [TOKYO], { busyDetour: [OSAKA, SAPPORO] })];
    const all = {
      ...calleePays,
      groups: targets,
      hours: { [TOKYO]: [9, 18], [OSAKA]: [9, 20], [SAPPORO]: [9, 22] } as const,
    };
    expect(tried(tollFreeCall(all, { at: at(12) }).plan)).toEqual([TOKYO, OSAKA, SAPPORO]);
    expect(tried(tollFreeCall(all, { at: at(18) }).plan)).toEqual([OSAKA, SAPPORO]);
    expect(rules(tollFreeCall(all, { at: at(18) }))).toContain('in.tollFree.detourOpen');
    expect(rules(tollFreeCall(all, { at: at(12) }))).not.toContain('in.tollFree.detourOpen');
    expect(tried(tollFreeCall(all, { at: at(21) }).plan)).toEqual([SAPPORO]);
    const closed = tollFreeCall(all, { at: at(22) });
    expect(closed.plan).toMatchObject({ verb: 'play', prompt: 'tollFree.afterHours' });
    expect(factsOf(closed, 'in.tollFree.afterHours')).toContain('S2-043');
  });
});

describe('the facts of a trace', () => {
  it('name the region only where a detour may leave one: with a second answer group [S2-032] [A-29]', () => {
    const all = group('all', 'rest', [TOKYO], { busyDetour: [SAPPORO] });
    const west = group('west', [prefecture('大阪府')], [OSAKA]);
    const facts = (groups: TollFreeWorld['groups']) =>
      factsOf(tollFreeCall({ ...calleePays, groups }), 'in.tollFree.detour');
    expect(facts([all])).toEqual(['S2-032']);
    expect(facts([west, all])).toEqual(['S2-032', 'A-29']);
  });

  it('of the guidance name the closed detour and the outweighed change [S2-035] [S2-037] [S2-043] [S2-044]', () => {
    const destinationChange = daily(18, 22, [OSAKA] as readonly string[] | null, null);
    const closed = (more: Parameters<typeof group>[3]) =>
      tollFreeCall(
        {
          ...calleePays,
          groups: [group('all', 'rest', [TOKYO], { busyDetour: [SAPPORO], ...more })],
          hours: { [TOKYO]: [9, 18], [SAPPORO]: [9, 18] },
        },
        { at: at(20) },
      );
    const facts = (more: Parameters<typeof group>[3]) => factsOf(closed(more), 'in.tollFree.afterHours');
    expect(closed({ destinationChange }).plan).toMatchObject({ prompt: 'tollFree.afterHours', times: 2 });
    expect(facts({ destinationChange })).toEqual(['S2-035', 'S2-037', 'S2-043', 'S2-044']);
    expect(facts({})).toEqual(['S2-035', 'S2-037', 'S2-043']);
  });
});

describe('guidance of a connection', () => {
  it.each(['caller', 'callee', 'both'] as const)(
    'is heard by: %s, on the number that answers, detours included [S2-024]',
    (connection) => {
      const office = {
        ...calleePays,
        groups: [group('all', 'rest', [TOKYO], { busyDetour: [OSAKA] })],
        setting: { guidance: { connection, restriction: true, afterHours: false } },
      };
      const guidance = { prompt: 'tollFree.connection', to: connection };
      expect(rules(tollFreeCall(office))).toContain('in.tollFree.connection');
      expect(tollFreeCall(office).plan).toMatchObject({
        verb: 'forward',
        guidance,
        onBusy: { verb: 'forward', guidance },
      });
    },
  );

  it('is heard by nobody where it is not set [S2-024]', () => {
    const decision = tollFreeCall({ groups: [group('all', 'rest', [MAIN])] });
    expect(decision.plan).not.toHaveProperty('guidance');
    expect(rules(decision)).not.toContain('in.tollFree.connection');
  });
});
