import { expect, it } from 'vitest';
import { World } from './world.ts';

it('a call of which nothing is heard fails in time, once, and one that is on its way does not', async () => {
  const world = new World();
  const us = world.party('10.0.0.1');
  const there = world.party('10.0.0.2');
  const nobody = us.call('10.0.0.9', { unheardMs: 5_000 });
  const somebody = us.call(there, { unheardMs: 5_000 });
  await world.pass(4_500);
  expect(nobody.types()).toEqual([]);
  await world.pass(1_000);
  expect(nobody.last('failed')).toMatchObject({ status: 408 });
  await world.pass(60_000);
  expect(nobody.types()).toEqual(['failed']);
  expect(somebody.types()).toEqual([]);
  there.newest().session.answer('v=0');
  await world.pass(100);
  expect(somebody.types()).toEqual(['answered']);
});

it('what answers after that is ended: nobody is left in a call that was given up', async () => {
  const world = new World();
  const us = world.party('10.0.0.1');
  const call = us.call('10.0.0.2', { unheardMs: 2_000 });
  await world.pass(2_500);
  expect(call.types()).toEqual(['failed']);
  // It comes up while the INVITE is still repeated.
  const late = world.party('10.0.0.2');
  await world.pass(5_000);
  expect(late.newest().types()).toEqual(['cancelled']);
});
