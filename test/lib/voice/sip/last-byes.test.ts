import { describe, expect, it } from 'vitest';
import { type Heard, type Party, sdpOf, World } from './world.ts';

/** A call that is up, from `a` to `b`. */
async function talking(world: World, a: Party, b: Party): Promise<Heard> {
  const call = a.call(b);
  await world.pass();
  b.newest().session.answer(sdpOf(b.host));
  await world.pass();
  expect(call.types()).toContain('answered');
  return call;
}

describe('a BYE that nobody answers', () => {
  it('is said again until the peer can be reached, which then has no such call any more', async () => {
    const world = new World();
    const [a, b] = [world.party('10.0.0.1'), world.party('10.0.0.2')];
    const call = await talking(world, a, b);
    world.network.cut(b.host, true);
    call.session.hangUp();
    await world.pass(60_000);
    expect(b.newest().types()).not.toContain('ended');
    world.network.cut(b.host, false);
    await world.pass(20_000);
    expect(b.newest().last('ended')).toMatchObject({ by: 'peer' });
    const sequences = new Set(world.requests('BYE', a.host).map(({ cseq }) => cseq.number));
    expect(sequences.size).toBeGreaterThan(1);
    expect(a.agent.counters.byesGivenUp).toBe(0);
    expect(await world.leftovers(a, b)).toEqual([]);
  });

  it('is said once where it is answered, also with 481', async () => {
    const world = new World();
    const [a, b] = [world.party('10.0.0.1'), world.party('10.0.0.2')];
    const call = await talking(world, a, b);
    world.network.cut(b.host, true);
    world.network.cut(a.host, true);
    // Both hang up at the same moment, and neither hears of the other.
    call.session.hangUp();
    b.newest().session.hangUp();
    await world.pass(40_000);
    world.network.cut(a.host, false);
    world.network.cut(b.host, false);
    await world.pass(60_000);
    expect(world.statuses('BYE', b.host)).toContain(481);
    const before = world.requests('BYE').length;
    await world.pass(60_000);
    expect(world.requests('BYE')).toHaveLength(before);
    expect(await world.leftovers(a, b)).toEqual([]);
  });

  it('is given up after four minutes, and counted', async () => {
    const world = new World();
    const [a, b] = [world.party('10.0.0.1'), world.party('10.0.0.2')];
    const call = await talking(world, a, b);
    world.network.cut(b.host, true);
    call.session.hangUp();
    await world.pass(300_000);
    expect(a.agent.counters.byesGivenUp).toBe(1);
    expect(world.clock.names().filter((name) => name.includes('BYE'))).toEqual([]);
  });

  it('is not said by a user agent that has stopped', async () => {
    const world = new World();
    const [a, b] = [world.party('10.0.0.1'), world.party('10.0.0.2')];
    const call = await talking(world, a, b);
    world.network.cut(b.host, true);
    call.session.hangUp();
    await world.pass(33_000);
    await a.agent.stop();
    const before = world.requests('BYE').length;
    await world.pass(60_000);
    expect(world.requests('BYE')).toHaveLength(before);
    expect(world.clock.names().filter((name) => name.includes('BYE'))).toEqual([]);
  });
});

describe('a question whether the peer knows a call', () => {
  const ask = async (world: World, { session }: Heard): Promise<unknown> => {
    const told: unknown[] = [];
    session.probe?.((knows) => told.push(knows));
    await world.pass(40_000);
    expect(told).toHaveLength(1);
    return told[0];
  };

  it('is answered by yes on both sides of one that is up, and ends nothing', async () => {
    const world = new World();
    const [a, b] = [world.party('10.0.0.1'), world.party('10.0.0.2')];
    const call = await talking(world, a, b);
    expect(await ask(world, call)).toBe(true);
    expect(await ask(world, b.newest())).toBe(true);
    expect([...call.types(), ...b.newest().types()]).not.toContain('ended');
  });

  it('is answered by no where the peer has lost it, and by nobody where none is reached', async () => {
    const world = new World();
    const [a, b] = [world.party('10.0.0.1'), world.party('10.0.0.2')];
    const call = await talking(world, a, b);
    world.network.cut(a.host, true);
    b.newest().session.hangUp();
    await world.pass(300_000);
    expect(await ask(world, call)).toBeUndefined();
    world.network.cut(a.host, false);
    expect(await ask(world, call)).toBe(false);
    expect(call.types()).not.toContain('ended');
    call.session.hangUp();
    expect(await ask(world, call)).toBeUndefined();
  });
});
