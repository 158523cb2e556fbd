import { createHash } from 'node:crypto';
import { isPhonePort, type OfficeState, phoneOf, placesOf } from './calls/index.ts';
import type { DeskPhone } from './ports.ts';
import type { LineStatus } from './status.ts';
import type { HealthSeen } from './sync/index.ts';

/** Where it is looked how well the box works. */
export interface HealthSources {
  readonly office: {
    readonly state: OfficeState;
    trunkOf(port: number): LineStatus['registration'];
  };
  readonly boardUp: boolean;
  readonly cloudUp: boolean;
  readonly deskPhones: readonly DeskPhone[];
}

/** How well the box works now, as far as a configuration can spoil it. */
export function seeHealth({ office, boardUp, cloudUp, deskPhones }: HealthSources): HealthSeen {
  const { config, ports } = office.state;
  const accounts = [...ports.values()]
    .filter(({ config: line, leaving }) => !leaving && holdsAccount(line.port))
    .map(({ config: line }) => ({
      user: line.sip.user,
      madeFrom: digest([config?.trunk, line.sip]),
      registered: office.trunkOf(line.port).at === 'registered',
    }));
  const phones = (config?.lan.phones ?? []).map(({ mac }) => ({
    mac,
    registered: deskPhones.some((phone) => phone.mac === mac && phone.source !== null),
  }));
  return { accounts, board: boardUp, cloud: cloudUp, phones };
}

/** A call or a fax is up or on its way, or somebody holds a handset that means to call: one that was left off long ago does not. */
export function talking({ legs, ports }: OfficeState): boolean {
  return legs.size > 0 || [...ports.values()].some(({ line }) => !AT_REST.includes(line.at));
}

const AT_REST: readonly string[] = ['onHook', 'howler', 'quiet'];

/** A phone has several places and one account. */
function holdsAccount(port: number): boolean {
  return !isPhonePort(port) || placesOf(phoneOf(port))[0] === port;
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
