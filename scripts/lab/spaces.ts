import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where `ip netns` keeps the names of namespaces. */
const FOLDER = '/run/netns';

/** What the namespaces of a process are called first. */
export function spacePrefix(pid: number): string {
  return `engawa-${pid}-`;
}

/** Namespaces whose names begin so. */
export function spacesOf(prefix: string): readonly string[] {
  return existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.startsWith(prefix)) : [];
}

/** Takes a namespace away, with whatever was started there and left its parent. */
export function endSpace(name: string): void {
  const left = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout ?? '';
  for (const line of left.split('\n').filter((each) => each !== '')) kill(Number(line));
  const gone = spawnSync('ip', ['netns', 'del', name]);
  // A name that was made elsewhere is a plain file here.
  if (gone.status !== 0) rmSync(join(FOLDER, name), { force: true });
}

/**
 * Takes away namespaces and interfaces of programs that were killed before they could do it themselves. The names of what
 * is gone.
 */
export function removeLeftSpaces(): readonly string[] {
  const interfaces = leftInterfaces();
  for (const device of interfaces) spawnSync('ip', ['link', 'del', device]);
  const names = spacesOf('engawa-').filter(isLeft);
  for (const name of names) endSpace(name);
  return [...interfaces, ...names];
}

/** The interface's alias is the name of its LAN. */
function leftInterfaces(): string[] {
  const asked = spawnSync('ip', ['-j', 'link', 'show', 'type', 'veth'], { encoding: 'utf8' });
  try {
    const links = JSON.parse(asked.stdout) as { ifname: string; ifalias?: string }[];
    return links.filter(({ ifalias }) => isLeft(ifalias ?? '')).map(({ ifname }) => ifname);
  } catch {
    return [];
  }
}

function isLeft(name: string): boolean {
  const pid = /^engawa-([0-9]+)-/.exec(name)?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
