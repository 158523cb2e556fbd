import type { Session, SipHeaders } from '../api.ts';
import { type SipResponse, sdpOf } from '../codec/message.ts';
import { dialogAsCaller } from '../dialog/dialog.ts';
import type { Signer } from '../digest/client.ts';
import type { Peer, SessionCore } from './core.ts';
import { SessionEvents } from './events.ts';
import { InDialog } from './in-dialog.ts';
import { ReliableOrder } from './reliable.ts';
import type { TimerTerms } from './session-timer.ts';

/** Callees of one forked INVITE that are followed one by one; more are left to their own timers. */
const FORKS = 8;

/** What the dialogs of one outgoing call have in common. */
export interface ForksOptions {
  readonly core: SessionCore;
  readonly session: Session;
  readonly peer: Peer;
  readonly events: SessionEvents;
  readonly localUser: string;
  readonly signer: Signer | undefined;
  readonly sdp: string | undefined;
  readonly requestUri: string;
  /** The winner's dialog is gone. */
  gone(): void;
}

interface Branch {
  readonly dialog: InDialog;
  readonly order: ReliableOrder;
  /** The description that came reliably before the answer: it stands (RFC 3262 §5). */
  said: string | undefined;
}

/** The dialogs that one INVITE makes: early ones, the one that wins, and those that answer too late. */
export class Forks {
  readonly #options: ForksOptions;
  readonly #early = new Map<string, Branch>();
  readonly #losers = new Map<string, InDialog>();
  /** Last request of ours in each early dialog that is over. */
  readonly #counted = new Map<string, number>();
  #winner: Branch | undefined;

  constructor(options: ForksOptions) {
    this.#options = options;
  }

  get localUser(): string {
    return this.#options.localUser;
  }

  get winner(): InDialog | undefined {
    return this.#winner?.dialog;
  }

  /** The winner, else the newest early one. */
  get current(): InDialog | undefined {
    return this.winner ?? [...this.#early.values()].at(-1)?.dialog;
  }

  /** Nobody else has answered or rung: nobody is left whose numbers must be gone on with. */
  get alone(): boolean {
    return this.#losers.size === 0 && this.#counted.size === 0;
  }

  /** What the winner had said reliably before it answered. */
  get said(): string | undefined {
    return this.#winner?.said;
  }

  /** A provisional response: its early dialog is made, and a reliable one acknowledged. False when it is no news. */
  early(response: SipResponse, reliable: boolean): boolean {
    if (response.toTag === '') return !reliable;
    const branch = this.#early.get(response.toTag) ?? this.#begin(response);
    if (branch === undefined) return false;
    branch.dialog.learn(response);
    if (!reliable) return true;
    const acknowledges = branch.order.take(response);
    if (acknowledges === undefined) return false;
    branch.dialog.link.request('PRACK', { headers: [acknowledges] }, { done: () => undefined });
    const sdp = sdpOf(response);
    if (sdp !== undefined && branch.said === undefined && this.#options.sdp !== undefined) {
      branch.said = sdp;
      branch.dialog.describe(undefined, sdp);
      branch.dialog.settle();
    }
    return true;
  }

  /** The first 2xx. The other early dialogs are over for us; whoever answers in one of them yet gets a BYE. */
  win(response: SipResponse, terms: TimerTerms | undefined): InDialog {
    const { core, requestUri } = this.#options;
    const known = this.#early.get(response.toTag);
    const branch = known ?? this.#branch(response, true);
    this.#early.delete(response.toTag);
    this.forgetEarly();
    this.#winner = branch;
    const { dialog } = branch;
    if (known !== undefined) {
      // The route set is worked out anew (RFC 3261 §13.2.2.4); sequence numbers go on.
      const fresh = dialogAsCaller(response, requestUri);
      const { localSequence, remoteSequence } = dialog.link.dialog;
      dialog.link.become({
        ...fresh,
        localSequence: Math.max(localSequence, fresh.localSequence),
        remoteSequence,
      });
    } else dialog.start();
    dialog.learn(response);
    if (this.#options.sdp !== undefined) {
      dialog.describe(this.#options.sdp, branch.said ?? sdpOf(response));
      dialog.settle();
    }
    dialog.confirm(core.sessionTimer === undefined ? undefined : terms);
    return dialog;
  }

  /** Another callee answered too (§13.2.2.4): we keep the first. */
  endOther(response: SipResponse, authorization: SipHeaders): void {
    const known = this.#losers.get(response.toTag);
    if (known !== undefined) {
      known.sendAck(response.cseq.number, authorization);
      return;
    }
    if (this.#losers.size >= FORKS) return;
    const { dialog } = this.#branch(response, false);
    this.#losers.set(response.toTag, dialog);
    dialog.sendAck(response.cseq.number, authorization);
    dialog.byeSilently();
  }

  /** The call goes on without these, or not at all. */
  forgetEarly(): void {
    const branches = [...this.#early.values()];
    this.#early.clear();
    for (const { dialog } of branches) {
      this.#counted.set(dialog.remoteTag, dialog.link.dialog.localSequence);
      dialog.drop();
    }
  }

  #begin(response: SipResponse): Branch | undefined {
    if (this.#early.size >= FORKS) return undefined;
    const branch = this.#branch(response, true);
    this.#early.set(response.toTag, branch);
    branch.dialog.start();
    return branch;
  }

  /** `own`: of the call itself; others are only there to be ended, and the user never hears of them. */
  #branch(response: SipResponse, own: boolean): Branch {
    const { core, session, peer, events, localUser, signer, sdp, requestUri } = this.#options;
    const fresh = dialogAsCaller(response, requestUri);
    // PRACKs have counted on in it: a BYE with a number that was used is out of order (RFC 3261 §12.2.2).
    const localSequence = this.#counted.get(response.toTag) ?? fresh.localSequence;
    const dialog: InDialog = new InDialog({
      core,
      session,
      dialog: { ...fresh, localSequence },
      peer,
      events: own ? events : new SessionEvents(),
      localUser,
      localSdp: sdp,
      remoteSdp: undefined,
      signer,
      caller: true,
      settled: false,
      bye: (reason) => {
        if (this.#winner?.dialog === dialog) events.emit({ type: 'ended', by: 'peer', reason });
      },
      gone: () => {
        if (this.#winner?.dialog === dialog) this.#options.gone();
      },
    });
    return { dialog, order: new ReliableOrder(), said: undefined };
  }
}
