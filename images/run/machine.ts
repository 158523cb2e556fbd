import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../build/run.ts';

/** The emulated box: what it starts from, and where its storage lies. */
export interface MachineFiles {
  /** Storage; it changes as the box runs. */
  readonly disk: string;
  /** The machine's description with the public half of the boot key: what is burnt into a real box. */
  readonly deviceTree: string;
}

const MACHINE = ['-M', 'virt,acpi=off', '-cpu', 'cortex-a72', '-smp', '2', '-m', '1024'];

/** Prepares a box that has never started: its storage from the factory image, its boot key burnt in. */
export function prepareMachine(folder: string, factory: string, boot: string, keys: string): MachineFiles {
  mkdirSync(folder, { recursive: true });
  const files = { disk: join(folder, 'disk.img'), deviceTree: join(folder, 'box.dtb') };
  run(['cp', '--sparse=always', factory, files.disk]);
  run([
    'qemu-system-aarch64',
    '-M',
    `virt,acpi=off,dumpdtb=${files.deviceTree}`,
    ...MACHINE.slice(2),
    '-nic',
    'none',
    '-display',
    'none',
  ]);
  // `mkimage` writes the public half of a key only while it signs something; the copy is not used.
  const copy = join(folder, 'signed-again.fit');
  cpSync(boot, copy);
  run(['mkimage', '-F', '-k', keys, '-K', files.deviceTree, '-r', copy]);
  if (!readFileSync(files.deviceTree).includes('key-boot'))
    throw new Error('the boot key is not in the device tree');
  return files;
}

/** The command that runs the box with its console on standard input and output. */
export function machineCommand(files: MachineFiles): string[] {
  return [
    'qemu-system-aarch64',
    ...MACHINE,
    ...[
      '-accel',
      'tcg,thread=multi',
      '-bios',
      '/usr/lib/u-boot/qemu_arm64/u-boot.bin',
      '-dtb',
      files.deviceTree,
    ],
    ...['-nographic', '-drive', `file=${files.disk},format=raw,if=none,id=storage`],
    ...['-device', 'virtio-blk-pci,drive=storage,romfile='],
    ...['-netdev', 'user,id=lan', '-device', 'virtio-net-pci,netdev=lan,romfile='],
    ...['-device', 'i6300esb', '-watchdog-action', 'reset'],
  ];
}
