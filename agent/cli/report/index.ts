import { readFileSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { freemem, loadavg, release, totalmem, uptime } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { type TarFile, tar } from '../../../lib/base/tar.ts';
import { enrolment } from '../../../lib/contract/enrolment.ts';
import type { AgentStatus } from '../../status.ts';
import { inspectConfig } from '../../store/index.ts';
import { logTails } from '../../trace/index.ts';
import { agentVersion } from '../../version.ts';
import { getJson } from '../api-client.ts';
import { type DoctorReport, doctorScreen } from '../doctor/index.ts';
import type { BoxPaths } from '../paths.ts';
import { Scrubber, secretsIn } from './scrub.ts';

/** Of a journal; of files it is what there is. */
const LOGS_SINCE_MS = 24 * 3_600_000;
/** Files of the state folder that may hold secrets are read up to here, to know what must not go out. */
const READ_LIMIT_BYTES = 8 * 1_048_576;
const ASKED: Readonly<Record<string, string>> = {
  status: '/v1/status',
  lines: '/v1/lines',
  calls: '/v1/calls',
  faxes: '/v1/faxes',
  config: '/v1/config',
  warnings: '/v1/warnings',
  dhcp: '/v1/dhcp',
  leases: '/v1/dhcp/leases',
  phones: '/v1/phones',
};

/** A bundle for support. */
export interface Bundle {
  readonly gateway: string;
  readonly gzip: Buffer;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/**
 * Gathers what support needs to understand a box, with or without a running agent: what the agent says, what the doctor
 * found, the end of the logs. Every file goes through the {@link Scrubber}; nothing else gets in.
 */
export async function makeBundle(
  paths: BoxPaths,
  socket: string,
  doctor: DoctorReport,
  now: number,
): Promise<Bundle> {
  const stored = gatewayOf(paths);
  const gateway = stored ?? (await gatewayTold(socket));
  const scrub = new Scrubber(await secretsOf(paths, stored));
  const files: TarFile[] = [];
  const add = (name: string, text: string): void => {
    files.push({
      name: `engawa-report/${name}`,
      data: Buffer.from(text.endsWith('\n') ? text : `${text}\n`),
      at: now,
    });
  };
  add('about.json', scrub.json(aboutOf(paths, gateway, now)));
  for (const [name, path] of Object.entries(ASKED)) {
    const answer = await getJson(socket, path);
    add(`${name}.json`, scrub.json(answer.ok ? answer.value : { v: 1, error: answer.error }));
  }
  add('stored-config.json', scrub.json(storedConfig(paths, stored)));
  add('doctor.json', scrub.json(doctor));
  add('doctor.txt', scrub.text(doctorScreen(doctor, { colours: false, language: 'en' }).join('\n')));
  add('files.txt', scrub.text((await listing(paths.state)).join('\n')));
  for (const { program, text } of await logTails(paths.log, now - LOGS_SINCE_MS))
    add(`log/${program}.log`, scrub.log(text.toString('utf8')));
  return {
    gateway: gateway ?? 'unknown',
    gzip: gzipSync(tar(files)),
    files: files.map(({ name, data }) => ({ name, bytes: data.length })),
  };
}

function aboutOf(paths: BoxPaths, gateway: string | undefined, now: number): object {
  return {
    v: 1,
    at: new Date(now).toISOString(),
    gateway: gateway ?? null,
    engawa: agentVersion(),
    node: process.version,
    kernel: release(),
    machine: process.arch,
    state: paths.state,
    upS: Math.round(uptime()),
    load: loadavg(),
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
  };
}

function gatewayOf(paths: BoxPaths): string | undefined {
  const parsed = enrolment.safeParse(jsonFile(paths.enrolment));
  return parsed.success ? parsed.data.gateway : undefined;
}

/** Whoever may not read the enrolment is told by the agent. */
async function gatewayTold(socket: string): Promise<string | undefined> {
  const answer = await getJson<AgentStatus>(socket, '/v1/status');
  return answer.ok ? (answer.value.gateway ?? undefined) : undefined;
}

function storedConfig(paths: BoxPaths, gateway: string | undefined): object {
  try {
    const { current, previous } = inspectConfig(paths.agentFolder, gateway as GatewayId | undefined);
    return { v: 1, current, previous };
  } catch (error) {
    return { v: 1, error: String(error) };
  }
}

/** Every secret that the state folder is known to hold: enrolment, configurations, phones, keys. */
async function secretsOf(paths: BoxPaths, gateway: string | undefined): Promise<ReadonlySet<string>> {
  const found = secretsIn(storedConfig(paths, gateway));
  for (const path of await filesUnder(paths.agentFolder, 3)) {
    if (/\.(?:json|new|old|prev|bak)$/.test(path)) secretsIn(jsonFile(path), found);
    if (/\.(?:pem|key)$/.test(path)) for (const form of keyForms(path)) found.add(form);
  }
  return found;
}

/** A key as it may be written down: its lines, or its bytes as hex and base64. */
function keyForms(path: string): readonly string[] {
  try {
    if (statSync(path).size > READ_LIMIT_BYTES) return [];
    const bytes = readFileSync(path);
    const lines = bytes.toString('utf8').split('\n');
    return [...lines.map((line) => line.trim()), bytes.toString('hex'), bytes.toString('base64')].filter(
      (form) => form.length >= 16,
    );
  } catch {
    return [];
  }
}

async function filesUnder(folder: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const nested = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return depth > 0 ? filesUnder(path, depth - 1) : [];
    return entry.isFile() ? [path] : [];
  });
  return (await Promise.all(nested)).flat();
}

async function listing(state: string): Promise<readonly string[]> {
  const files = ['agent', 'log', 'run'].map((folder) => filesUnder(join(state, folder), 2));
  const lines = (await Promise.all(files)).flat().map(async (path) => {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return [];
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
    const at = found.mtime.toISOString();
    return [`${mode} ${String(found.uid).padStart(5)} ${String(found.size).padStart(10)} ${at} ${path}`];
  });
  return (await Promise.all(lines)).flat().sort();
}

function jsonFile(path: string): unknown {
  try {
    return JSON.parse(textFile(path) ?? '');
  } catch {
    return undefined;
  }
}

function textFile(path: string): string | undefined {
  try {
    return statSync(path).size > READ_LIMIT_BYTES ? undefined : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
