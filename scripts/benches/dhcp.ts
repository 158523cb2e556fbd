import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createLan, type Lan, whyNoLan } from '../lab/lan.ts';

export const describe =
  'leases a second and delay under perfdhcp, every lease synced: ours, Kea and dnsmasq (--rates 400,800,1600 --seconds 5, or --ceiling)';

const SERVER = '10.77.0.1';
const SERVER_NUMBER = 0x0a4d0001;
const LOAD = '10.77.0.9';

interface Measured {
  readonly server: string;
  readonly offeredRate: number;
  readonly rate: number;
  readonly dropsPercent: number;
  readonly meanMs: number;
  readonly worstMs: number;
  /** CPU of the server for one lease, both exchanges. */
  readonly cpuMsPerLease: number;
}

/** Starts a server in the namespace and answers when it serves. */
type Start = (lan: Lan, folder: string) => Promise<ChildProcess>;

const SERVERS: readonly (readonly [name: string, start: Start])[] = [
  ['ours, fdatasync', startOurs],
  ['Kea, memfile on disk', startKea],
  ['dnsmasq, no ping', startDnsmasq],
];

/** Measures each server alone, one after the other, on a LAN of its own. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rates: { type: 'string', default: '400,800,1600' },
      seconds: { type: 'string', default: '5' },
      ceiling: { type: 'boolean', default: false },
    },
  });
  const why = whyNoLan();
  if (why !== undefined) throw new Error(why);
  const rates = values.rates.split(',').map(Number);
  const rows: Measured[] = [];
  for (const [name, start] of SERVERS) {
    if (values.ceiling) rows.push(...(await ceiling(name, start, Number(values.seconds))));
    else for (const rate of rates) rows.push(await measure(name, start, rate, Number(values.seconds)));
  }
  print(rows);
}

/** The first rate, the step to the next, and what is dropped at most where a server still keeps up. */
const CLIMB = { fromRate: 200, factor: 1.4, mostRate: 12_000, dropsPercent: 1 } as const;

/** The highest rate that a server keeps up with, and the first that it does not. */
async function ceiling(server: string, start: Start, seconds: number): Promise<Measured[]> {
  let best: Measured | undefined;
  for (let rate: number = CLIMB.fromRate; rate <= CLIMB.mostRate; rate = Math.round(rate * CLIMB.factor)) {
    const next = await measure(server, start, rate, seconds);
    if (next.dropsPercent > CLIMB.dropsPercent) return best === undefined ? [next] : [best, next];
    best = next;
  }
  return best === undefined ? [] : [best];
}

async function measure(server: string, start: Start, rate: number, seconds: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-bench-dhcp-'));
  const lan = createLan(['box', 'load']);
  try {
    lan.address('box', `${SERVER}/16`);
    lan.address('load', `${LOAD}/16`);
    const program = await start(lan, folder);
    const before = cpuMsOf(program);
    const flags = ['-4', '-r', String(rate), '-R', '100000', '-p', String(seconds), '-l', LOAD, SERVER];
    const { output } = await lan.run('load', ['perfdhcp', ...flags], (seconds + 20) * 1_000);
    const done = read(output, rate, server);
    return { ...done, cpuMsPerLease: (cpuMsOf(program) - before) / Math.max(1, done.rate * seconds) };
  } finally {
    lan.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What perfdhcp printed of the whole run: the rate of full exchanges, and the REQUEST-ACK delays. */
function read(output: string, offeredRate: number, server: string): Omit<Measured, 'cpuMsPerLease'> {
  const number = (pattern: RegExp, text: string): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const [, discover = '', request = ''] = /DISCOVER-OFFER\*\*\*(.*)REQUEST-ACK\*\*\*(.*)/s.exec(output) ?? [];
  const dropped = number(/drops: (\d+)/, discover) + number(/drops: (\d+)/, request);
  const sent = number(/sent packets: (\d+)/, discover) + number(/sent packets: (\d+)/, request);
  return {
    server,
    offeredRate,
    rate: number(/Rate: ([\d.]+) 4-way/, output),
    dropsPercent: (100 * dropped) / sent,
    meanMs: number(/avg delay: ([\d.]+)/, request),
    worstMs: number(/max delay: ([\d.]+)/, request),
  };
}

/** User and system time of a program and its children that it has waited for (proc(5), in 10 ms ticks). */
function cpuMsOf(program: ChildProcess): number {
  try {
    const fields =
      readFileSync(`/proc/${program.pid ?? 0}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

async function startOurs(lan: Lan, folder: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./dhcp-room.part.ts', import.meta.url));
  const journal = join(folder, 'leases');
  const child = lan.start('box', [
    ...[process.execPath, '--import', 'tsx', program],
    ...[journal, String(SERVER_NUMBER), '16'],
  ]);
  await says(child, /serving/);
  return child;
}

async function startKea(lan: Lan, folder: string): Promise<ChildProcess> {
  const config = {
    Dhcp4: {
      'interfaces-config': { interfaces: ['lan0'] },
      'lease-database': {
        type: 'memfile',
        persist: true,
        name: join(folder, 'leases.csv'),
        'lfc-interval': 0,
      },
      subnet4: [{ subnet: '10.77.0.0/16', pools: [{ pool: '10.77.1.0 - 10.77.250.255' }] }],
    },
  };
  const file = join(folder, 'kea.json');
  writeFileSync(file, JSON.stringify(config));
  const places = [`KEA_PIDFILE_DIR=${folder}`, `KEA_LOCKFILE_DIR=${folder}`];
  const child = lan.start('box', ['env', ...places, 'kea-dhcp4', '-c', file]);
  await says(child, /DHCP4_STARTED/);
  return child;
}

async function startDnsmasq(lan: Lan, folder: string): Promise<ChildProcess> {
  const child = lan.start('box', [
    ...['dnsmasq', '--no-daemon', '--port=0', '--conf-file=/dev/null', '--user=root', '--pid-file='],
    ...['--dhcp-authoritative', '--interface=lan0', '--no-ping', '--dhcp-lease-max=100000'],
    ...['--dhcp-range=10.77.1.0,10.77.250.255,1h', `--dhcp-leasefile=${join(folder, 'leases')}`],
  ]);
  await says(child, /started/);
  return child;
}

function says(child: ChildProcess, words: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const limit = setTimeout(() => reject(new Error(`the server did not start: ${heard}`)), 20_000);
    const hear = (chunk: Buffer): void => {
      heard = `${heard}${chunk.toString()}`.slice(-4_000);
      if (!words.test(heard)) return;
      clearTimeout(limit);
      resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
  });
}

function print(rows: readonly Measured[]): void {
  const head = ['server', 'offered/s', 'leases/s', 'drops %', 'mean ms', 'worst ms', 'CPU ms/lease'];
  const table = rows.map((row) => [
    row.server,
    String(row.offeredRate),
    row.rate.toFixed(0),
    row.dropsPercent.toFixed(1),
    row.meanMs.toFixed(1),
    row.worstMs.toFixed(0),
    row.cpuMsPerLease.toFixed(2),
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...table.map((cells) => cells[column]?.length ?? 0)),
  );
  for (const cells of [head, ...table]) {
    process.stdout.write(
      `${cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}
