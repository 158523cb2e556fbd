import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { whyNoLan } from '../../scripts/lab/lan.ts';

const PROGRAMS = ['qemu-system-aarch64', 'dnsmasq', 'socat', 'fdtput', 'mkimage', 'debugfs', 'openssl'];
const LOADER = '/usr/lib/u-boot/qemu_arm64/u-boot.bin';

/** Why this machine cannot run the emulated box, in one sentence; undefined when it can. */
export function whyNoLab(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can make the network of the emulated box: run it as root';
  const missing = PROGRAMS.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  if (!existsSync(LOADER)) return `the bootloader of the emulated box is not installed: ${LOADER}`;
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
  } catch (error) {
    return `no network for the emulated box: ${(error as Error).message}`;
  }
  return whyNoLan();
}
