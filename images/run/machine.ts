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

/** What is plugged into the box. Sockets are unix sockets; QEMU makes them and waits for nobody. */
export interface MachinePlugs {
  /** The serial console. */
  readonly console: string;
  /** The third console, where support has its shell. */
  readonly root: string;
  /** The serial line of the board. */
  readonly board: string;
  /** QEMU's monitor. */
  readonly qmp: string;
  /** The pins of the chip. */
  readonly pins: string;
  /** For a debugger of the kernel. */
  readonly gdb: string;
  /** The console's words, as they came. */
  readonly log: string;
  /** Interfaces that the network ports are plugged into. */
  readonly ports: readonly { readonly tap: string; readonly mac: string }[];
  /** What the clock says when the box is switched on; the right time when left out. */
  readonly rtc?: string;
  /** The box has a watchdog. */
  readonly watchdog: boolean;
}

/** The serial number that is burnt into the emulated box. */
export const SERIAL_NUMBER = 'EV-000001';

/**
 * Of an emulated Cortex-A72's time half goes into page tables that kernel and programs do not share; a processor with FEAT_E0PD needs none
 * (102 s and 58 s to a box from the factory that runs). Signed pointers cost as much as they are worth in software.
 */
const CORE = ['-cpu', 'max,pauth=off', '-smp', '2', '-m', '1024'];

/**
 * Room for translated code, in MiB. What a start has translated lies in the way of the next one: each page that is written over has its
 * code searched for and thrown away, and with room for two starts the kernel of the second took 140 s to its first program, not 7.
 */
const TRANSLATOR = 'tcg,thread=multi,tb-size=384';

/** Burns the boot key and the serial number into the description of a box that has none yet. */
export function burnDeviceTree(folder: string, boot: string, keys: string): string {
  mkdirSync(folder, { recursive: true });
  const deviceTree = join(folder, 'box.dtb');
  const dump = ['-M', `virt,acpi=off,dumpdtb=${deviceTree}`, ...CORE];
  run(['qemu-system-aarch64', ...dump, '-nic', 'none', '-display', 'none']);
  // `mkimage` writes the public half of a key only while it signs something; the copy is not used.
  const copy = join(folder, 'signed-again.fit');
  cpSync(boot, copy);
  run(['mkimage', '-F', '-k', keys, '-K', deviceTree, '-r', copy]);
  if (!readFileSync(deviceTree).includes('key-boot'))
    throw new Error('the boot key is not in the device tree');
  run(['rm', copy]);
  run(['fdtput', '-t', 's', deviceTree, '/', 'serial-number', SERIAL_NUMBER]);
  return deviceTree;
}

/** The command that runs the box. It is switched on, and stands still until the monitor says `cont`. */
export function machineCommand(files: MachineFiles, plugs: MachinePlugs): string[] {
  const socket = (id: string, path: string, more = ''): string[] => [
    '-chardev',
    `socket,id=${id},path=${path},server=on,wait=off${more}`,
  ];
  return [
    ...['qemu-system-aarch64', '-M', 'virt,acpi=off', ...CORE, '-accel', TRANSLATOR, '-S'],
    ...['-bios', '/usr/lib/u-boot/qemu_arm64/u-boot.bin', '-dtb', files.deviceTree],
    ...['-nodefaults', '-display', 'none', '-rtc', `base=${plugs.rtc ?? 'utc'}`],
    ...['-drive', `file=${files.disk},format=raw,if=none,id=storage`],
    ...['-device', 'virtio-blk-pci,drive=storage,romfile=,addr=0x2'],
    ...plugs.ports.flatMap(({ tap, mac }, index) => [
      ...['-netdev', `tap,id=port${index},ifname=${tap},script=no,downscript=no`],
      ...['-device', `virtio-net-pci,netdev=port${index},mac=${mac},romfile=,addr=0x${index + 3}`],
    ]),
    ...socket('console', plugs.console, `,logfile=${plugs.log},logappend=on`),
    ...['-serial', 'chardev:console'],
    ...socket('root', plugs.root),
    ...['-device', 'virtio-serial-pci,addr=0x6', '-device', 'virtconsole,chardev=root'],
    ...socket('board', plugs.board),
    ...[
      '-device',
      'qemu-xhci,id=usb,addr=0x7',
      '-device',
      'usb-serial,bus=usb.0,chardev=board,always-plugged=on',
    ],
    ...['-device', 'virtio-rng-pci,addr=0x8'],
    ...(plugs.watchdog ? ['-device', 'i6300esb,addr=0x9', '-watchdog-action', 'reset'] : []),
    ...socket('qmp', plugs.qmp),
    ...['-mon', 'chardev=qmp,mode=control'],
    ...['-qtest', `unix:${plugs.pins},server=on,wait=off`, '-qtest-log', 'none'],
    ...socket('gdb', plugs.gdb),
    ...['-gdb', 'chardev:gdb'],
  ];
}
