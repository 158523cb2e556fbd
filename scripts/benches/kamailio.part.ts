import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a Kamailio is to do. */
export interface KamailioPlan {
  readonly host: string;
  readonly port: number;
  /** Where new requests go. */
  readonly next: string;
  /** Puts itself on the route of the dialog, and refuses in-dialog requests that come by no route (RFC 3261 §16). */
  readonly strict: boolean;
}

/** A running Kamailio, the foreign proxy. */
export interface Kamailio {
  /** User and system time of all its processes so far, in ms. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** Starts Kamailio as a stateful proxy with one worker and waits until it answers. */
export async function startKamailio(plan: KamailioPlan): Promise<Kamailio> {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-kamailio-'));
  const file = join(folder, 'kamailio.cfg');
  writeFileSync(file, configOf(plan));
  const flags = ['-f', file, '-DD', '-E', '-Y', folder, '-m', '256', '-M', '16'];
  // It ends with the bench, whatever ends that.
  const command = ['--pdeathsig', 'TERM', '--', 'kamailio', ...flags];
  const child = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString('latin1')).slice(-8_000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await listens(child, plan, () => output);
  return {
    cpuMs: () => cpuMsOfGroup(child.pid ?? 0),
    stop: async () => {
      // The whole group: it leaves its workers behind when it is killed alone.
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** User and system time of every process of a group (proc(5), 10 ms ticks). */
function cpuMsOfGroup(group: number): number {
  let ms = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = statOf(entry);
    if (fields !== undefined && Number(fields[2]) === group)
      ms += (Number(fields[11]) + Number(fields[12])) * 10;
  }
  return ms;
}

/** User and system time of one process, in ms. */
export function cpuMsOf(pid: number): number {
  const fields = statOf(String(pid));
  return fields === undefined ? Number.NaN : (Number(fields[11]) + Number(fields[12])) * 10;
}

function statOf(pid: string): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
  } catch {
    return undefined;
  }
}

async function listens(child: ChildProcess, { host, port }: KamailioPlan, said: () => string): Promise<void> {
  const wanted = `${hexOf(host)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (child.exitCode !== null) throw new Error(`Kamailio does not start: ${said()}`);
    if (readFileSync('/proc/net/udp', 'utf8').includes(wanted)) {
      // The socket is there before the workers are.
      await new Promise((resolve) => setTimeout(resolve, 300));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Kamailio does not listen: ${said()}`);
}

/** An IPv4 address as /proc/net/udp has it: the bytes backwards. */
function hexOf(host: string): string {
  const bytes = host.split('.').map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  return bytes.reverse().join('');
}

function configOf({ host, port, next, strict }: KamailioPlan): string {
  const modules = ['tm', 'sl', 'rr', 'pv', 'maxfwd', 'siputils', 'textops', 'sanity'];
  const route = strict
    ? `
  if (!sanity_check("17895", "7")) exit;
  if (!mf_process_maxfwd_header("70")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not here: no Route");
    exit;
  }
  record_route();
  $du = "${next}";
  t_relay();`
    : `
  $du = "${next}";
  t_relay();`;
  return `#!KAMAILIO
debug=-1
log_stderror=yes
children=1
auto_aliases=no
dns=no
rev_dns=no
disable_tcp=yes
listen=udp:${host}:${port}
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("rr", "append_fromtag", 1)
modparam("tm", "fr_timer", 30000)
request_route {${route}
}
`;
}
