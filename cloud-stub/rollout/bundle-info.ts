import { execFile } from 'node:child_process';
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
export function readBundleInfo(
  file: string,
  keyring: string | undefined,
): Promise<Result<BundleInfo | undefined>> {
  const flags = keyring === undefined ? ['--no-verify'] : [`--keyring=${keyring}`];
  return new Promise((resolve) => {
    execFile(
      'rauc',
      ['info', ...flags, '--output-format=json', file],
      { timeout: TIME_LIMIT_MS, maxBuffer: OUTPUT_LIMIT_BYTES },
      (error, stdout, stderr) => {
        if (error !== null && error.code === 'ENOENT') return resolve(ok(undefined));
        if (error !== null) return resolve(refuse(refusalOf(stderr, keyring)));
        const info = told.safeParse(lastJson(stdout));
        if (!info.success) return resolve(refuse(notABundle('it does not say what it is for')));
        const { compatible, version } = info.data;
        resolve(ok({ compatible, version: version ?? '', signatureChecked: keyring !== undefined }));
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

function refusalOf(stderr: string, keyring: string | undefined): CodedError {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  if (keyring !== undefined && /signature|certificate|verif/i.test(stderr)) {
    const say = `The bundle is not signed for this fleet: ${last}`;
    return { code: 'release.signature', fault: 'caller', say };
  }
  return notABundle(last);
}

function notABundle(why: string): CodedError {
  return { code: 'release.bundle', fault: 'caller', say: `The file is no bundle of RAUC: ${why}` };
}
