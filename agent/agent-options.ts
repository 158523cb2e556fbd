import type { Clock } from '../lib/base/clock.ts';
import type { Logger } from '../lib/base/log.ts';
import type { LogLevelKeeper } from '../lib/base/log-level.ts';
import type { OwnHost } from '../lib/base/own-host.ts';
import type { Random } from '../lib/base/random.ts';
import type { Ground } from './ground.ts';
import type { UpdatePlaces } from './update-side.ts';

/** What the agent is told at its start. */
export interface AgentOptions {
  /** Folder with `enrolment.json` and the store. */
  readonly state: string;
  /** Unix socket of the media process. */
  readonly media: string;
  /** Unix socket of the local API. */
  readonly api: string;
  /** Whose members may use the local API beside the agent's own user. */
  readonly apiGroup?: string | undefined;
  /** Our own address for SIP and RTP towards the service, of the moment. */
  readonly host: OwnHost;
  /** Interface of the customer's LAN, for DHCP and desk phones; none where the box has no LAN of its own. */
  readonly lan?: string | undefined;
  /** File with the address that the LAN port is to have, which the system of the box follows; none where nothing does. */
  readonly lanAddress?: string | undefined;
  /** Of the box; default: what the board tells. */
  readonly serialNumber?: string | undefined;
  /** Unix socket of the packet filter, which is told where sound will come from; none where nothing filters. */
  readonly mediaGate?: string | undefined;
  /** Where the box installs other systems; absent where it cannot. */
  readonly updates?: UpdatePlaces | undefined;
  /** The level of the program's log, which a technician may change. */
  readonly logLevel?: LogLevelKeeper;
  /** Ends this program, which is started again by whoever runs it. */
  readonly restart?: (() => void) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Default: this machine. */
  readonly ground?: Ground;
}
