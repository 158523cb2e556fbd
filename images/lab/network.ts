import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLan, type Lan } from '../../scripts/lab/lan.ts';
import { type Child, startChild } from '../../scripts/launch/child.ts';
import { LabError } from './lab-error.ts';
import { PLACES } from './places.ts';
import { routerConf } from './router-conf.ts';

/** From where something is asked. */
export type Standpoint =
  /** A computer on the customer's LAN. */
  | 'laptop'
  /** The provider's router, at the cable of the second port. */
  | 'router'
  /** Somebody on the internet. */
  | 'stranger'
  /** Where the service is. */
  | 'service';

/**
 * The world around the box, in network namespaces:
 *
 * ```
 *  laptop ─┐
 *  box lan ┴─ br0 ── lan0 router wan0 ── br1 ── box wan (a box with two ports)
 *                        net0
 *                          └── internet: service, stranger
 * ```
 */
export class LabNetwork {
  readonly #lan: Lan;
  readonly #internet: Lan;
  readonly #children: Child[] = [];

  private constructor(lan: Lan, internet: Lan) {
    this.#lan = lan;
    this.#internet = internet;
  }

  /** Makes it all and starts the router. `folder` keeps its leases and logs. */
  static async open(root: string, folder: string): Promise<LabNetwork> {
    const lan = createLan(['router', 'laptop']);
    let network: LabNetwork | undefined;
    try {
      network = new LabNetwork(lan, createLan(['service', 'stranger']));
      network.#cable();
      await network.#startRouter(root, folder);
      return network;
    } catch (error) {
      if (network === undefined) lan.remove();
      else await network.remove();
      throw error;
    }
  }

  /** What makes a command run in the place where the box's cables end, to be put before it. */
  get atBox(): readonly string[] {
    return this.#lan.inside('switch');
  }

  /** What makes a command run at a place, to be put before it. */
  at(place: Standpoint): readonly string[] {
    return place === 'laptop' || place === 'router' ? this.#lan.inside(place) : this.#internet.inside(place);
  }

  /** Runs a program at a place to its end. */
  run(
    place: Standpoint,
    command: readonly string[],
    limitMs?: number,
  ): Promise<{ readonly code: number; readonly output: string }> {
    const lan = place === 'laptop' || place === 'router' ? this.#lan : this.#internet;
    return lan.run(place, command, limitMs);
  }

  /** Takes the service off the internet, or puts it back: the box has its LAN and nothing beyond. */
  serviceReachable(reachable: boolean): void {
    this.#internet.cable('service', reachable);
  }

  /** Pulls a cable of the box out, or puts it back. */
  boxCable(port: 'lan' | 'wan', plugged: boolean): void {
    ip('-n', this.#switch, 'link', 'set', 'dev', tapOf(port), plugged ? 'up' : 'down');
  }

  /** Ends every program and takes the namespaces away. */
  async remove(): Promise<void> {
    for (const child of this.#children.reverse()) await child.stop(3_000);
    this.#lan.remove();
    this.#internet.remove();
  }

  get #switch(): string {
    return `${this.#lan.name}-switch`;
  }

  #cable(): void {
    const [router, wire] = [`${this.#lan.name}-router`, this.#switch];
    const internet = `${this.#internet.name}-switch`;
    ip('-n', wire, 'link', 'add', 'br1', 'type', 'bridge', 'forward_delay', '0');
    ip('-n', wire, 'link', 'set', 'br1', 'up');
    for (const [device, end, name, bridge] of [
      ['wan0', wire, 'router-wan', 'br1'],
      ['net0', internet, 'router', 'br0'],
    ] as const) {
      ip('link', 'add', device, 'netns', router, 'type', 'veth', 'peer', 'name', name, 'netns', end);
      ip('-n', end, 'link', 'set', 'dev', name, 'master', bridge, 'up');
      ip('-n', router, 'link', 'set', device, 'up');
    }
    for (const port of ['lan', 'wan'] as const) {
      const tap = tapOf(port);
      ip('-n', wire, 'tuntap', 'add', 'dev', tap, 'mode', 'tap');
      ip('-n', wire, 'link', 'set', 'dev', tap, 'master', port === 'lan' ? 'br0' : 'br1', 'up');
    }
    const { lan, wan, internet: net } = PLACES;
    this.#lan.address('router', `${lan.router}/24`);
    ip('-n', router, 'addr', 'add', `${wan.router}/24`, 'dev', 'wan0');
    ip('-n', router, 'addr', 'add', `${net.router}/24`, 'dev', 'net0');
    ip('netns', 'exec', router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    this.#lan.address('laptop', `${lan.laptop}/24`);
    ip('-n', `${this.#lan.name}-laptop`, 'route', 'add', 'default', 'via', lan.router);
    for (const last of [10, 11, 20]) this.#internet.address('service', `${net.net}.${last}/24`);
    this.#internet.address('stranger', `${net.stranger}/24`);
    for (const place of ['service', 'stranger']) {
      ip('-n', `${this.#internet.name}-${place}`, 'route', 'add', 'default', 'via', net.router);
    }
  }

  async #startRouter(root: string, folder: string): Promise<void> {
    const conf = join(folder, 'router.conf');
    writeFileSync(conf, routerConf({ leases: join(folder, 'router.leases'), wan: true }));
    const limits = { ready: 'spawn', readyLimitMs: 10_000 } as const;
    this.#children.push(
      await startChild({
        ...limits,
        name: 'router',
        command: [...this.at('router'), 'setpriv', '--pdeathsig', 'KILL', '--', 'dnsmasq', '-C', conf],
        logFile: join(folder, 'router.log'),
      }),
      await startChild({
        name: 'time',
        command: [
          ...this.at('router'),
          ...[process.execPath, '--import', 'tsx', join(root, 'images/lab/time-main.ts'), '--follow-stdin'],
        ],
        logFile: join(folder, 'time.log'),
        ready: 'event',
        readyLimitMs: 60_000,
      }),
    );
  }
}

/** The interface that a port of the box is plugged into. */
export function tapOf(port: 'lan' | 'wan'): string {
  return `box-${port}`;
}

function ip(...args: string[]): void {
  const said = spawnSync('ip', args, { encoding: 'utf8' });
  if (said.status !== 0) {
    throw new LabError(`ip ${args.join(' ')}: ${said.error?.message ?? said.stderr.trim()}`);
  }
}
