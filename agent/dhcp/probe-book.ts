import type { Clock } from '../../lib/base/clock.ts';
import { readArpTable } from '../../lib/net/arp-table.ts';
import type { Ipv4 } from '../../lib/net/ipv4.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';

/** Time that a neighbour has to answer. Hosts of a LAN need less than 10 ms, sleeping ones some more. */
const PROBE_MS = 300;

/**
 * Finds out whether somebody has an address: any datagram makes the kernel ask for the neighbour (ARP), and its table
 * tells the answer. Needs no privilege. One look at the table serves all probes that end together.
 */
export class ProbeBook {
  readonly #clock: Clock;
  readonly #knock: (address: Ipv4) => void;
  readonly #device: string;
  #ending: {
    readonly atMs: number;
    readonly address: Ipv4;
    readonly done: (holder: MacAddress | undefined) => void;
  }[] = [];
  #armed = false;

  /** `knock` sends a datagram to the address; port 9 (discard) is meant for it. */
  constructor(clock: Clock, device: string, knock: (address: Ipv4) => void) {
    this.#clock = clock;
    this.#device = device;
    this.#knock = knock;
  }

  /** Tells who answered, if anybody did. */
  probe(address: Ipv4, done: (holder: MacAddress | undefined) => void): void {
    this.#knock(address);
    this.#ending.push({ atMs: this.#clock.monotonicMs() + PROBE_MS, address, done });
    if (!this.#armed) this.#arm(PROBE_MS);
  }

  #arm(delayMs: number): void {
    this.#armed = true;
    this.#clock.after(delayMs, 'dhcp probe', () => {
      this.#armed = false;
      this.#look();
    });
  }

  #look(): void {
    const nowMs = this.#clock.monotonicMs();
    const ended = this.#ending.filter((each) => each.atMs <= nowMs + 1);
    this.#ending = this.#ending.filter((each) => each.atMs > nowMs + 1);
    if (ended.length > 0) {
      const heard = new Map(
        readArpTable()
          .filter((neighbour) => neighbour.device === this.#device)
          .map((neighbour) => [neighbour.address, neighbour.mac]),
      );
      for (const { address, done } of ended) done(heard.get(address));
    }
    const [next] = this.#ending;
    if (next !== undefined && !this.#armed) this.#arm(Math.max(1, next.atMs - nowMs));
  }
}
