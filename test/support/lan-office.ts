import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DhcpAnswer, LeasesAnswer, PhonesAnswer } from '../../agent/local-api/index.ts';
import type { AgentStatus } from '../../agent/status.ts';
import { type Lan, openLan } from '../../scripts/lab/lan.ts';
import { PhoneClient } from '../../scripts/lab/phone-client.ts';
import { DESK_PHONES, phoneSocket } from '../../scripts/launch/desk-lan.ts';
import { requestJson } from '../../scripts/launch/http-over-unix.ts';
import { type Layout, layoutOf } from '../../scripts/launch/layout.ts';
import { type TemporaryState, temporaryState } from '../../scripts/launch/temporary-state.ts';
import { OfficeProcess, pause } from './office-process.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** `scripts/start` in a network of its own, and its LAN, on which tests put hosts of their own. */
export class LanOffice {
  readonly layout: Layout;
  readonly lan: Lan;
  readonly #folder: TemporaryState;
  readonly #process: OfficeProcess;

  private constructor(layout: Layout, folder: TemporaryState, process: OfficeProcess) {
    this.layout = layout;
    this.#folder = folder;
    this.#process = process;
    // The first LAN of the launcher, whose process the wrappers have become.
    this.lan = openLan(`engawa-${process.pid}-1`);
  }

  static async start(net: string, host: string): Promise<LanOffice> {
    const folder = temporaryState(host);
    const process = new OfficeProcess(folder.path, net);
    const office = new LanOffice(layoutOf(ROOT, folder.path, net), folder, process);
    await process.running();
    return office;
  }

  /** The launcher, which is in the office's network. */
  get pid(): number {
    return this.#process.pid;
  }

  /** First three parts of the LAN's addresses. */
  get range(): string {
    return readFileSync(join(this.layout.state, 'lan-range'), 'utf8').trim();
  }

  status(): Promise<AgentStatus> {
    return this.#api<AgentStatus>('/v1/status');
  }

  async dhcp(): Promise<NonNullable<DhcpAnswer['dhcp']>> {
    const { dhcp } = await this.#api<DhcpAnswer>('/v1/dhcp');
    if (dhcp === null) throw new Error('no DHCP runs');
    return dhcp;
  }

  async leases(): Promise<LeasesAnswer['leases']> {
    return (await this.#api<LeasesAnswer>('/v1/dhcp/leases')).leases;
  }

  async phones(): Promise<PhonesAnswer['phones']> {
    return (await this.#api<PhonesAnswer>('/v1/phones')).phones;
  }

  /** The simulated phones, Grandstream first. */
  handsets(): Promise<readonly PhoneClient[]> {
    return Promise.all(DESK_PHONES.map((phone) => PhoneClient.connect(phoneSocket(this.layout, phone))));
  }

  /** Waits until it is so, whatever is not there meanwhile. */
  async until(what: string, look: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
    let seen: unknown;
    for (const from = performance.now(); performance.now() - from < limitMs; await pause(150)) {
      try {
        if (await look()) return;
      } catch (error) {
        seen = error;
      }
    }
    throw new Error(
      `did not happen: ${what} ${seen === undefined ? '' : String(seen)}\n${this.#process.err}`,
    );
  }

  async bothRegistered(limitMs?: number): Promise<void> {
    let known: PhonesAnswer['phones'] = [];
    const look = async (): Promise<boolean> => {
      known = await this.phones();
      return DESK_PHONES.every(({ mac }) => known.some((each) => each.mac === mac && each.registered));
    };
    try {
      await this.until('both desk phones are registered', look, limitMs);
    } catch (error) {
      const states = await Promise.all((await this.handsets()).map((phone) => phone.state()));
      const seen = states.map(({ stage, source, address, fetches }) => ({ stage, source, address, fetches }));
      throw new Error(`${String(error)}\n${JSON.stringify(known)}\n${JSON.stringify(seen)}`);
    }
  }

  /** Ends the agent as a fault would; the launcher starts it again. */
  killAgent(): void {
    process.kill(this.#agentPid(), 'SIGKILL');
  }

  async end(): Promise<void> {
    this.lan.remove();
    this.#process.signal('SIGTERM');
    await this.#process.ended;
    this.#folder.remove();
  }

  #agentPid(): number {
    for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
      const file = `/proc/${pid}/cmdline`;
      const line = existsSync(file) ? readFileSync(file, 'utf8') : '';
      if (line.includes('agent/main.ts') && line.includes(this.layout.agent)) return Number(pid);
    }
    throw new Error('no agent runs');
  }

  #api<Answer>(path: string): Promise<Answer> {
    return requestJson(this.layout.sockets.agent, 'GET', path) as Promise<Answer>;
  }
}
