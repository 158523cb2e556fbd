import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHealth } from '../../../agent/health/index.ts';
import { LanAddressKeeper } from '../../../agent/lan-address/index.ts';
import { readLanAddress } from '../../../agent/lan-address/lan-address.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { type Ipv4Subnet, parseIpv4 } from '../../../lib/net/ipv4.ts';

/** `192.168.58.1/24` */
export function net(text: string): Ipv4Subnet {
  const [host = '', bits = ''] = text.split('/');
  const address = parseIpv4(host);
  if (address === undefined) throw new Error(`${text} is no address`);
  return { address, prefixBits: Number(bits) };
}

/** The LAN port of an appliance whose system does what the file says, unless somebody else has the address. */
export class SamplePort {
  readonly keeper: LanAddressKeeper;
  /** What the LAN gives. */
  given: Ipv4Subnet | undefined = net('169.254.7.7/16');
  taken = false;
  calls = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), 'engawa-port-'));

  constructor(settable = true) {
    const file = join(this.#folder, 'lan-address');
    this.keeper = new LanAddressKeeper({
      ...{ device: 'lan', file: settable ? file : undefined, calls: () => this.calls },
      ...{ clock: systemClock, log: silentLog(), health: createHealth(systemClock) },
      has: () => {
        const wanted = existsSync(file) ? readLanAddress(readFileSync(file, 'utf8')) : undefined;
        if (wanted?.how !== 'fixed') return this.given;
        return this.taken ? undefined : wanted.subnet;
      },
      others: () => [],
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
