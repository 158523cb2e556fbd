import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import { BUNDLE_LIMIT_BYTES, type Release, release as releaseSchema } from '../../lib/contract/update.ts';
import type { BundleInfo } from './bundle-info.ts';
import type { KeptRelease, ReleaseStore } from './ports.ts';

const SUFFIX = '.raucb';
const PART = '.part';

/** What an operator says of a bundle. What the bundle itself says must be the same. */
export interface ReleaseWord {
  /** A file on the machine of the service. */
  readonly file: string;
  readonly version?: string | undefined;
  readonly compatible?: string | undefined;
}

/** A bundle that boxes may fetch. */
export interface ShelvedBundle {
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** What the shelf needs from outside. */
export interface ShelfNeeds {
  readonly folder: string;
  readonly store: ReleaseStore;
  readonly info: (file: string) => Promise<Result<BundleInfo | undefined>>;
  /** Rollouts that need a release. */
  readonly using: (version: string) => readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Bundles of the service: files in a folder, and a row for each. */
export class ReleaseShelf {
  readonly #needs: ShelfNeeds;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(needs: ShelfNeeds) {
    this.#needs = needs;
  }

  /** Throws away what a run has left half copied. */
  async start(): Promise<void> {
    const { folder, log } = this.#needs;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) {
      if (name.endsWith(PART)) await rm(join(folder, name), { force: true });
    }
    for (const { sizeBytes, version } of await this.list()) {
      const found = await stat(this.#fileOf(version)).catch(() => undefined);
      if (found?.size !== sizeBytes) log.error({ version }, 'the bundle of a release is gone or cut short');
    }
  }

  list(): Promise<readonly KeptRelease[]> {
    return this.#needs.store.releases();
  }

  /**
   * Takes a bundle in: a copy, so that nobody changes it afterwards. The same one again changes nothing. Refusals: `release.file`,
   * `release.tooLarge`, `release.bundle`, `release.signature`, `release.word`, `release.mismatch`, `release.taken`.
   */
  add(word: ReleaseWord): Promise<Result<KeptRelease>> {
    return this.#inOrder(async () => {
      const part = join(this.#needs.folder, `incoming${PART}`);
      try {
        const copied = await copyIn(word.file, part);
        return copied.ok ? await this.#judge(word, part, copied.value) : copied;
      } finally {
        await rm(part, { force: true });
      }
    });
  }

  /** Refusals: `release.unknown`, `release.inUse`. */
  remove(version: string): Promise<Result<{ readonly version: string }>> {
    return this.#inOrder(async () => {
      const [using] = this.#needs.using(version);
      if (using !== undefined) {
        const say = `The rollout ${using} is for the release ${version}, for boxes too that come later. Abort it, or start one that follows it.`;
        return refuse({ code: 'release.inUse', fault: 'caller', say });
      }
      if (!(await this.#needs.store.removeRelease(version))) return refuse(unknownRelease(version));
      await rm(this.#fileOf(version), { force: true });
      return ok({ version });
    });
  }

  /** As boxes are told of it; undefined when there is none. */
  async release(version: string): Promise<Release | undefined> {
    const found = (await this.list()).find((one) => one.version === version);
    return found && describe(found);
  }

  /** The file of a release; undefined when there is none. */
  async bundle(version: string): Promise<ShelvedBundle | undefined> {
    const found = (await this.list()).find((one) => one.version === version);
    if (found === undefined) return undefined;
    return { file: this.#fileOf(version), sizeBytes: found.sizeBytes, sha256: found.sha256 };
  }

  async #judge(word: ReleaseWord, part: string, copied: Copied): Promise<Result<KeptRelease>> {
    const { clock, info, log, store } = this.#needs;
    const said = await info(part);
    if (!said.ok) return said;
    for (const name of ['version', 'compatible'] as const) {
      const [own, theirs] = [word[name], said.value?.[name]];
      if (own !== undefined && theirs !== undefined && own !== theirs) {
        const say = `The bundle says ${name} ${theirs}, and you say ${own}.`;
        return refuse({ code: 'release.mismatch', fault: 'caller', say });
      }
    }
    const version = said.value?.version ?? word.version;
    const compatible = said.value?.compatible ?? word.compatible;
    if (version === undefined || compatible === undefined) {
      const say =
        'rauc is not installed here to ask the bundle: name its --release-version and --compatible.';
      return refuse({ code: 'release.word', fault: 'caller', say });
    }
    const signatureChecked = said.value?.signatureChecked ?? false;
    const kept: KeptRelease = { ...copied, version, compatible, signatureChecked, addedAt: clock.now() };
    const fit = releaseSchema.safeParse(describe(kept));
    if (!fit.success) {
      const [issue] = fit.error.issues;
      const say = `No box would take it: ${issue?.path.join('.')}: ${issue?.message}.`;
      return refuse({ code: 'release.word', fault: 'caller', say });
    }
    const known = (await this.list()).find((one) => one.version === version);
    if (known !== undefined && (known.sha256 !== kept.sha256 || known.compatible !== compatible)) {
      const say = `There is another release ${version}. A version never changes: give this one another.`;
      return refuse({ code: 'release.taken', fault: 'caller', say });
    }
    // First the file, then its row: a kill between them leaves a file that the same order writes once more.
    await rename(part, this.#fileOf(version));
    await syncFolder(this.#needs.folder);
    if (known !== undefined) return ok(known);
    await store.addRelease(kept);
    log.info({ version, compatible, sha256: kept.sha256 }, 'a release was added');
    return ok(kept);
  }

  #fileOf(version: string): string {
    return join(this.#needs.folder, `${version}${SUFFIX}`);
  }

  #inOrder<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => undefined);
    return done;
  }
}

/** The path at which a box finds a version. */
export function bundlePath(version: string): string {
  return `/v1/releases/${version}/bundle`;
}

/** Why there is nothing of that version. */
export function unknownRelease(version: string): CodedError {
  const say = `There is no release ${version}; engawa-cloud release list shows all.`;
  return { code: 'release.unknown', fault: 'caller', say };
}

interface Copied {
  readonly sizeBytes: number;
  readonly sha256: string;
}

function describe({ compatible, sha256, sizeBytes, version }: KeptRelease): Release {
  return { version, compatible, sizeBytes, sha256, path: bundlePath(version) };
}

/** A copy that is on the disk when this resolves. */
async function copyIn(from: string, to: string): Promise<Result<Copied>> {
  if (!isAbsolute(from)) return cannotRead(from, 'the service needs a whole path');
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const target = await open(to, 'w', 0o600);
  try {
    const source = createReadStream(from, { highWaterMark: 1_048_576 });
    for await (const chunk of source as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > BUNDLE_LIMIT_BYTES) {
        const say = `${from} has more than ${BUNDLE_LIMIT_BYTES} bytes: no box has room for it.`;
        return refuse({ code: 'release.tooLarge', fault: 'caller', say });
      }
      hash.update(chunk);
      await target.appendFile(chunk);
    }
    await target.sync();
  } catch (error) {
    return cannotRead(from, error instanceof Error ? error.message : String(error));
  } finally {
    await target.close();
  }
  return ok({ sizeBytes, sha256: hash.digest('hex') });
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function cannotRead(file: string, why: string): Result<never> {
  const say = `The service cannot read ${file}: ${why}.`;
  return refuse({ code: 'release.file', fault: 'caller', say });
}
