import type { Clock } from '../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type { Session } from '../../lib/voice/sip/api.ts';
import type { Relay } from '../media/index.ts';
import type { DeviceClass } from '../routing/types.ts';
import type { ActiveCall } from './active-call.ts';
import type { Authorise } from './authorise.ts';
import type { LegTarget, OfferPlan } from './call-types.ts';
import type { CallBook } from './ports.ts';

/** What a call needs of the switch that it belongs to. */
export interface CallContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly book: CallBook;
  readonly mediaHost: string;
  openRelay(): Promise<
    { readonly ok: true; readonly value: Relay } | { readonly ok: false; readonly say: string }
  >;
  /** Rings an ID that is to come back to a call, and offers it that audio. [S0-081] */
  recall(call: ActiveCall, id: ServiceId, sdp: string): Session;
  /** The call waits in no slot any more. */
  unparked(call: ActiveCall): void;
  /** Sends the INVITE of one leg. */
  invite(call: ActiveCall, plan: OfferPlan, target: LegTarget, sdp: string): Session;
  device(id: ServiceId): DeviceClass | undefined;
  reachable(id: ServiceId): boolean;
  /** The contract has a channel that no call holds. [S0-059] */
  channelFree(contract: ContractId): boolean;
  channel(call: ActiveCall, take: boolean): void;
  /** Asked before a leg that costs money. */
  readonly authorise?: Authorise | undefined;
  /** The customers' own recordings, by name. */
  readonly recording?: ((name: string) => Uint8Array | undefined) | undefined;
  /** The channel is free again, the parties are gone; the record may still be on its way. */
  finished(call: ActiveCall): void;
}
