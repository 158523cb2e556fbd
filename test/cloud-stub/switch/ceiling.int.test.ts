import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Contract } from '../../../cloud-stub/contracts/index.ts';
import type { Store } from '../../../cloud-stub/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { microYen } from '../../../lib/base/units.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { idOf, makeOffice, switches } from '../routing/offices.ts';
import { FREE, group, tollFreeOffice } from '../routing/toll-free/office.ts';
import { MAIN } from '../routing/world.ts';
import { openTestStore } from '../store/open-test-store.ts';
import { MOBILE } from './acceptance-cases.ts';
import { type Manner, OfficeWorld } from './acceptance-world.ts';
import { until } from './gateway.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

const LINE = '0665551111';
const yen = (amount: number) => microYen(amount * 1_000_000);
/** One minute of a caller in a mobile network costs 20 yen [S0-051]: the first call reaches it. */
const ceiling = { limitMicroYen: yen(20), warnPercent: 80 };

/** A switch between real parties, decided, authorised and written down by a real store. */
async function worldOf(
  contract: Contract,
  net: string,
  parties: { members?: Record<string, Manner>; outside?: Record<string, Manner> },
): Promise<{ world: OfficeWorld; store: Store }> {
  const store = await openTestStore(await postgres.database());
  running.push(() => store.close());
  await store.offices.add(contract);
  await store.directory.refresh();
  const { authorise, calls: book, directory } = store;
  const service = { directory, book };
  const now = systemClock.now();
  const world = new OfficeWorld({ net, contracts: [contract], now, authorise, service, ...parties });
  running.push(() => world.stop());
  await world.start();
  return { world, store };
}

async function callOf(world: OfficeWorld, to: string): Promise<number | 'answered'> {
  const call = await world.callIn(to, MOBILE);
  const view = () => world.caller(call);
  await until(() => view()?.state === 'answered' || view()?.state === 'ended', 'the outcome', 30_000);
  if (view()?.state === 'ended') return view()?.status ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(view()?.state).toBe('answered');
  world.carrier.hangUp(call);
  await until(() => [...world.book.rows.values()].at(-1)?.end !== undefined, 'the record');
  return 'answered';
}

const ends = (world: OfficeWorld) => [...world.book.rows.values()].map(({ end }) => end?.because ?? '');

describe('a toll-free number with a ceiling [A-36] [S3-032]', () => {
  it('is put through to the office, charged as such, and refused once earlier calls have used the ceiling up', async () => {
    const office = tollFreeOffice({ groups: [group('all', 'rest', [MAIN])], more: { ceiling } });
    const { world, store } = await worldOf(office, '127.57.90', { members: { [idOf('a')]: 'answers' } });
    expect(await callOf(world, FREE)).toBe('answered');
    // The call was charged as the office's own, and what is used is known without asking the database.
    expect(store.spend.of(office.id)).toBe(yen(20));
    expect(await callOf(world, FREE)).toBe(403);
    await until(() => ends(world).length === 2 && ends(world)[1] !== '', 'the record of the refusal');
    expect(world.directory.decisions.map(({ plan }) => plan.verb)).toEqual(['ring', 'reject']);
    expect(ends(world)[1]).toContain('in.tollFree.ceiling');
    // Called by its ordinary number the caller pays: nothing stands in the way.
    expect(await callOf(world, MAIN)).toBe('answered');
  });

  it('is asked about for the office’s own devices and for lines outside, by the price of the caller', async () => {
    const office = tollFreeOffice({
      product: 'calleePays',
      groups: [group('all', 'rest', [LINE])],
      more: { ceiling: { ...ceiling, limitMicroYen: yen(40) } },
    });
    const { world, store } = await worldOf(office, '127.57.91', { outside: { [LINE]: 'answers' } });
    expect(await callOf(world, FREE)).toBe('answered');
    expect(await callOf(world, FREE)).toBe('answered');
    expect(store.spend.of(office.id)).toBe(yen(40));
    const start = world.book.last().start;
    const leg = world.book.legsOf(start.call)[0]?.start;
    if (leg === undefined) throw new Error('no leg');
    expect(leg.kind).toBe('member');
    expect(await store.authorise({ start, leg })).toMatchObject({ rule: 'authorise.ceiling' });
    const own = { ...leg, id: idOf('a'), to: idOf('a'), device: 'adapter' } as const;
    expect(await store.authorise({ start, leg: own })).toMatchObject({ rule: 'authorise.ceiling' });
    // The same devices rung by a caller who pays cost the office nothing.
    const { tollFree: _, ...decision } = start.decision;
    expect(await store.authorise({ start: { ...start, decision }, leg: own })).toEqual({
      verdict: 'granted',
    });
  });
});

describe('a forwarded call with a ceiling', () => {
  it('is stopped at its leg when the ceiling is reached, while a call that runs goes on [A-36]', async () => {
    const features = { answer: switches({ forwarding: true }), forwardTo: LINE };
    const office = makeOffice({
      ids: [{}, {}],
      numbers: [{ number: MAIN, rings: 'ab', features }],
      more: { ceiling: { limitMicroYen: yen(8), warnPercent: 80 } },
    });
    const { world, store } = await worldOf(office, '127.57.92', { outside: { [LINE]: 'answers' } });
    const first = await world.callIn(MAIN, MOBILE);
    await until(() => world.caller(first)?.state === 'answered', 'the first answer');
    expect(await callOf(world, MAIN)).toBe('answered');
    expect(store.spend.of(office.id)).toBe(yen(8));
    expect(await callOf(world, MAIN)).toBe(403);
    expect(world.caller(first)?.state).toBe('answered');
    expect(world.legs()).toHaveLength(2);
    world.carrier.hangUp(first);
    await world.quiet();
    const refused = [...world.book.legs.values()];
    expect(refused).toHaveLength(2);
    expect(ends(world).some((because) => because.includes('ceiling'))).toBe(true);
  });
});
