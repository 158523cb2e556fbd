import { existsSync } from 'node:fs';
import { BuildError, run } from './run.ts';

const REGISTRY = '/proc/sys/fs/binfmt_misc';

/** Makes sure that this machine can run programs for arm64. Throws `BuildError` with the reason where it cannot. */
export function ensureArm64(): void {
  if (process.arch === 'arm64') return;
  try {
    if (!existsSync(`${REGISTRY}/register`)) run(['mount', '-t', 'binfmt_misc', 'none', REGISTRY]);
    if (!existsSync(`${REGISTRY}/qemu-aarch64`)) run(['update-binfmts', '--enable', 'qemu-aarch64']);
    run(['arch-test', 'arm64']);
  } catch (error) {
    throw new BuildError(
      `this machine cannot run programs for arm64, which Debian's set-up needs: ${String(error)}. ` +
        'It takes root and a kernel with binfmt_misc.',
    );
  }
}
