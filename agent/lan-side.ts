import { join } from 'node:path';
import type { Clock } from '../lib/base/clock.ts';
import type { CodedError, Result } from '../lib/base/errors.ts';
import type { Logger } from '../lib/base/log.ts';
import type { Random } from '../lib/base/random.ts';
import type { BoxCommand } from '../lib/contract/command.ts';
import type { SiteConfig } from '../lib/contract/site-config.ts';
import { subnetOfInterface, subnetsBeside } from '../lib/net/interface-subnet.ts';
import type { Ipv4Subnet } from '../lib/net/ipv4.ts';
import type { MacAddress } from '../lib/net/mac-address.ts';
import { DhcpKeeper } from './dhcp/index.ts';
import { LanAddressKeeper } from './lan-address/index.ts';
import type { ByteTap, DeskPhone, DeskPhones, DeskView, Health } from './ports.ts';
import { ProvisioningRoom, phonesFolder } from './provisioning/index.ts';

/** What the LAN side is made with. */
export interface LanSideOptions {
  /** Interface of the customer's LAN; undefined where the box has none of its own. */
  readonly device: string | undefined;
  /** File with the address that it is to have; undefined where the system of the box follows none. */
  readonly addressFile: string | undefined;
  /** Calls that are up. */
  readonly calls: () => number;
  /** The agent's state folder. */
  readonly state: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (room: string) => Logger;
  readonly health: Health;
  /** Where DHCP can be watched. */
  readonly dhcpTap?: ByteTap;
}

/** No desk phone can register: nobody is told anything. */
const NO_DESK: DeskPhones & DeskView = { checkSync: async () => 'notRegistered', phones: () => [] };

/** The rooms of the customer's LAN: the box's address, DHCP, and the desk phones' files. They are started and applied together. */
export class LanSide {
  readonly address: LanAddressKeeper;
  readonly dhcp: DhcpKeeper;
  readonly provisioning: ProvisioningRoom;
  #desk: DeskPhones & DeskView = NO_DESK;

  constructor(options: LanSideOptions) {
    const { device, state, clock, random, log, health } = options;
    this.address = new LanAddressKeeper({
      ...{ device, file: options.addressFile, calls: options.calls, clock, log: log('lan'), health },
      has: () => lanOf(device),
      others: () => subnetsBeside(device),
    });
    const desk: DeskPhones = { checkSync: (mac) => this.#desk.checkSync(mac) };
    this.provisioning = new ProvisioningRoom({
      ...{ device, desk, clock, random, log: log('phones'), health },
      folder: phonesFolder(state),
      leases: () => this.dhcp.leases(),
    });
    this.dhcp = new DhcpKeeper({
      ...{ device, clock, random, log: log('dhcp'), health },
      journal: join(state, 'leases'),
      tap: options.dhcpTap,
      provisioning: (lan) => this.provisioning.dhcpOptions(lan),
      onSeen: (sighting) => this.provisioning.sawDhcp(sighting),
    });
  }

  /** The room in which desk phones are registered; before it is there, nobody is told anything. */
  connect(desk: DeskPhones & DeskView): void {
    this.#desk = desk;
  }

  /** The phones of the office at the registrar, now. */
  get deskPhones(): readonly DeskPhone[] {
    return this.#desk.phones();
  }

  /** Whether the LAN contradicts a configuration. */
  check(config: SiteConfig): Result<void> {
    return this.dhcp.check(config.lan.dhcp);
  }

  apply(config: SiteConfig): void {
    this.dhcp.apply(config.lan.dhcp);
    this.provisioning.apply(config);
  }

  /** Does at once what the cloud asks for, as a technician's command here would. */
  carryOut(
    command: Extract<BoxCommand, { readonly do: 'approvePhone' | 'reprovisionPhone' }>,
  ): Promise<Result<unknown, CodedError>> {
    const mac = command.mac as MacAddress;
    switch (command.do) {
      case 'approvePhone':
        return this.provisioning.approve(mac, command.minutes);
      case 'reprovisionPhone':
        return this.provisioning.reprovision(mac);
    }
  }

  start(): void {
    this.address.start();
    this.provisioning.start();
  }

  async stop(): Promise<void> {
    this.address.stop();
    await this.provisioning.stop();
    await this.dhcp.stop();
  }
}

/** Where the box stands on the LAN, as long as the interface has an address. */
export function lanOf(device: string | undefined): Ipv4Subnet | undefined {
  return device === undefined ? undefined : subnetOfInterface(device);
}
