import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { GatewayId } from '../../lib/base/ids.ts';
import { checkSiteConfig } from '../../lib/contract/envelope.ts';
import { siteConfig } from '../../lib/contract/site-config.ts';
import type { ConfigStore, KeptConfig } from './config-store.ts';
import { syncFolder } from './database.ts';

/** The last good configuration. */
export const CONFIG_FILE = 'config.json';
/** The one before it. */
export const PREVIOUS_CONFIG_FILE = 'config.previous.json';

const keptFile = z.strictObject({
  v: z.literal(1),
  /** Digest of the other fields: finds a torn write and an edit by hand. */
  check: z.string(),
  rev: z.int().min(1),
  issuedAt: z.int().min(0),
  sha256: z.string(),
  keyId: z.string(),
  config: siteConfig,
});

/** What reading one of the files gave. */
export type ReadConfig =
  | { readonly kind: 'good'; readonly kept: KeptConfig }
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly say: string };

/**
 * Reads a configuration file and believes nothing in it: digest, schema, sense and gateway are checked. Never throws.
 */
export function readConfigFile(path: string, gateway: GatewayId | undefined): ReadConfig {
  let text: string;
  try {
    if (!existsSync(path)) return { kind: 'none' };
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { kind: 'damaged', say: `${path} cannot be read: ${String(error)}.` };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'damaged', say: `${path} is not JSON.` };
  }
  const parsed = keptFile.safeParse(value);
  if (!parsed.success) return { kind: 'damaged', say: `${path} lacks fields or has wrong ones.` };
  const { v: _version, check, ...kept } = parsed.data;
  // Of what was written, not of what it means: a field that a newer program adds is not a change by hand.
  const written = value as Parameters<typeof checkOf>[0];
  if (check !== checkOf(written))
    return { kind: 'damaged', say: `${path} was changed after it was written.` };
  const sense = checkSiteConfig(kept.config);
  if (!sense.ok) return { kind: 'damaged', say: `${path}: ${sense.error.say}` };
  if (gateway !== undefined && kept.config.gateway !== gateway) {
    return { kind: 'damaged', say: `${path} is for gateway ${kept.config.gateway}, this is ${gateway}.` };
  }
  return { kind: 'good', kept };
}

/** The two files in `folder`. They lie beside the store file and do not need it. */
export class ConfigFiles implements ConfigStore {
  readonly #current: string;
  readonly #previous: string;
  readonly #gateway: GatewayId;
  readonly #onDamage: (say: string) => void;

  constructor(folder: string, gateway: GatewayId, onDamage: (say: string) => void) {
    this.#current = join(folder, CONFIG_FILE);
    this.#previous = join(folder, PREVIOUS_CONFIG_FILE);
    this.#gateway = gateway;
    this.#onDamage = onDamage;
  }

  load(): KeptConfig | undefined {
    for (const path of [this.#current, this.#previous]) {
      const read = readConfigFile(path, this.#gateway);
      if (read.kind === 'good') return read.kept;
      if (read.kind === 'damaged') this.#onDamage(read.say);
    }
    return undefined;
  }

  /** Write, sync, keep the old name, rename, sync the folder: at every moment there is one whole file. */
  save(kept: KeptConfig): void {
    const { rev, issuedAt, sha256, keyId, config } = kept;
    const body = { rev, issuedAt, sha256, keyId, config };
    const fresh = `${this.#current}.new`;
    writeSynced(fresh, `${JSON.stringify({ v: 1, check: checkOf(body), ...body }, null, 2)}\n`);
    if (readConfigFile(this.#current, this.#gateway).kind === 'good') {
      const spare = `${this.#previous}.new`;
      rmSync(spare, { force: true });
      linkSync(this.#current, spare);
      renameSync(spare, this.#previous);
    }
    renameSync(fresh, this.#current);
    syncFolder(dirname(this.#current));
  }
}

function checkOf(kept: Omit<KeptConfig, 'keyId' | 'config'> & { readonly config: unknown }): string {
  const { rev, issuedAt, sha256, config } = kept;
  return createHash('sha256')
    .update(JSON.stringify([rev, issuedAt, sha256, config]))
    .digest('hex');
}

function writeSynced(path: string, text: string): void {
  rmSync(path, { force: true });
  const handle = openSync(path, 'wx', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
