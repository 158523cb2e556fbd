import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { FirmwareTurn } from './firmware-plan.ts';
import { FILES_MOST, RECORDS_MOST } from './inventory.ts';
import type { PhoneRecord } from './phone-record.ts';

const mac = z.custom<MacAddress>((value) => typeof value === 'string' && /^[0-9a-f]{12}$/.test(value));
const text = z.string().max(80);
const at = z.number();
const verdict = z.strictObject({
  done: z.enum(['served', 'asked', 'refused']),
  rule: text,
  say: z.string().max(400),
});

const digest = z.enum(['md5', 'sha256']);
const trial = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('open') }),
  z.strictObject({ at: z.literal('trying'), digest, sent: z.boolean() }),
  z.strictObject({ at: z.literal('proved'), digest }),
  z.strictObject({ at: z.literal('failed') }),
]);

const record = z.strictObject({
  mac,
  vendor: z.enum(['grandstream', 'panasonic']).nullable(),
  model: text.nullable(),
  firmware: text.nullable(),
  firmwareSinceMs: at.nullable(),
  address: text.nullable(),
  heard: z.strictObject({
    dhcp: at.optional(),
    pnp: at.optional(),
    http: at.optional(),
    sip: at.optional(),
  }),
  generation: z.int().min(1),
  setUpAtMs: at.nullable(),
  keyTold: z.boolean().default(false),
  loginTold: z.boolean().default(false),
  trial: trial.default({ at: 'open' }),
  registeredAtMs: at.nullable(),
  files: z.array(z.strictObject({ file: text, hash: text, atMs: at })).max(FILES_MOST),
  lastFetch: z
    .strictObject({ file: text, hash: text.nullable(), atMs: at, refused: verdict.nullable() })
    .nullable(),
});

const keptFile = z.strictObject({
  v: z.literal(1),
  phones: z.array(record).max(RECORDS_MOST),
  firmwareTurns: z
    .array(z.strictObject({ mac, version: text, file: text, sinceMs: at }))
    .max(RECORDS_MOST)
    .default([]),
});

/** What of provisioning outlives a restart. No password is in it. */
export interface KeptPhones {
  readonly phones: readonly PhoneRecord[];
  readonly firmwareTurns: readonly FirmwareTurn[];
}

/** What was found at a start. A damaged file is moved aside: phones are then set up anew, and calls go on. */
export type ReadPhones =
  | { readonly kind: 'good'; readonly kept: KeptPhones }
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly say: string };

/** Reads the inventory; believes nothing in it and never throws. */
export function readPhones(path: string): ReadPhones {
  try {
    if (!existsSync(path)) return { kind: 'none' };
    const parsed = keptFile.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) {
      // `heard` has optional times, which zod types as possibly undefined and never writes so.
      const phones = parsed.data.phones.map(
        (each): PhoneRecord => ({ ...each, heard: JSON.parse(JSON.stringify(each.heard)) }),
      );
      return { kind: 'good', kept: { phones, firmwareTurns: parsed.data.firmwareTurns } };
    }
  } catch {
    // Not readable, or no JSON: the same as one with wrong fields.
  }
  return { kind: 'damaged', say: moveAside(path) };
}

function moveAside(path: string): string {
  try {
    renameSync(path, `${path}.damaged`);
    return `${path} was unreadable and was moved to ${path}.damaged.`;
  } catch {
    return `${path} is unreadable.`;
  }
}

/** Writes the inventory as a whole: the old one or the new one is there after a power cut (mode 0600). */
export function writePhones(path: string, kept: KeptPhones): void {
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  const handle = openSync(fresh, 'wx', 0o600);
  try {
    writeSync(handle, `${JSON.stringify({ v: 1, ...kept })}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(fresh, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
