import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pause } from '../../scripts/demo/story.ts';
import { run } from '../build/run.ts';
import type { Variants } from '../build/variants.ts';
import { BOOT_LIMIT_MS, type Box } from '../lab/box.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import { program } from '../lab/program.ts';

/** Longest time for one step of an update on a machine that is busy. */
export const STEP_LIMIT_MS = 420_000;
/** Each look is a program of its own in the box, and takes the processor from what is looked at. */
const LOOK_EVERY_MS = 5_000;
const ASK_SERVICE_EVERY_MS = 1_000;
const MIB = 1024 * 1024;

/** Where an update stands, as `engawa update --json` says it. */
export interface BoxUpdate {
  readonly running: { readonly slot: 'a' | 'b'; readonly version: string; readonly confirmed: boolean };
  readonly other: { readonly version: string; readonly startable: boolean } | null;
  readonly state: {
    readonly at: string;
    readonly for?: string;
    readonly percent?: number;
    readonly reason?: { readonly code: string; readonly say: string };
  };
}

/** The bundles of each laboratory's stories, once somebody has asked for them. */
const made = new WeakMap<Lab, Promise<Variants>>();

/** The bundles of the stories: made from the built system when they are first asked for, or ahead. */
export function variantsOf(lab: Lab): Promise<Variants> {
  const known = made.get(lab);
  if (known !== undefined) return known;
  const { root, out, keys } = lab.order;
  const main = [process.execPath, '--import', 'tsx', join(root, 'scripts/image.ts')];
  const work = program([...main, 'variants', '--folder', dirname(out), '--keys', keys]).then(
    (printed) => JSON.parse(printed) as Variants,
  );
  made.set(lab, work);
  work.catch(() => made.delete(lab));
  return work;
}

/** Laboratories whose service has ordered an update of its box. */
const ordered = new WeakSet<Lab>();

/**
 * The box for a story in which the service orders an update. The service keeps its last order, and a box that does not remember it,
 * as its storage is older, would carry it out once more: so these stories go on with one box, and come last.
 */
export async function boxForOrders(lab: Lab): Promise<Box> {
  if (!ordered.has(lab)) {
    await lab.claimed();
    ordered.add(lab);
  } else if (!lab.isOn) {
    await lab.boot();
  }
  lab.spoilt();
  return lab.box;
}

/** What the box says of its systems; undefined while it says nothing. */
export async function boxUpdate(box: Box): Promise<BoxUpdate | undefined> {
  const { output } = await box.root.run('engawa update --json', 90_000);
  try {
    const { update } = JSON.parse(output) as { readonly update: { readonly report: BoxUpdate | null } };
    return update.report ?? undefined;
  } catch {
    return undefined;
  }
}

/** Looks at the update until it is as `wanted` says. Rejects when it ends otherwise, or too late, with what the box says. */
export async function updateIs(
  box: Box,
  what: string,
  wanted: (update: BoxUpdate) => boolean,
  limitMs = STEP_LIMIT_MS,
): Promise<BoxUpdate> {
  const end = performance.now() + limitMs;
  let last: BoxUpdate | undefined;
  while (performance.now() < end) {
    last = (await boxUpdate(box)) ?? last;
    if (last !== undefined && wanted(last)) return last;
    if (last !== undefined && ['failed', 'rolledBack'].includes(last.state.at)) break;
    await pause(LOOK_EVERY_MS);
  }
  throw new LabError(`${what} did not happen; the box says ${JSON.stringify(last)}`);
}

/** The update stands at `at`. */
export function updateAt(box: Box, at: string, limitMs?: number): Promise<BoxUpdate> {
  return updateIs(box, `an update that is ${at}`, ({ state }) => state.at === at, limitMs);
}

/** Does something after which the box restarts by itself; resolves when it is up again, with the time that the start took. */
export async function restarts(
  box: Box,
  act: () => Promise<unknown>,
  limitMs = STEP_LIMIT_MS,
): Promise<number> {
  const reset = box.qmp.event('RESET', limitMs);
  reset.catch(() => undefined);
  await act();
  await reset;
  const fromMs = performance.now();
  await box.up(BOOT_LIMIT_MS);
  return Math.round(performance.now() - fromMs);
}

/** The slot that runs, as the kernel was told. */
export async function slotOf(box: Box): Promise<string> {
  return (await box.root.get("sed 's/.*engawa.slot=\\(.\\).*/\\1/' /proc/cmdline")).trim();
}

/** Rejects unless this slot runs. */
export async function mustRun(box: Box, slot: 'a' | 'b', when: string): Promise<void> {
  const runs = await slotOf(box);
  if (runs !== slot) throw new LabError(`${when} slot ${runs} runs, and it should be ${slot}`);
}

/** Plugs a USB stick with one file on it into the box. Resolves with the path of the file in the box. */
export async function plugStick(lab: Lab, file: string): Promise<string> {
  const image = join(lab.folder, 'stick.img');
  const name = basename(file);
  run(['rm', '-f', image]);
  run(['truncate', '-s', String((Math.ceil(statSync(file).size / MIB) + 16) * MIB), image]);
  run(['mformat', '-F', '-i', image, '::']);
  run(['mcopy', '-i', image, file, `::${name}`]);
  const { box } = lab;
  const medium = { driver: 'file', filename: image, 'read-only': true };
  await box.qmp.ask('blockdev-add', {
    ...{ driver: 'raw', 'node-name': 'stick', 'read-only': true },
    file: medium,
  });
  await box.qmp.ask('device_add', { driver: 'usb-storage', drive: 'stick', id: 'stick', bus: 'usb.0' });
  const path = `/media/stick/${name}`;
  const { status, output } = await box.root.run(
    `i=0; until test -f ${path} || [ $((i=i+1)) -gt 60 ]; do sleep 1; done; ls -l ${path}`,
    120_000,
  );
  if (status !== 0) throw new LabError(`the stick did not come to ${path}: ${output}`);
  return path;
}

/** Pulls it out. */
export async function pullStick(lab: Lab): Promise<void> {
  const { qmp } = lab.box;
  const gone = qmp.event('DEVICE_DELETED', 30_000);
  await qmp.ask('device_del', { id: 'stick' });
  await gone;
  await qmp.ask('blockdev-del', { 'node-name': 'stick' });
}

/** Runs the operator's command and gives what it printed. */
export function operator(lab: Lab, ...words: readonly string[]): Promise<string> {
  const main = join(lab.order.root, 'scripts/engawa-cloud.mjs');
  return program([process.execPath, main, '--api', lab.cloud.api, '--json', ...words]);
}

/** What the service says of this box in a rollout. */
export interface RolloutBox {
  readonly at: string;
  readonly step: string | null;
  readonly say: string;
}

/** Has the service take a bundle in, and brings the lab's box to it. Resolves with the rollout's name. */
export async function rollOut(
  lab: Lab,
  file: string,
  version: string,
  ...flags: readonly string[]
): Promise<string> {
  await operator(lab, 'release', 'add', file);
  const said = await operator(lab, 'rollout', 'start', version, '--gateway', lab.cloud.gateway, ...flags);
  return rolloutOf(said);
}

/** The name of the rollout that `engawa-cloud --json rollout start` has begun. */
export function rolloutOf(said: string): string {
  return (JSON.parse(said) as { readonly answer: { readonly id: string } }).answer.id;
}

/** Waits until the service says that of the box in a rollout. */
export async function rolloutSays(
  lab: Lab,
  rollout: string,
  wanted: (box: RolloutBox) => boolean,
  limitMs = STEP_LIMIT_MS,
): Promise<RolloutBox> {
  const end = performance.now() + limitMs;
  let last: RolloutBox | undefined;
  while (performance.now() < end) {
    const { boxes } = (await lab.cloud.get(`/rollouts/${rollout}`)) as {
      readonly boxes: readonly RolloutBox[];
    };
    last = boxes[0];
    if (last !== undefined && wanted(last)) return last;
    await pause(ASK_SERVICE_EVERY_MS);
  }
  throw new LabError(`the service says of the box in ${rollout}: ${JSON.stringify(last)}`);
}

/** A minute of the day in Japan, so many minutes from now, as `15:04`. */
export function minuteFromNow(minutes: number): string {
  const at = new Date(Date.now() + (9 * 60 + minutes) * 60_000);
  return at.toISOString().slice(11, 16);
}
