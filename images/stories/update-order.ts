import { pause } from '../../scripts/demo/story.ts';
import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { serving } from '../lab/claim.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Figures, Story } from '../lab/story.ts';
import { callOut, hangUp } from '../lab/talks.ts';
import {
  boxForOrders,
  boxUpdate,
  minuteFromNow,
  mustRun,
  operator,
  restarts,
  rollOut,
  rolloutOf,
  rolloutSays,
  updateAt,
  updateIs,
  variantsOf,
} from './updates.part.ts';

/** Longer than a new system may fail: one that was blamed for the network would have gone back. */
const AWAY_MS = 200_000;

export const story: Story = {
  name: 'update-order',
  about:
    'an update from the service waits for room on the disk, for its window and for the end of a call; without the service in its probation it stays, and is confirmed later; then somebody goes back',
  order: 92,
  ahead: variantsOf,
  async run(lab: Lab): Promise<Figures> {
    const { newer } = await variantsOf(lab);
    const box = await boxForOrders(lab);
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    const rollout = await fullDisk(lab, newer.file, newer.version);
    const installMs = await installedBeforeWindow(lab);
    const again = await callWhenWindowOpens(lab, newer.version);
    const startMs = await restarts(box, async () => {
      await hangUp(lab, again.call);
      const reset = box.qmp.event('RESET', 420_000);
      await reset;
      lab.network.serviceReachable(false);
    });
    const confirmMs = await believedLater(lab, again.rollout);
    await mustRun(box, 'b', 'after the update');
    const backMs = await goBack(lab);
    return {
      installS: seconds(installMs),
      restartS: seconds(startMs),
      confirmAfterReturnS: seconds(confirmMs),
      rollbackS: seconds(backMs),
      rollouts: `${rollout} ${again.rollout}`,
    };
  },
};

/** With a full disk the box says why it waits, and is called as ever. */
async function fullDisk(lab: Lab, file: string, version: string): Promise<string> {
  const { box } = lab;
  await box.root.run(
    'fallocate -l $(df --output=avail -B1 /data | tail -n 1) /data/ballast; cat /dev/zero >/data/rest; sync',
    240_000,
  );
  const far = `${minuteFromNow(600)}-${minuteFromNow(660)}`;
  const rollout = await rollOut(lab, file, version, '--window', far, '--lead', '20h');
  await updateIs(
    box,
    'a wait for room on the disk',
    ({ state }) => state.at === 'waiting' && state.for === 'space',
  );
  await rolloutSays(lab, rollout, ({ step }) => step === 'waiting');
  await hangUp(lab, await callOut(lab));
  await box.root.get('rm -f /data/ballast /data/rest; sync');
  return rollout;
}

/** With room again it fetches and installs, and then waits for a window that is far away. */
async function installedBeforeWindow(lab: Lab): Promise<number> {
  const { box } = lab;
  await updateIs(box, 'an installation', ({ state }) => state.at === 'installing');
  const fromMs = performance.now();
  await updateIs(
    box,
    'a wait for the window',
    ({ state }) => state.at === 'waiting' && state.for === 'window',
  );
  await mustRun(box, 'a', 'before the window');
  return performance.now() - fromMs;
}

/** The window opens with a call up: the box waits for the end of that too. */
async function callWhenWindowOpens(lab: Lab, version: string) {
  const { box } = lab;
  const call = await callOut(lab);
  const soon = `${minuteFromNow(1)}-${minuteFromNow(240)}`;
  const said = await operator(
    lab,
    'rollout',
    'start',
    version,
    '--gateway',
    lab.cloud.gateway,
    '--window',
    soon,
  );
  const rollout = rolloutOf(said);
  await updateIs(box, 'a wait for the call', ({ state }) => state.at === 'waiting' && state.for === 'call');
  await pause(10_000);
  const still = await boxUpdate(box);
  if (still?.state.for !== 'call') throw new LabError(`with a call up the box says ${JSON.stringify(still)}`);
  return { call, rollout };
}

/** The service is away: no fault of the new system, which stays; with the service there again it is believed. */
async function believedLater(lab: Lab, rollout: string): Promise<number> {
  const { box, network } = lab;
  await updateAt(box, 'probation');
  await pause(AWAY_MS);
  await mustRun(box, 'b', `after ${seconds(AWAY_MS)} s without the service`);
  const watched = await boxUpdate(box);
  if (watched?.state.at !== 'probation') {
    throw new LabError(`without the service the new system is ${JSON.stringify(watched?.state)}`);
  }
  network.serviceReachable(true);
  const fromMs = performance.now();
  await updateAt(box, 'done');
  const tookMs = performance.now() - fromMs;
  await rolloutSays(lab, rollout, ({ at }) => at === 'done');
  await serving(box, lab.cloud, BOOT_LIMIT_MS);
  return tookMs;
}

/** Somebody before the box wants the old system back: it is watched like a new one. */
async function goBack(lab: Lab): Promise<number> {
  const { box } = lab;
  const fromMs = performance.now();
  await restarts(box, () => box.root.get('engawa update rollback'));
  await mustRun(box, 'a', 'after engawa update rollback');
  await updateIs(
    box,
    'the old system, confirmed',
    ({ running }) => running.slot === 'a' && running.confirmed,
  );
  await serving(box, lab.cloud, BOOT_LIMIT_MS);
  return performance.now() - fromMs;
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
