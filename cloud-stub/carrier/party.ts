import type { SipRequestMessage, SipResponseMessage } from 'sip';
import type { Clock } from '../../lib/base/clock.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type { Dialog, VoiceLine } from '../foreign/index.ts';
import type { CallEnd, CarrierCallState, CarrierCallView } from './call-view.ts';
import type { FaxHabits, FaxOutcome } from './fax-habits.ts';

/** What a call needs of the carrier that it belongs to. */
export interface PartyContext {
  readonly host: string;
  /** Our Contact. */
  readonly contact: string;
  readonly trunk: { readonly host: string; readonly port: number };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  send(
    message: SipRequestMessage | SipResponseMessage,
    onResponse?: (response: SipResponseMessage) => void,
  ): void;
  openVoice(): Promise<VoiceLine>;
  /** Told when a call reached a state. `ended` also takes it out of the running calls. */
  reached(party: Party, state: CarrierCallState, end?: CallEnd): void;
  /** Told how the fax of a call ended. */
  faxed(party: Party, outcome: FaxOutcome): void;
  /** How the fax machine at a number of ours behaves, and where it writes what it receives. */
  faxAt(number: string): { readonly habits: FaxHabits; readonly file: string };
}

/** One call of the carrier: either a number of its table that was called, or an outside caller. */
export interface Party {
  readonly dialog: Dialog;
  view: CarrierCallView;
  readonly voice: VoiceLine | undefined;
  /** A request that belongs to this call: ACK, BYE, CANCEL, or an INVITE inside the dialog. */
  onRequest(request: SipRequestMessage): void;
  /** Ends the call from the carrier's side, whatever state it is in. */
  hangUp(): void;
}

/** Text of a Reason header (RFC 3326) with a Q.850 cause. */
export function q850(cause: number, text: string): string {
  return `Q.850;cause=${cause};text="${text}"`;
}
