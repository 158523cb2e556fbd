import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { COMPATIBLE } from '../recipe.ts';
import type { Keys } from './keys.ts';
import { run } from './run.ts';

/** Units of Debian's that run from the first start on. Ours say themselves where they belong (`[Install]`). */
const UNITS: readonly (readonly [unit: string, target: string])[] = [
  ['nftables.service', 'sysinit.target'],
  ['systemd-networkd.service', 'multi-user.target'],
  ['systemd-timesyncd.service', 'sysinit.target'],
];

/** What has no work on a box: it would cost a start its time, or wait for somebody who never comes. */
const MASKED = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dev-hugepages.mount',
  'dev-mqueue.mount',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'getty@tty1.service',
  // The third console is the support's, and nobody else's.
  'serial-getty@hvc0.service',
  'getty-static.service',
  'modprobe@configfs.service',
  'modprobe@drm.service',
  'modprobe@efi_pstore.service',
  'modprobe@fuse.service',
  'proc-sys-fs-binfmt_misc.automount',
  'sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'systemd-ask-password-console.path',
  'systemd-ask-password-wall.path',
  'systemd-firstboot.service',
  'systemd-logind.service',
  'systemd-machine-id-commit.service',
  'systemd-pstore.service',
  'systemd-repart.service',
  'systemd-update-utmp.service',
  'systemd-update-utmp-runlevel.service',
];

/** What is of no use on a box, or differs between two builds of the same thing. */
const LEFT_OUT = [
  'var/cache',
  'var/log',
  'var/lib/apt',
  'var/lib/systemd',
  'etc/machine-id',
  'etc/ld.so.cache~',
  'boot',
  'usr/share/info',
  'usr/share/lintian',
  'usr/share/bash-completion',
  'etc/.pwd.lock',
  'etc/passwd-',
  'etc/shadow-',
  'etc/group-',
  'etc/gshadow-',
  'etc/cron.daily',
  'etc/motd',
  'etc/resolv.conf',
  'etc/update-motd.d',
  'lib/systemd/system/sysinit.target.wants/systemd-firstboot.service',
];

/** Our own files over Debian's, users, units; and away with what is of no use. */
export function installSystemFiles(root: string, tree: string, keys: Keys): void {
  for (const path of LEFT_OUT) rmSync(join(tree, path), { recursive: true, force: true });
  cpSync(join(root, 'images/rootfs'), tree, { recursive: true });
  cpSync(keys.updateCa, join(tree, 'etc/rauc/keyring.pem'));
  for (const folder of ['persist', 'data', 'media/stick', 'var/cache', 'var/log', 'var/lib/systemd']) {
    mkdirSync(join(tree, folder), { recursive: true });
  }
  writeFileSync(join(tree, 'etc/machine-id'), '');
  run(['systemd-sysusers', `--root=${tree}`, join(tree, 'etc/sysusers.d/engawa.conf')]);
  enableUnits(tree);
  for (const unit of MASKED) link('/dev/null', join(tree, 'etc/systemd/system', unit));
  link('/lib/systemd/system/multi-user.target', join(tree, 'etc/systemd/system/default.target'));
  link('/usr/share/zoneinfo/Asia/Tokyo', join(tree, 'etc/localtime'));
  link('/run/engawa-names/resolv.conf', join(tree, 'etc/resolv.conf'));
  nameSystem(root, tree);
  dropRights(tree);
}

function enableUnits(tree: string): void {
  const folder = join(tree, 'etc/systemd/system');
  for (const [unit, target] of UNITS) want(folder, target, `/lib/systemd/system/${unit}`, unit);
  for (const unit of readdirSync(folder)) {
    // A template is nothing to start: who makes an instance of it says when.
    if (!lstatSync(join(folder, unit)).isFile() || unit.includes('@.')) continue;
    for (const target of targetsOf(readFileSync(join(folder, unit), 'utf8')))
      want(folder, target, `/etc/systemd/system/${unit}`, unit);
  }
}

/** Pure: the targets that a unit says it belongs to. */
export function targetsOf(unit: string): readonly string[] {
  return [...unit.matchAll(/^WantedBy=(.+)$/gm)].flatMap(([, names = '']) => names.trim().split(/\s+/));
}

function want(folder: string, target: string, unit: string, name: string): void {
  const wants = join(folder, `${target}.wants`);
  mkdirSync(wants, { recursive: true });
  link(unit, join(wants, name));
}

function link(to: string, at: string): void {
  run(['ln', '-sfn', to, at]);
}

/** What the system calls itself. The version is that of the programs: `/usr/lib/engawa/package.json`. */
function nameSystem(root: string, tree: string): void {
  const commit = run(['git', '-C', root, 'rev-parse', 'HEAD']).trim();
  const file = join(tree, 'usr/lib/os-release');
  const debian = /^VERSION_ID="?([^"\n]*)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  const lines = [
    'PRETTY_NAME="Engawa"',
    'NAME="Engawa"',
    'ID=engawa',
    'ID_LIKE=debian',
    `VERSION_ID="${debian}"`,
    `VARIANT_ID=${COMPATIBLE}`,
    `BUILD_ID=${commit}`,
    '',
  ];
  rmSync(file);
  writeFileSync(file, lines.join('\n'));
  if (!existsSync(join(tree, 'etc/os-release'))) link('../usr/lib/os-release', join(tree, 'etc/os-release'));
  writeFileSync(join(tree, 'etc/issue'), 'Engawa\n');
  writeFileSync(join(tree, 'etc/issue.net'), 'Engawa\n');
}

/** No program lends anybody its owner's rights: nobody logs in who could need that. */
function dropRights(tree: string): void {
  run(['find', tree, '-xdev', '-type', 'f', '-perm', '/6000', '-exec', 'chmod', 'ug-s', '{}', '+']);
}
