import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { standardRules } from '../../cloud-stub/store/standard-rules.ts';
import { NO_HOST } from '../../lib/base/own-host.ts';
import { Books } from '../../scripts/drills/site/books.ts';
import { BOX_HOST, Box } from '../../scripts/drills/site/box.ts';
import { CLOUD_HOST, Cloud, NETWORK_SIDE } from '../../scripts/drills/site/cloud.ts';
import { Judge } from '../../scripts/drills/site/judge.ts';
import { Net } from '../../scripts/drills/site/network.ts';
import { siteOffice } from '../../scripts/drills/site/office.ts';
import { Outside } from '../../scripts/drills/site/outside.ts';
import { SoundWatch } from '../../scripts/drills/site/sound-watch.ts';
import { World } from '../../scripts/drills/site/world.ts';

const OUTAGES = 3;
/** Long enough for pauses of a minute. */
const AWAY_MS = 240_000;
/** Twice the longest pause, and a try that hangs. */
const RETURN_LIMIT_MS = 180_000;
/** What a try needs that was under way when the service was reached, and the one after it. */
const FOLLOWS_WITHIN_MS = 15_000;

/** What an outage takes: the way to the service, or with it the address of the box, as a router does that starts anew. */
type Away = 'way' | 'address';

/**
 * For each of some outages, in ms: how long after the service was reached again the last line was registered; where the address
 * was away, how long after that was there.
 */
async function waysBack(seed: number, away: Away): Promise<readonly number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-site-'));
  const world = new World(seed);
  const net = new Net(world);
  const judge = new Judge(world);
  const books = new Books(world, siteOffice, standardRules());
  judge.books = books;
  const sounds: SoundWatch = new SoundWatch(world, () => box.hardware);
  const cloud = new Cloud(world, net, books, judge);
  const box: Box = new Box(world, net, folder, judge, sounds);
  const outside = new Outside(world, net, NETWORK_SIDE);
  const way = net.way(BOX_HOST, CLOUD_HOST);
  let address = BOX_HOST;
  box.host = () => address;
  const reached = (): boolean => box.source?.status().cloud.connected === true;
  const lines = (): number =>
    (box.source?.lines() ?? []).filter(({ registration }) => registration.at === 'registered').length;
  /** When `wanted` has come true. */
  const when = async (wanted: () => boolean): Promise<number> => {
    const end = world.nowMs + RETURN_LIMIT_MS;
    while (!wanted() && world.nowMs < end) await world.pass(100);
    expect(wanted()).toBe(true);
    return world.nowMs;
  };
  try {
    await outside.start();
    cloud.start();
    box.start();
    await when(() => reached() && lines() > 0);
    await world.pass(20_000);
    const all = lines();
    const took: number[] = [];
    for (let outage = 0; outage < OUTAGES; outage++) {
      way.cut = true;
      if (away === 'address') address = NO_HOST;
      await world.pass(AWAY_MS);
      expect(reached()).toBe(false);
      expect(lines()).toBe(0);
      net.mend(way);
      address = BOX_HOST;
      const addressMs = world.nowMs;
      const reachedMs = await when(reached);
      const fromMs = away === 'address' ? addressMs : reachedMs;
      took.push((await when(() => lines() === all)) - fromMs);
    }
    return took;
  } finally {
    cloud.end();
    box.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

it.each([1, 2, 3, 4])(
  'the lines follow when the service is reached again, and wait out no pause of their own, seed %i',
  async (seed) => {
    const took = await waysBack(seed, 'way');
    expect(Math.max(...took)).toBeLessThanOrEqual(FOLLOWS_WITHIN_MS);
  },
  60_000,
);

it.each([1, 2, 3, 4])(
  'service and lines are back soon after the address of the box is, seed %i',
  async (seed) => {
    const took = await waysBack(seed, 'address');
    expect(Math.max(...took)).toBeLessThanOrEqual(FOLLOWS_WITHIN_MS);
  },
  60_000,
);
