import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { endSpace, spacePrefix, spacesOf } from './spaces.ts';

/** A small LAN of network namespaces: every host has one interface, `lan0`, on a common switch. */
export interface Lan {
  /** What the names of its namespaces begin with. */
  readonly name: string;
  /** Plugs another host in; with a hardware address of its own where one is given (twelve hexadecimal digits). */
  join(host: string, mac?: string): void;
  /** What makes a command run on a host, to be put before it. */
  inside(host: string): readonly string[];
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

/** An end of the LAN in the namespace of the caller. */
export interface LanHere {
  /** Name of the interface, at most 15 characters. */
  readonly device: string;
  readonly cidr: string;
}

/** Put before a command, runs it in a network of its own with nothing but loopback, which goes with it. The process becomes its. */
export const OWN_NETWORK: readonly string[] = [
  ...['unshare', '--net', '--', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'],
];

let count = 0;

/** Why this machine cannot make network namespaces, or undefined when it can. */
export function whyNoLan(): string | undefined {
  const name = `engawa-try-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (made.status !== 0) {
    const why = made.error?.message ?? made.stderr.trim().split('\n').at(-1);
    return `no network namespaces here: ${why}`;
  }
  spawnSync('ip', ['netns', 'del', name]);
  return undefined;
}

/** Makes a LAN. Names carry the process id, so that two programs never meet. */
export function createLan(hosts: readonly string[], here?: LanHere): Lan {
  const name = `${spacePrefix(process.pid)}${++count}`;
  ip('netns', 'add', `${name}-switch`);
  ip('-n', `${name}-switch`, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0');
  ip('-n', `${name}-switch`, 'link', 'set', 'br0', 'up');
  const lan = new NamespaceLan(name, true);
  try {
    if (here !== undefined) lan.joinHere(here);
    for (const host of hosts) lan.join(host);
  } catch (error) {
    lan.remove();
    throw error;
  }
  return lan;
}

/** Another program's LAN, by its name. Hosts that join here leave with {@link Lan.remove}; the others stay. */
export function openLan(name: string): Lan {
  return new NamespaceLan(name, false);
}

class NamespaceLan implements Lan {
  readonly name: string;
  readonly #whole: boolean;
  readonly #joined: string[] = [];
  readonly #children: ChildProcess[] = [];
  #device: string | undefined;

  constructor(name: string, whole: boolean) {
    this.name = name;
    this.#whole = whole;
  }

  join(host: string, mac?: string): void {
    ip('netns', 'add', this.#space(host));
    this.#joined.push(host);
    const address = mac === undefined ? [] : ['address', mac.replace(/(..)(?=.)/g, '$1:')];
    const peer = ['peer', 'name', host, 'netns', this.#space('switch')];
    ip('link', 'add', 'lan0', ...address, 'netns', this.#space(host), 'type', 'veth', ...peer);
    ip('-n', this.#space('switch'), 'link', 'set', 'dev', host, 'master', 'br0', 'up');
    ip('-n', this.#space(host), 'link', 'set', 'lan0', 'up');
    ip('-n', this.#space(host), 'link', 'set', 'lo', 'up');
  }

  /** The alias tells whose it is, should the process be gone. */
  joinHere({ device, cidr }: LanHere): void {
    ip('link', 'add', device, 'type', 'veth', 'peer', 'name', 'here', 'netns', this.#space('switch'));
    this.#device = device;
    ip('link', 'set', device, 'alias', this.name);
    ip('-n', this.#space('switch'), 'link', 'set', 'here', 'master', 'br0', 'up');
    ip('addr', 'add', cidr, 'dev', device);
    ip('link', 'set', device, 'up');
  }

  inside(host: string): readonly string[] {
    return ['ip', 'netns', 'exec', this.#space(host)];
  }

  run(host: string, command: readonly string[], limitMs = 20_000): ReturnType<Lan['run']> {
    const child = this.#spawn(host, command, 'ignore');
    let output = '';
    const hear = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
    return new Promise((resolve) => {
      // Not `close`: a daemon that it left behind may hold the pipe for ever.
      child.on('exit', (code) => {
        clearTimeout(limit);
        setTimeout(() => resolve({ code: code ?? 255, output }), 50);
      });
    });
  }

  start(host: string, command: readonly string[]): ChildProcess {
    return this.#spawn(host, command, 'pipe');
  }

  address(host: string, cidr: string): void {
    ip('-n', this.#space(host), 'addr', 'add', cidr, 'dev', 'lan0');
  }

  cable(host: string, plugged: boolean): void {
    ip('-n', this.#space('switch'), 'link', 'set', 'dev', host, plugged ? 'up' : 'down');
  }

  macOf(host: string): string {
    const text = execFileSync('ip', ['-n', this.#space(host), '-j', 'link', 'show', 'lan0'], {
      encoding: 'utf8',
    });
    return (JSON.parse(text) as { address: string }[])[0]?.address ?? '';
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    // The interface goes at once; with its switch it would go a moment later.
    if (this.#device !== undefined) spawnSync('ip', ['link', 'del', this.#device]);
    const spaces = this.#whole ? spacesOf(`${this.name}-`) : this.#joined.map((host) => this.#space(host));
    for (const space of spaces) endSpace(space);
  }

  #space(host: string): string {
    return `${this.name}-${host}`;
  }

  #spawn(host: string, command: readonly string[], stdin: 'ignore' | 'pipe'): ChildProcess {
    const [program = '', ...args] = [...this.inside(host), ...command];
    const child = spawn(program, args, { stdio: [stdin, 'pipe', 'pipe'] });
    child.stdin?.on('error', () => {});
    this.#children.push(child);
    return child;
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
