import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import { DEVICE_KEY_FILE, ENROLMENT_FILE, keepDeviceKey, removeSecret } from '../enrol/index.ts';
import { inspectStore } from '../store/index.ts';

/** What is to be thrown away beside the configuration and everything that was learned. */
export interface ResetOrder {
  /** Call records that the service does not have yet go too; else they stop the reset. */
  readonly records: boolean;
  /** The enrolment goes too, so that the box can be claimed by another contract; the key of the device stays. */
  readonly enrolment: boolean;
}

/** Says that a reset was ordered and has not ended: it is gone on with at the next start. */
const ORDER_FILE = 'reset.json';

const order = z.strictObject({ v: z.literal(1), records: z.boolean(), enrolment: z.boolean() });

/** Orders a reset for the next start of the agent. Synced to disk when it returns; throws when the disk refuses. */
export function orderReset(folder: string, wish: ResetOrder): void {
  const path = join(folder, ORDER_FILE);
  const { records, enrolment } = wish;
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, JSON.stringify({ v: 1, records, enrolment }));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  syncFolder(folder);
}

/**
 * Carries out a reset that was ordered; undefined when none was. Before anything else at the start: interrupted at any point, it is
 * gone on with at the next one. Refused when call records wait that may not be thrown away: then nothing is, and the order is
 * forgotten.
 */
export function finishReset(folder: string): Result<ResetOrder> | undefined {
  const path = join(folder, ORDER_FILE);
  const wish = readOrder(path);
  if (wish === undefined) return undefined;
  try {
    const done = resetFolder(folder, wish);
    if (!done.ok || !existsSync(path)) rmSync(path, { force: true });
    return done.ok ? ok(wish) : done;
  } catch (error) {
    // The order stays, and the office has its telephones meanwhile.
    const say = `The disk cannot be written (${String(error)}): the reset is carried out at the next start that can.`;
    return refuse<CodedError>({ code: 'reset.disk', fault: 'environment', say });
  }
}

/**
 * Throws away everything in the agent's folder but the identity: enrolment and key of the device. No agent may run on it. The
 * records go last but one, the order last.
 */
export function resetFolder(folder: string, wish: ResetOrder): Result<void> {
  const waiting = waitingIn(folder);
  if (!wish.records && waiting !== undefined) return refuse(waiting);
  if (wish.enrolment) {
    if (existsSync(join(folder, ENROLMENT_FILE))) {
      keepDeviceKey(folder, ENROLMENT_FILE);
      removeSecret(join(folder, ENROLMENT_FILE));
    }
  }
  const stays = new Set([ENROLMENT_FILE, DEVICE_KEY_FILE, ORDER_FILE, 'lost+found']);
  for (const name of readdirSync(folder)) {
    if (!stays.has(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
  syncFolder(folder);
  rmSync(join(folder, ORDER_FILE), { force: true });
  return ok(undefined);
}

/** Why the store may not go: records that nobody has, or calls of an earlier run that have no record yet. */
function waitingIn(folder: string): CodedError | undefined {
  const found = inspectStore(join(folder, 'agent.sqlite'));
  switch (found.kind) {
    case 'none':
      return undefined;
    case 'held':
      return { code: 'reset.held', fault: 'environment', say: 'A running agent holds the store.' };
    case 'damaged':
      return {
        code: 'reset.records',
        fault: 'environment',
        say: `The store is damaged (${found.say}): whether call records wait in it cannot be said.`,
      };
    case 'good': {
      if (found.records === 0 && found.openLegs === 0) return undefined;
      return { code: 'reset.records', fault: 'caller', say: recordsWait(found.records + found.openLegs) };
    }
  }
}

/** Why a reset is refused that would lose money. */
export function recordsWait(count: number): string {
  return `${count} call records wait for the service: connect the box until they are gone, or lose them with --lose-records.`;
}

function readOrder(path: string): ResetOrder | undefined {
  try {
    const read = order.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return read.success ? { records: read.data.records, enrolment: read.data.enrolment } : undefined;
  } catch {
    return undefined;
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
