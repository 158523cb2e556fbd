import { type ChildProcess, execFile, spawn } from 'node:child_process';

/**
 * The phone's network interface, which is its own: the phone runs in a network namespace where nothing else does. It is
 * set with `ip`, by root, because a phone decides for itself which address, route and VLAN it has.
 */
export class Interface {
  readonly #device: string;
  #used: string;
  #monitor: ChildProcess | undefined;

  constructor(device: string) {
    this.#device = device;
    this.#used = device;
  }

  /** Gives it the phone's hardware address and follows the cable; `plugged` is told at once and at each change. */
  async start(mac: string, plugged: (link: boolean) => void): Promise<void> {
    const address = mac.replace(/(..)(?=.)/g, '$1:');
    await ip('link', 'set', 'dev', this.#device, 'address', address);
    await ip('link', 'set', 'dev', this.#device, 'up');
    let last: boolean | undefined;
    const tell = (link: boolean): void => {
      if (link === last) return;
      last = link;
      plugged(link);
    };
    const look = (): void => {
      this.#link().then(tell, () => tell(false));
    };
    this.#monitor = spawn('ip', ['-o', 'monitor', 'link', 'dev', this.#device], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#monitor.on('error', () => undefined);
    this.#monitor.stdout?.on('data', look);
    look();
  }

  stop(): void {
    this.#monitor?.kill('SIGKILL');
  }

  /** Frames with this tag from now on, or without one. */
  async vlan(id: number | undefined): Promise<void> {
    const name = id === undefined ? this.#device : `${this.#device.slice(0, 9)}.${id}`;
    if (name === this.#used) return;
    await this.clear();
    if (this.#used !== this.#device) await ip('link', 'del', 'dev', this.#used).catch(() => undefined);
    if (id !== undefined) {
      await ip('link', 'add', 'link', this.#device, 'name', name, 'type', 'vlan', 'id', String(id));
      await ip('link', 'set', 'dev', name, 'up');
    }
    this.#used = name;
  }

  /** No address: all it can do is ask for one, by broadcast from 0.0.0.0. */
  async clear(): Promise<void> {
    await ip('-4', 'addr', 'flush', 'dev', this.#used);
    await ip('route', 'replace', '255.255.255.255/32', 'dev', this.#used);
  }

  async address(address: string, prefix: number, router: string | undefined): Promise<void> {
    const dev = this.#used;
    await ip('-4', 'addr', 'flush', 'dev', dev);
    await ip('addr', 'add', `${address}/${prefix}`, 'broadcast', '+', 'dev', dev);
    await ip('route', 'replace', '255.255.255.255/32', 'dev', dev, 'src', address);
    await ip('route', 'replace', '224.0.0.0/4', 'dev', dev, 'src', address);
    if (router !== undefined)
      await ip('route', 'replace', 'default', 'via', router, 'dev', dev).catch(() => undefined);
  }

  async #link(): Promise<boolean> {
    const [found] = JSON.parse(await ip('-j', 'link', 'show', 'dev', this.#device)) as { flags?: string[] }[];
    return found?.flags?.includes('LOWER_UP') === true;
  }
}

function ip(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ip', [...args], { timeout: 5_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`ip ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
  });
}
