import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type { DhcpConfig } from '../../lib/contract/lan-config.ts';
import { subnetOfInterface } from '../../lib/net/interface-subnet.ts';
import type { Ipv4Subnet } from '../../lib/net/ipv4.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { ByteTap, Health } from '../ports.ts';
import { DhcpRoom, type DhcpStatus } from './dhcp-room.ts';
import type { AddressedLease, DhcpSighting } from './lease.ts';
import { PHONE_MAKERS } from './phone-makers.ts';
import type { OptionRule, ServerSettings } from './settings.ts';
import { settingsOf } from './settings-of.ts';
import type { TraceLine } from './trace-line.ts';

/** Another try when the interface has no address yet, or the port is taken. */
const AGAIN_MS = 10_000;
/** How soon another address of the box is seen: the router was changed, or a technician fixed one. */
const LOOK_MS = 2_000;

export interface DhcpKeeperOptions {
  /** The LAN's interface; undefined where the box has none of its own, as on loopback. */
  readonly device: string | undefined;
  /** The lease journal. */
  readonly journal: string;
  /** Options with which phones find their configuration on this box. */
  readonly provisioning: (lan: Ipv4Subnet) => readonly OptionRule[];
  /** Where packets can be watched. */
  readonly tap?: ByteTap | undefined;
  /** Told of every device that asks. */
  readonly onSeen?: (sighting: DhcpSighting) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly health: Health;
}

/**
 * Keeps a DHCP room running as the configuration says: begins it when the interface has an address, begins it again when
 * mode or address change, and tells in a warning why it cannot.
 */
export class DhcpKeeper {
  readonly #options: DhcpKeeperOptions;
  #wanted: DhcpConfig | undefined;
  #room: DhcpRoom | undefined;
  #runs: ServerSettings | undefined;
  /** The address for which it was begun, or could not be. */
  #tried: Ipv4Subnet | undefined;
  #again: Timer | undefined;
  #looking: Timer | undefined;
  #changing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: DhcpKeeperOptions) {
    this.#options = options;
  }

  /** Whether the box could do what the configuration asks, as far as can be told now. */
  check(config: DhcpConfig): Result<void, CodedError> {
    const lan = this.#lan();
    // Without an address nothing contradicts; it is looked at again when there is one.
    if (lan === undefined) return ok(undefined);
    const settings = settingsOf(config, lan, PHONE_MAKERS, []);
    return settings.ok ? ok(undefined) : refuse(settings.error);
  }

  /** Takes a configuration; what it asks for happens in the background. */
  apply(config: DhcpConfig): void {
    this.#wanted = config;
    this.#change();
    this.#look();
  }

  /** Null while no room runs. */
  get status(): DhcpStatus | null {
    return this.#room?.status ?? null;
  }

  leases(): readonly AddressedLease[] {
    return this.#room?.leases() ?? [];
  }

  why(mac: MacAddress): readonly TraceLine[] {
    return this.#room?.why(mac) ?? [];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#again?.cancel();
    this.#looking?.cancel();
    await this.#changing;
    await this.#room?.stop();
  }

  /** Follows the address of the box: a server that goes on as the old one tells phones an address where nobody is. */
  #look(): void {
    this.#looking?.cancel();
    if (this.#stopped) return;
    this.#looking = this.#options.clock.after(LOOK_MS, 'dhcp address', () => {
      const [lan, tried] = [this.#lan(), this.#tried];
      const moved = lan?.address !== tried?.address || lan?.prefixBits !== tried?.prefixBits;
      // An interface that is down for a moment mostly comes back with the address that it had.
      if (lan !== undefined && tried !== undefined && moved) {
        this.#options.log.warn({}, 'the LAN address of the box has changed');
        this.#change();
      }
      this.#look();
    });
  }

  #change(): void {
    this.#changing = this.#changing.then(() => this.#carryOut());
  }

  async #carryOut(): Promise<void> {
    const { device, health } = this.#options;
    const config = this.#wanted;
    if (config === undefined || device === undefined || this.#stopped) return;
    this.#again?.cancel();
    const lan = this.#lan();
    if (lan === undefined) {
      await this.#end();
      this.#failed('dhcp.noAddress', `The interface ${device} has no IPv4 address: give it a fixed one.`);
      return;
    }
    this.#tried = lan;
    const settings = settingsOf(config, lan, PHONE_MAKERS, this.#options.provisioning(lan));
    if (!settings.ok) {
      await this.#end();
      health.raise('dhcp.config', settings.error.say);
      return;
    }
    health.clear('dhcp.noAddress');
    health.clear('dhcp.config');
    const running = this.#runs;
    if (this.#room !== undefined && running !== undefined && sameFooting(running, settings.value)) {
      this.#runs = settings.value;
      this.#room.reconfigure(settings.value);
      return;
    }
    await this.#end();
    await this.#begin(device, settings.value);
  }

  async #begin(device: string, settings: ServerSettings): Promise<void> {
    const { journal, clock, random, log, health, onSeen, tap } = this.#options;
    const room = new DhcpRoom({ device, settings, journal, clock, random, log, health, onSeen, tap });
    const started = await room.start();
    if (!started.ok) {
      this.#failed('dhcp.cannotStart', started.error.say);
      return;
    }
    health.clear('dhcp.cannotStart');
    log.info({ mode: settings.mode, device }, 'dhcp runs');
    this.#room = room;
    this.#runs = settings;
  }

  async #end(): Promise<void> {
    const room = this.#room;
    this.#room = undefined;
    this.#runs = undefined;
    await room?.stop();
    // It was that room's alarm: who only looks from now on has nobody to step back before.
    this.#options.health.clear('dhcp.foreign');
  }

  /** Tells why, and tries again by itself: a cable, an address or a port may come later. */
  #failed(code: string, say: string): void {
    this.#options.health.raise(code, say);
    if (this.#stopped) return;
    this.#again = this.#options.clock.after(AGAIN_MS, 'dhcp again', () => this.#change());
  }

  #lan(): Ipv4Subnet | undefined {
    const { device } = this.#options;
    return device === undefined ? undefined : subnetOfInterface(device);
  }
}

/** A room goes on with other settings when its sockets and its own address stay. */
function sameFooting(left: ServerSettings, right: ServerSettings): boolean {
  return (
    left.mode === right.mode &&
    left.lan.address === right.lan.address &&
    left.lan.prefixBits === right.lan.prefixBits
  );
}
