import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { GatewayId } from '../../lib/base/ids.ts';
import { checkSiteConfig } from '../../lib/contract/envelope.ts';
import { siteConfig } from '../../lib/contract/site-config.ts';
import type { ConfigStore, ConfigTrial, KeptConfig, RolledBackConfig } from './config-store.ts';
import { type DiskFiles, machineDisk, syncFolder } from './disk.ts';

/** The last good configuration. */
export const CONFIG_FILE = 'config.json';
/** The one before it. */
export const PREVIOUS_CONFIG_FILE = 'config.previous.json';
/** The name of the last one that was taken back, and why. */
const ROLLED_BACK_FILE = 'config.rolled-back.json';
/** The whole of it. */
const FAILED_CONFIG_FILE = 'config.failed.json';

const keptFile = z.strictObject({
  v: z.literal(1),
  /** Digest of the other fields: finds a torn write and an edit by hand. */
  check: z.string(),
  rev: z.int().min(1),
  issuedAt: z.int().min(0),
  sha256: z.string(),
  keyId: z.string(),
  trial: z.strictObject({ starts: z.int().min(1), before: z.unknown() }).optional(),
  config: siteConfig,
});

const rolledBackFile = z.strictObject({
  v: z.literal(1),
  name: z.strictObject({ rev: z.int(), issuedAt: z.int(), sha256: z.string() }),
  reason: z.strictObject({
    code: z.string(),
    fault: z.enum(['caller', 'peer', 'environment', 'us']),
    say: z.string(),
  }),
});

/** What reading one of the files gave. */
export type ReadConfig =
  | { readonly kind: 'good'; readonly kept: KeptConfig }
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly say: string };

/**
 * Reads a configuration file and believes nothing in it: digest, schema, sense and gateway are checked. Never throws.
 */
export function readConfigFile(
  path: string,
  gateway: GatewayId | undefined,
  files: DiskFiles = machineDisk.files,
): ReadConfig {
  let text: string;
  try {
    if (!files.existsSync(path)) return { kind: 'none' };
    text = files.readFileSync(path, 'utf8');
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
  readonly #rolledBack: string;
  readonly #failed: string;
  readonly #gateway: GatewayId;
  readonly #onDamage: (say: string) => void;
  readonly #files: DiskFiles;

  constructor(
    folder: string,
    gateway: GatewayId,
    onDamage: (say: string) => void,
    files: DiskFiles = machineDisk.files,
  ) {
    this.#files = files;
    this.#current = join(folder, CONFIG_FILE);
    this.#previous = join(folder, PREVIOUS_CONFIG_FILE);
    this.#rolledBack = join(folder, ROLLED_BACK_FILE);
    this.#failed = join(folder, FAILED_CONFIG_FILE);
    this.#gateway = gateway;
    this.#onDamage = onDamage;
  }

  load(): KeptConfig | undefined {
    const bad = this.rolledBack()?.name;
    for (const path of [this.#current, this.#previous]) {
      const read = readConfigFile(path, this.#gateway, this.#files);
      if (read.kind === 'good' && !isNamed(read.kept, bad)) return read.kept;
      if (read.kind === 'damaged') this.#onDamage(read.say);
    }
    return undefined;
  }

  previous(): KeptConfig | undefined {
    const read = readConfigFile(this.#previous, this.#gateway, this.#files);
    return read.kind === 'good' && !isNamed(read.kept, this.rolledBack()?.name) ? read.kept : undefined;
  }

  /** Write, sync, keep the old name, rename, sync the folder: at every moment there is one whole file. */
  save(kept: KeptConfig): void {
    const fresh = this.#writeFresh(kept);
    const before = readConfigFile(this.#current, this.#gateway, this.#files);
    if (before.kind === 'good' && before.kept.trial === undefined) {
      const spare = `${this.#previous}.new`;
      this.#files.rmSync(spare, { force: true });
      this.#files.linkSync(this.#current, spare);
      this.#files.renameSync(spare, this.#previous);
    }
    this.#files.renameSync(fresh, this.#current);
    syncFolder(this.#files, dirname(this.#current));
  }

  setTrial(trial: ConfigTrial | undefined): void {
    const read = readConfigFile(this.#current, this.#gateway, this.#files);
    if (read.kind !== 'good') return;
    this.#files.renameSync(this.#writeFresh({ ...read.kept, trial }), this.#current);
    syncFolder(this.#files, dirname(this.#current));
  }

  rollBack(failed: RolledBackConfig): void {
    this.#noteRolledBack(failed);
    const current = readConfigFile(this.#current, this.#gateway, this.#files);
    const isFailed = current.kind === 'good' && isNamed(current.kept, failed.name);
    this.#files.rmSync(this.#failed, { force: true });
    // What ran and was never saved has left a believed one here, and the spare is older than that.
    if (current.kind === 'good' && current.kept.trial === undefined && !isFailed) return;
    const spare = readConfigFile(this.#previous, this.#gateway, this.#files);
    if (spare.kind !== 'good') return;
    if (isFailed) this.#files.linkSync(this.#current, this.#failed);
    this.#files.renameSync(this.#writeFresh(spare.kept), this.#current);
    syncFolder(this.#files, dirname(this.#current));
  }

  #noteRolledBack({ name, reason }: RolledBackConfig): void {
    const note = `${this.#rolledBack}.new`;
    const { rev, issuedAt, sha256 } = name;
    const { code, fault, say } = reason;
    const text = JSON.stringify({ v: 1, name: { rev, issuedAt, sha256 }, reason: { code, fault, say } });
    writeSynced(this.#files, note, `${text}\n`);
    // From here on the one that was taken back is never loaded again, however soon the power goes.
    this.#files.renameSync(note, this.#rolledBack);
    syncFolder(this.#files, dirname(this.#current));
  }

  failed(): KeptConfig | undefined {
    const read = readConfigFile(this.#failed, this.#gateway, this.#files);
    return read.kind === 'good' ? read.kept : undefined;
  }

  rolledBack(): RolledBackConfig | undefined {
    try {
      const parsed = rolledBackFile.safeParse(JSON.parse(this.#files.readFileSync(this.#rolledBack, 'utf8')));
      return parsed.success ? { name: parsed.data.name, reason: parsed.data.reason } : undefined;
    } catch {
      return undefined;
    }
  }

  #writeFresh(kept: KeptConfig): string {
    const { rev, issuedAt, sha256, keyId, trial, config } = kept;
    const body = { rev, issuedAt, sha256, keyId, ...(trial === undefined ? {} : { trial }), config };
    const fresh = `${this.#current}.new`;
    writeSynced(this.#files, fresh, `${JSON.stringify({ v: 1, check: checkOf(body), ...body }, null, 2)}\n`);
    return fresh;
  }
}

/** Whether it is the configuration of that name. */
export function isNamed(kept: RolledBackConfig['name'], name: RolledBackConfig['name'] | undefined): boolean {
  return (
    name !== undefined &&
    kept.rev === name.rev &&
    kept.issuedAt === name.issuedAt &&
    kept.sha256 === name.sha256
  );
}

function checkOf(
  kept: Pick<KeptConfig, 'rev' | 'issuedAt' | 'sha256'> & { readonly config: unknown },
): string {
  const { rev, issuedAt, sha256, config } = kept;
  return createHash('sha256')
    .update(JSON.stringify([rev, issuedAt, sha256, config]))
    .digest('hex');
}

function writeSynced(files: DiskFiles, path: string, text: string): void {
  files.rmSync(path, { force: true });
  const handle = files.openSync(path, 'wx', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += files.writeSync(handle, bytes, written);
    files.fsyncSync(handle);
  } finally {
    files.closeSync(handle);
  }
}
