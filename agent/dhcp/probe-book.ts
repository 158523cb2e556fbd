import type { Clock } from '../../lib/base/clock.ts';
import { readArpTable } from '../../lib/net/arp-table.ts';
import { openDeviceSocket } from '../../lib/net/device-socket.ts';
import { formatIpv4, type Ipv4 } from '../../lib/net/ipv4.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';

/** Time that a neighbour has to answer. Hosts of a LAN need less than 10 ms, sleeping ones some more. */
const PROBE_MS = 300;
/** Discard (RFC 863): nobody listens there, and the kernel asks for the neighbour all the same. */
const DISCARD_PORT = 9;

/** What was found out about an address. */
export interface Probed {
  /** Whom the neighbour table names there; it may be from before. */
  readonly holder: MacAddress | undefined;
  /** A host there answered just now: that nothing listens on the port (ICMP, RFC 1122 §4.1.3.1). */
  readonly alive: boolean;
}

/**
 * Finds out whether somebody has an address: any datagram makes the kernel ask for the neighbour (ARP), and its table
 * tells the answer; whoever is there says besides that nothing listens on the port. Needs no privilege. One look at the
 * table serves all probes that end together.
 */
export class ProbeBook {
  readonly #clock: Clock;
  readonly #device: string;
  #ending: {
    readonly atMs: number;
    readonly address: Ipv4;
    readonly knock: Knock;
    readonly done: (probed: Probed) => void;
  }[] = [];
  #armed = false;

  constructor(clock: Clock, device: string) {
    this.#clock = clock;
    this.#device = device;
  }

  /** Tells who answered, if anybody did. */
  probe(address: Ipv4, done: (probed: Probed) => void): void {
    const knock = knockAt(this.#device, address);
    this.#ending.push({ atMs: this.#clock.monotonicMs() + PROBE_MS, address, knock, done });
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
      for (const { address, knock, done } of ended) {
        knock.end();
        done({ holder: heard.get(address), alive: knock.answered() });
      }
    }
    const [next] = this.#ending;
    if (next !== undefined && !this.#armed) this.#arm(Math.max(1, next.atMs - nowMs));
  }
}

interface Knock {
  answered(): boolean;
  end(): void;
}

/** Sends a datagram from a connected socket of the interface: the kernel tells such a one that it was turned away. */
function knockAt(device: string, address: Ipv4): Knock {
  let [answered, ended] = [false, false];
  let close = (): void => {};
  void openDeviceSocket(device, 0).then((opened) => {
    if (!opened.ok) return;
    const socket = opened.value;
    close = () => socket.close();
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') answered = true;
    });
    if (ended) close();
    else socket.connect(DISCARD_PORT, formatIpv4(address), () => !ended && socket.send(Buffer.alloc(1)));
  });
  return {
    answered: () => answered,
    end: () => {
      ended = true;
      close();
    },
  };
}
