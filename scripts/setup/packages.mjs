// Debian packages: what is needed, why, and how they are installed without starting anything.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Needed to run: [package, what for]. */
export const RUN_PACKAGES = [
  ['postgresql', "the service's database"],
  ['socat', 'the pty pair between agent and simulated board'],
  ['libspandsp2', 'DTMF detection, fax (brings libtiff6, which fax pages are read with)'],
  ['libspeexdsp1', 'line echo cancelling'],
  ['openssl', "the service's certificates"],
  ['util-linux', 'running PostgreSQL as an unprivileged user'],
];

/** Needed for the tests on top: foreign programs that judge ours, and a compiler for `onoff`. */
export const TEST_PACKAGES = [
  ['sip-tester', 'sipp, a foreign SIP party'],
  ['baresip-core', 'a foreign phone'],
  ['tshark', 'a foreign reader of UDPTL and SIP'],
  ['rtpengine-daemon', 'a foreign T.38 gateway'],
  ['kamailio', 'a foreign SIP proxy'],
  ['mosquitto', 'a foreign MQTT broker'],
  ['nats-server', 'a cluster of foreign MQTT brokers'],
  ['libubootenv-tool', 'reads and writes the boot state as the box does'],
  ['u-boot-tools', 'mkenvimage: writes the boot state as the boot loader does'],
  ['g++', 'compiling epoll for onoff'],
  ['make', 'compiling epoll for onoff'],
  ['python3', 'compiling epoll for onoff'],
  ['procps', 'looking at processes'],
  ['iproute2', 'a LAN of network namespaces'],
  ['libxml2-utils', 'xmllint, a foreign reader of phone files'],
  ['curl', 'fetches files as a phone would'],
  ['udhcpc', 'a foreign DHCP client'],
  ['isc-dhcp-client', 'dhclient, a foreign DHCP client'],
  ['dhcpcd-base', 'a foreign DHCP client'],
  ['nmap', 'asks for DHCP servers and their options, and for open ports'],
  ['faketime', 'a machine that does not know the time'],
  ['sipvicious', 'svmap and svwar, who look for boxes and extensions'],
  ['dnsmasq-base', "the customer's router"],
  ['kea-dhcp4-server', 'another DHCP server'],
  ['kea-admin', 'perfdhcp, load on a DHCP server'],
  ['nftables', 'the packet filter of the box, tried without the box'],
  ['rauc', 'signs bundles, and installs them'],
  ['squashfs-tools', 'what a bundle is packed with'],
  ['systemd', 'judges the units of the box; systemd-sysusers makes its users'],
];

export const IMAGE_PACKAGES = [
  ['mmdebstrap', "takes Debian's packages apart for another machine"],
  ['qemu-user-static', 'runs their set-up scripts'],
  ['binfmt-support', 'lets the kernel do so'],
  ['arch-test', 'says whether it does'],
  ['qemu-system-arm', 'the emulated box'],
  ['u-boot-qemu', 'its boot loader'],
  ['u-boot-tools', 'mkimage: signs the start'],
  ['device-tree-compiler', 'mkimage asks for it; fdtput writes a serial number'],
  ['cryptsetup-bin', 'veritysetup: the hash tree'],
  ['fdisk', 'sfdisk: the partition table'],
  ['e2fsprogs', 'file systems'],
  ['kmod', 'modules of the kernel'],
  ['cpio', 'the initial file system'],
  ['mtools', 'a stick with an update on it'],
  ['g++-aarch64-linux-gnu', 'epoll for onoff'],
  ['openssl', 'keys'],
  ['git', 'the time of the commit'],
];

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_KEPT = '/usr/sbin/policy-rc.d.before-engawa';
const POLICY_MARK = '# Engawa installs packages: no service may start meanwhile.';
const CLUSTER_CONF_DIR = '/etc/postgresql-common/createcluster.d';

/** Those of `names` that dpkg does not list as installed. */
export function missingPackages(names) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format language
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], {
    encoding: 'utf8',
  });
  if (asked.error)
    return { ok: false, say: 'This is not a Debian machine (no dpkg-query). Engawa is set up on Debian 12.' };
  const installed = new Set(
    asked.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return { ok: true, missing: names.filter((name) => !installed.has(name)) };
}

/**
 * Installs packages as root. A policy file forbids every service start meanwhile, and PostgreSQL is told to make no
 * cluster of its own: a stray server harms a customer's LAN.
 */
export function installPackages(names) {
  const restore = forbidServiceStarts();
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const wait = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
    const update = spawnSync('apt-get', [...wait, 'update', '-q'], { stdio: ['ignore', 2, 2], env });
    if (update.status !== 0)
      return 'apt-get update failed (its words are above). Check the network and /etc/apt, then run again.';
    const install = spawnSync(
      'apt-get',
      [...wait, 'install', '-y', '-q', '--no-install-recommends', ...names],
      {
        stdio: ['ignore', 2, 2],
        env,
      },
    );
    if (install.status !== 0) return `apt-get could not install ${names.join(' ')} (its words are above).`;
    return undefined;
  } finally {
    restore();
  }
}

/** Left by a set-up that was killed: not the machine's own, and not to be kept. */
function isOurs(file) {
  return existsSync(file) && readFileSync(file, 'utf8').includes(POLICY_MARK);
}

function forbidServiceStarts() {
  if (existsSync(POLICY_KEPT) || isOurs(POLICY)) rmSync(POLICY, { force: true });
  else if (existsSync(POLICY)) renameSync(POLICY, POLICY_KEPT);
  writeFileSync(POLICY, `#!/bin/sh\n${POLICY_MARK}\nexit 101\n`, { mode: 0o755 });
  const conf = `${CLUSTER_CONF_DIR}/engawa.conf`;
  if (!existsSync('/usr/share/postgresql-common')) {
    mkdirSync(CLUSTER_CONF_DIR, { recursive: true });
    writeFileSync(conf, 'create_main_cluster = false\n');
  }
  return () => {
    rmSync(POLICY, { force: true });
    if (existsSync(POLICY_KEPT)) renameSync(POLICY_KEPT, POLICY);
  };
}

/** True on Debian 12, which is what the packages are known to work on. */
export function isDebian12() {
  try {
    return /^VERSION_ID="12"$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}
