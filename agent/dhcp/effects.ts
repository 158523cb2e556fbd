import type { Ipv4 } from '../../lib/net/ipv4.ts';
import type { ClientKey, ClientTraits } from './lease.ts';

/** What the journal keeps of one address; the latest entry of an address counts. */
export type LeaseChange =
  | {
      readonly change: 'bound';
      readonly address: Ipv4;
      readonly client: ClientKey;
      readonly traits: ClientTraits;
      readonly forMs: number;
    }
  | { readonly change: 'released'; readonly address: Ipv4 }
  | {
      readonly change: 'quarantined';
      readonly address: Ipv4;
      readonly because: 'probe' | 'declined';
      readonly forMs: number;
    };

/** A message that is ready to go. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  readonly to: { readonly address: Ipv4; readonly port: number };
}

/** What the core asks its shell to do. */
export type DhcpEffect =
  | { readonly do: 'send'; readonly message: Outgoing }
  /** Put it on the disk, and only then send `thenSend`. Not on the disk: nothing is sent. */
  | { readonly do: 'commit'; readonly change: LeaseChange; readonly thenSend: Outgoing | undefined }
  /** Find out whether anybody answers at this address, and tell by `probed` with the same ticket. */
  | { readonly do: 'probe'; readonly address: Ipv4; readonly ticket: number };
