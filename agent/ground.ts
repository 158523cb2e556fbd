import type { Running } from '../lib/base/lifecycle.ts';
import type { Ipv4Subnet } from '../lib/net/ipv4.ts';
import type { MakeSockets } from '../lib/voice/sip/core.ts';
import type { LocalApiSource } from './local-api/index.ts';
import type { MediaSocket } from './media/index.ts';
import type { PhoneAccounts } from './ports.ts';
import type { StoreDisk } from './store/index.ts';
import type { SyncOptions } from './sync/index.ts';

/**
 * What the agent stands on outside of itself: networks, disk, sockets. What is absent is the machine's own; a simulation
 * hands in all of it, and runs the agent as it is.
 */
export interface Ground {
  /** Of the trunk. */
  readonly sip?: MakeSockets;
  readonly openWire?: NonNullable<SyncOptions['openWire']>;
  readonly connectMedia?: (path: string) => MediaSocket;
  readonly disk?: StoreDisk;
  /** Call records that space is set aside for; default: as many as the box may ever keep. */
  readonly outboxRoom?: number;
  /** Desk phones without an interface: where they are, who they are, and how they are spoken with. */
  readonly desk?: {
    readonly lan: () => Ipv4Subnet;
    readonly accounts: PhoneAccounts;
    readonly sip: MakeSockets;
  };
  /** Takes the status in place of the local API and its socket. */
  readonly localApi?: (source: LocalApiSource) => Running;
}
