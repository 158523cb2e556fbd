import { describe, expect, it } from 'vitest';
import { promptAudio } from '../../../cloud-stub/media/prompts/prompts.ts';
import { PROMPT_TABLE } from '../../../cloud-stub/media/prompts/table.ts';
import { unansweredLegs } from '../../../cloud-stub/routing/index.ts';
import { at, EXAMPLES, type Example } from './acceptance-cases.ts';
import { OfficeWorld, type SeenLeg } from './acceptance-world.ts';
import { type GatewayCall, until } from './gateway.ts';

/** `id-000001-2` as `b`, numbers outside as they are. */
function short(to: string): string {
  const index = /^id-000001-(\d+)$/.exec(to)?.[1];
  return index === undefined ? to : String.fromCharCode(96 + Number(index));
}

/** Legs step after step: those of one step in any order, the steps in theirs. */
function inSteps(legs: readonly string[], sizes: readonly number[]): readonly (readonly string[])[] {
  let from = 0;
  const steps = sizes.map((size) => {
    const step = legs.slice(from, from + size).sort();
    from += size;
    return step;
  });
  return from < legs.length ? [...steps, legs.slice(from)] : steps;
}

const sorted = (steps: Example['legs']): readonly (readonly string[])[] =>
  steps.map((step) => [...step].sort());

/** What happens to the call as its caller sees it, and how to give it up. */
interface Caller {
  readonly done: () => boolean;
  readonly status: () => number | undefined;
  readonly answered: () => boolean;
  hangUp(): void;
}

function outsideCaller(world: OfficeWorld, call: string): Caller {
  const view = () => world.caller(call);
  const passed = (state: string) => view()?.history.some((entry) => entry.state === state) === true;
  return {
    done: () => passed('ended'),
    status: () => view()?.status ?? undefined,
    answered: () => passed('answered'),
    hangUp: () => world.carrier.hangUp(call),
  };
}

function deviceCaller(call: GatewayCall): Caller {
  const find = (type: string) => call.events.find((event) => event.type === type);
  // Who hangs up is not told that the call has ended.
  let gone = false;
  return {
    done: () => gone || find('failed') !== undefined || find('ended') !== undefined,
    status: () => {
      const failed = find('failed');
      return failed?.type === 'failed' ? failed.status : undefined;
    },
    answered: () => find('answered') !== undefined,
    hangUp: () => {
      gone = true;
      call.session.hangUp();
    },
  };
}

/** What was heard, as the names of the prompts whose notes it was. */
function promptsIn(windows: readonly { readonly hz: number; readonly dbm0: number }[]): readonly string[] {
  const loud = windows.filter((window) => window.dbm0 > -30).map((window) => window.hz);
  const notes = loud.filter((hz, index) => index === 0 || Math.abs(hz - (loud[index - 1] ?? 0)) > 12);
  const names: string[] = [];
  for (let index = 0; index + 1 < notes.length; ) {
    const found = PROMPT_TABLE.find(({ notes: [first, second] }) => {
      const near = (hz: number | undefined, wanted: number | undefined) =>
        Math.abs((hz ?? 0) - (wanted ?? 1e6)) < 12;
      return near(notes[index], first?.hz) && near(notes[index + 1], second?.hz);
    });
    if (found === undefined) index++;
    else {
      names.push(found.name);
      index += 2;
    }
  }
  return names;
}

async function play(example: Example, net: string): Promise<void> {
  const { office, by, legs, end, hears = [] } = example;
  const numbers = legs.flat().filter((name) => name.length > 1);
  const world = new OfficeWorld({
    net,
    contracts: [office],
    now: example.at ?? at(10),
    outside: { ...Object.fromEntries(numbers.map((number) => [number, 'rings'])), ...example.outside },
    members: example.members ?? {},
    ...(example.nobodyHere === true ? { away: office.ids.map(({ id }) => id) } : {}),
  });
  await world.start();
  try {
    const from = `id-000001-${(by?.id.charCodeAt(0) ?? 97) - 96}`;
    const call =
      by === undefined
        ? await world.callIn(example.to ?? office.numbers[0]?.number ?? '', example.from, example.origin)
        : '';
    const ear = hears.length === 0 ? undefined : world.carrier.hear(call, 3_500);
    const caller =
      by === undefined
        ? outsideCaller(world, call)
        : deviceCaller(await world.box.call(from, by.dials, 1_100));
    await until(() => caller.done() || caller.answered(), 'the outcome', 30_000);
    if (end === 'answered') {
      expect(caller.answered()).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 100));
      caller.hangUp();
    }
    await until(() => caller.done(), 'the end', 30_000);
    if (typeof end === 'object') expect(caller.status()).toBe(end.status);
    if (end === 'released') expect(caller.answered()).toBe(true);
    expect(promptsIn((await ear)?.windows ?? [])).toEqual(hears);
    await world.quiet();
    // A refusal is answered at once, and written a moment later.
    await until(() => world.book.rows.size > 0, 'the call in the book', 30_000);
    compare(example, world);
  } finally {
    await world.stop();
  }
}

/** Who really rang, who should have, what was decided, and what stands in the book: all the same. */
function compare(example: Example, world: OfficeWorld): void {
  const { legs, presents } = example;
  const sizes = legs.map((step) => step.length);
  const seen = world.legs();
  expect(
    inSteps(
      seen.map(({ to }) => short(to)),
      sizes,
    ),
  ).toEqual(sorted(legs));
  const outside = seen.filter((leg) => leg.presents !== null);
  if (presents !== undefined) expect(outside.map((leg) => leg.presents)).toEqual(outside.map(() => presents));
  const plan = world.directory.decisions[0]?.plan;
  const quiet = Object.keys({ ...example.outside, ...example.members }).length === 0;
  if (quiet && plan !== undefined) {
    const { legs: planned } = unansweredLegs(plan);
    expect(
      inSteps(
        planned.map(({ to }) => short(to)),
        sizes,
      ),
    ).toEqual(sorted(legs));
    compareTimes(planned, seen);
  }
  const written = world.book.legsOf(world.book.last().start.call);
  expect(
    inSteps(
      written.map(({ start }) => short(start.to)),
      sizes,
    ),
  ).toEqual(sorted(legs));
  for (const { start } of written) {
    const party = outside.find((leg) => leg.to === start.to);
    if (party !== undefined) expect(start.presents).toBe(party.presents);
  }
  expect(written.filter((leg) => leg.answered)).toHaveLength(example.end === 'answered' ? 1 : 0);
}

/** Each leg rings when the decision says it would, give or take what a busy machine needs. */
function compareTimes(
  planned: readonly { readonly to: string; readonly afterMs: number }[],
  seen: readonly SeenLeg[],
): void {
  const startMs = seen[0]?.atMs ?? 0;
  for (const { to, afterMs } of planned) {
    const real = (seen.find((leg) => leg.to === to)?.atMs ?? 0) - startMs;
    expect(real).toBeGreaterThan(afterMs - 120);
    expect(real).toBeLessThan(afterMs + 1_500);
  }
}

describe('an acceptance example as a real call rings the same legs in the same order as the decision says', () => {
  it.concurrent.each(EXAMPLES.map((example, index) => ({ ...example, net: `127.57.${100 + index}` })))(
    '$name',
    (example) => play(example, example.net),
    25_000,
  );
});

describe('the prompts of the examples', () => {
  it('are all stored', () => {
    const names = new Set(EXAMPLES.flatMap((example) => example.hears ?? []));
    for (const name of names) expect(promptAudio(name)).toBeDefined();
  });
});
