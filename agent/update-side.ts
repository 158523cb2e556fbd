import { createPublicKey, type KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import type { GatewayId } from '../lib/base/ids.ts';
import type { Logger } from '../lib/base/log.ts';
import type { Enrolment } from '../lib/contract/enrolment.ts';
import type { AgentOptions } from './agent-options.ts';
import type { Health } from './ports.ts';
import {
  type BoxNow,
  BundleShelf,
  Downloader,
  memoryFile,
  networkProbe,
  type SlotTool,
  UpdateRoom,
} from './update/index.ts';

/** What a box has that can install another system. */
export interface UpdatePlaces {
  /** Folder that survives both systems. */
  readonly persist: string;
  /** Folder of bundles. */
  readonly downloads: string;
  readonly slots: SlotTool;
}

/** The systems of the box; undefined where there is only one. */
export function createUpdates(
  { state, api, clock, random, updates }: AgentOptions,
  parts: {
    readonly log: Logger;
    readonly health: Health;
    readonly enrolment: () => Enrolment | undefined;
    readonly box: () => BoxNow;
  },
): UpdateRoom | undefined {
  if (updates === undefined) return undefined;
  const { enrolment, box } = parts;
  const shelf = new BundleShelf(updates.downloads);
  const identity = (): Enrolment => {
    const found = enrolment();
    if (found === undefined) throw new Error('nobody has claimed this box');
    return found;
  };
  return new UpdateRoom({
    ...{ clock, random, log: parts.log, health: parts.health, box, shelf, slots: updates.slots },
    gateway: (enrolment()?.gateway ?? null) as GatewayId | null,
    configKey: () => keyOf(enrolment()),
    store: memoryFile(join(updates.persist, 'update.json')),
    downloader: new Downloader({ shelf, identity, clock, calls: () => box().calls }),
    probe: networkProbe,
    service: () => enrolment()?.mqtt ?? null,
    writable: () => takesWrites(state),
    network: hasAddress,
    boot: bootId(),
    callUp: sayCallUp(join(dirname(api), 'call-up')),
  });
}

function keyOf(enrolment: Enrolment | undefined): KeyObject | undefined {
  try {
    return enrolment === undefined ? undefined : createPublicKey(enrolment.configKeyPem);
  } catch {
    return undefined;
  }
}

function takesWrites(folder: string): boolean {
  const path = join(folder, 'writable.probe');
  try {
    const file = openSync(path, 'w', 0o600);
    try {
      writeSync(file, 'x');
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}

function hasAddress(): boolean {
  return Object.values(networkInterfaces())
    .flat()
    .some((at) => at !== undefined && !at.internal && at.family === 'IPv4');
}

/** Another text after each start of the machine. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 60);
  } catch {
    return '';
  }
}

/** The system's own deadline for a slot on trial leaves a call its end: it looks at the age of this file. */
function sayCallUp(path: string): (calls: boolean) => void {
  return (calls) => {
    try {
      if (calls) writeFileSync(path, '');
      else rmSync(path, { force: true });
    } catch {
      // Without it the deadline does not wait.
    }
  };
}
