import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { randomHex } from '../../lib/base/random.ts';
import { type NameServerSeen, nameServersIn, type TimeServerSeen, timeServersIn } from './dns-verdict.ts';
import { encodeNtpRequest, ntpOffsetMs } from './ntp-packet.ts';
import { pause } from './probe-socket.ts';
import type { ProbeWorld } from './udp-probes.ts';

const DNS_LIMIT_MS = 1_500;
const NTP_LIMIT_MS = 1_500;
const NTP_PORT = 123;
const SERVERS_MOST = 3;
/** Where the machine's own time keeper has its servers. */
const TIME_FILES = [
  '/etc/systemd/timesyncd.conf',
  '/etc/chrony/chrony.conf',
  '/etc/chrony.conf',
  '/etc/ntp.conf',
];
const TIME_FOLDERS = ['/etc/systemd/timesyncd.conf.d', '/etc/chrony/sources.d'];

/** Asks every name server of the machine for the service, and for a name that cannot exist. */
export function probeNames(
  world: ProbeWorld,
  service: string,
  file = '/etc/resolv.conf',
): Promise<readonly NameServerSeen[]> {
  return Promise.all(nameServersIn(textOf(file)).map((server) => probeNameServer(world, server, service)));
}

async function probeNameServer(
  { clock, random }: ProbeWorld,
  server: string,
  service: string,
): Promise<NameServerSeen> {
  const resolver = new Resolver({ timeout: DNS_LIMIT_MS, tries: 1 });
  resolver.setServers([server]);
  const from = clock.monotonicMs();
  const asked = await outcomeOf(resolver.resolve4(service));
  const tookMs = clock.monotonicMs() - from;
  if (asked === 'silent') return { server, tookMs: undefined, lies: false };
  const nonsense = await outcomeOf(resolver.resolve4(`${randomHex(random, 6)}.invalid`));
  return { server, tookMs, lies: nonsense === 'address' };
}

/** That there is no such name is an answer, too. */
async function outcomeOf(asked: Promise<readonly string[]>): Promise<'address' | 'none' | 'silent'> {
  try {
    return (await asked).length > 0 ? 'address' : 'none';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ETIMEOUT' || code === 'ECONNREFUSED' || code === 'ECANCELLED' ? 'silent' : 'none';
  }
}

/** Asks the time servers that this machine is set to. */
export function probeTime(world: ProbeWorld, servers = timeServers()): Promise<readonly TimeServerSeen[]> {
  return Promise.all(servers.slice(0, SERVERS_MOST).map((server) => probeTimeServer(world, server)));
}

function probeTimeServer({ clock }: ProbeWorld, server: string): Promise<TimeServerSeen> {
  return new Promise((resolve) => {
    const [host = server, port] = server.split(/#(?=\d+$)/);
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    let done = false;
    const end = (offsetMs: number | undefined): void => {
      if (done) return;
      done = true;
      socket.close();
      resolve({ server: host, offsetMs });
    };
    const sentMs = clock.now();
    socket.on('error', () => end(undefined));
    socket.on('message', (bytes) => {
      const offsetMs = ntpOffsetMs(bytes, sentMs, clock.now());
      if (offsetMs !== undefined) end(offsetMs);
    });
    socket.send(encodeNtpRequest(sentMs), Number(port ?? NTP_PORT), host, (error) => {
      if (error !== null) end(undefined);
    });
    void pause(clock, NTP_LIMIT_MS).then(() => end(undefined));
  });
}

function timeServers(): readonly string[] {
  const files = [...TIME_FILES, ...TIME_FOLDERS.flatMap(filesIn)];
  return [...new Set(files.flatMap((file) => timeServersIn(textOf(file))))];
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
