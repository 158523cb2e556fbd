import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';

/** A small LAN of network namespaces: every host has one interface, `lan0`, on a common switch. */
export interface Lan {
  /** Runs a program on a host to its end; its output, and its exit code. */
  run(
    host: string,
    command: readonly string[],
    limitMs?: number,
  ): Promise<{ readonly code: number; readonly output: string }>;
  /** Starts a program on a host; it ends with the LAN. */
  start(host: string, command: readonly string[]): ChildProcess;
  /** Gives a host an address, `192.168.20.2/24`. */
  address(host: string, cidr: string): void;
  /** Pulls a host's cable out, or puts it back. */
  cable(host: string, plugged: boolean): void;
  /** The hardware address of a host. */
  macOf(host: string): string;
  /** Ends every program and takes the namespaces away. */
  remove(): void;
}

let count = 0;

/** Why this machine cannot make network namespaces, or undefined when it can. */
export function whyNoLan(): string | undefined {
  const name = `engawa-try-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (made.status !== 0) return `no network namespaces here: ${made.stderr || String(made.error)}`;
  spawnSync('ip', ['netns', 'del', name]);
  return undefined;
}

/** Makes the LAN. Names carry the process id, so that two tests never meet. */
export function createLan(hosts: readonly string[]): Lan {
  const prefix = `engawa-${process.pid}-${++count}`;
  const space = (host: string): string => `${prefix}-${host}`;
  const ip = (...args: string[]): void => {
    execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const children: ChildProcess[] = [];
  ip('netns', 'add', space('switch'));
  ip('-n', space('switch'), 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0');
  ip('-n', space('switch'), 'link', 'set', 'br0', 'up');
  for (const host of hosts) {
    ip('netns', 'add', space(host));
    const peer = ['peer', 'name', host, 'netns', space('switch')];
    ip('link', 'add', 'lan0', 'netns', space(host), 'type', 'veth', ...peer);
    ip('-n', space('switch'), 'link', 'set', host, 'master', 'br0', 'up');
    ip('-n', space(host), 'link', 'set', 'lan0', 'up');
    ip('-n', space(host), 'link', 'set', 'lo', 'up');
  }
  return {
    run(host, command, limitMs = 20_000) {
      const child = spawn('ip', ['netns', 'exec', space(host), ...command], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      children.push(child);
      let output = '';
      const hear = (chunk: Buffer): void => {
        output += chunk.toString();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
      return new Promise((resolve) => {
        // Not `close`: a daemon that it left behind may hold the pipe for ever.
        child.on('exit', (code) => {
          clearTimeout(limit);
          setTimeout(() => resolve({ code: code ?? 255, output }), 50);
        });
      });
    },
    start(host, command) {
      const child = spawn('ip', ['netns', 'exec', space(host), ...command], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      children.push(child);
      return child;
    },
    address: (host, cidr) => ip('-n', space(host), 'addr', 'add', cidr, 'dev', 'lan0'),
    cable: (host, plugged) => ip('-n', space('switch'), 'link', 'set', host, plugged ? 'up' : 'down'),
    macOf(host) {
      const text = execFileSync('ip', ['-n', space(host), '-j', 'link', 'show', 'lan0'], {
        encoding: 'utf8',
      });
      return (JSON.parse(text) as { address: string }[])[0]?.address ?? '';
    },
    remove() {
      for (const child of children) child.kill('SIGKILL');
      for (const host of [...hosts, 'switch']) {
        // Whatever was started there and left its parent ends with its namespace.
        const left = spawnSync('ip', ['netns', 'pids', space(host)], { encoding: 'utf8' }).stdout ?? '';
        for (const pid of left.split('\n').filter((line) => line !== '')) {
          spawnSync('kill', ['-9', pid]);
        }
        spawnSync('ip', ['netns', 'del', space(host)]);
      }
    },
  };
}
