import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve as wholePath } from 'node:path';
import { z } from 'zod';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';

/** What a bundle says of itself under its signature. */
export interface BundleInfo {
  readonly version: string;
  readonly compatible: string;
  readonly signatureChecked: boolean;
}

const TIME_LIMIT_MS = 120_000;
const OUTPUT_LIMIT_BYTES = 1_048_576;

const told = z.object({ compatible: z.string().max(200), version: z.string().max(200).nullable() });

/**
 * What `rauc info` says of a bundle; undefined where that program is not installed. With `keyring` (PEM) the signature is held
 * against it, and another one is refused: `release.signature`. What is no bundle is `release.bundle`.
 */
export async function readBundleInfo(
  file: string,
  keyring: string | undefined,
): Promise<Result<BundleInfo | undefined>> {
  if (keyring === undefined) return ask(['info', '--no-verify'], file, false);
  const folder = await mkdtemp(join(tmpdir(), 'engawa-rauc-'));
  try {
    const config = join(folder, 'system.conf');
    await writeFile(config, configOf(wholePath(keyring)), { mode: 0o600 });
    return await ask([`--conf=${config}`, 'info'], file, true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As on the boxes: what may sign code may sign this. */
function configOf(keyring: string): string {
  const keys = ['[keyring]', `path=${keyring}`, 'check-purpose=codesign', ''];
  return ['[system]', 'compatible=any', 'bootloader=noop', ...keys].join('\n');
}

function ask(
  flags: readonly string[],
  file: string,
  signatureChecked: boolean,
): Promise<Result<BundleInfo | undefined>> {
  return new Promise((resolve) => {
    execFile(
      'rauc',
      [...flags, '--output-format=json', file],
      { timeout: TIME_LIMIT_MS, maxBuffer: OUTPUT_LIMIT_BYTES },
      (error, stdout, stderr) => {
        if (error !== null && error.code === 'ENOENT') return resolve(ok(undefined));
        if (error !== null) return resolve(refuse(refusalOf(stderr, signatureChecked)));
        const info = told.safeParse(lastJson(stdout));
        if (!info.success) return resolve(refuse(notABundle('it does not say what it is for')));
        const { compatible, version } = info.data;
        resolve(ok({ compatible, version: version ?? '', signatureChecked }));
      },
    );
  });
}

/** Among what it prints of its progress. */
function lastJson(text: string): unknown {
  const line = text.split('\n').findLast((one) => one.startsWith('{'));
  try {
    return line === undefined ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
}

function refusalOf(stderr: string, checked: boolean): CodedError {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  if (checked && /signature verification failed/i.test(stderr)) {
    const say = `The bundle is not signed for this fleet: ${last}`;
    return { code: 'release.signature', fault: 'caller', say };
  }
  return notABundle(last);
}

function notABundle(why: string): CodedError {
  return { code: 'release.bundle', fault: 'caller', say: `The file is no bundle of RAUC: ${why}` };
}
