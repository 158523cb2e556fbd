import type { Timer } from '../../../base/clock.ts';
import { randomHex } from '../../../base/random.ts';
import type {
  DialogId,
  DialogSnapshot,
  InviteFacts,
  InviteOptions,
  ReferOptions,
  ReinviteOptions,
  ReinviteOutcome,
  Session,
  SessionEvent,
  SipHeaders,
  SipReason,
} from '../api.ts';
import { type SipResponse, sdpOf } from '../codec/message.ts';
import { parseReason, writeReason } from '../codec/reason.ts';
import { parseUri, userOf } from '../codec/uri.ts';
import { isChallenge, isStale, Signer } from '../digest/client.ts';
import type { ClientTransaction } from '../transaction/client.ts';
import { NO_ANSWER_MS } from '../transaction/layer.ts';
import type { Flow } from '../transport/flow.ts';
import { afterCall } from './after-call.ts';
import type { Peer, SessionCore } from './core.ts';
import { SessionEvents } from './events.ts';
import { factsOfOptions } from './facts.ts';
import { Forks } from './forks.ts';
import { inviteDraft } from './invite-draft.ts';
import { isReliable } from './reliable.ts';
import { leastOf, termsOfAnswer } from './session-timer.ts';

/** Why the cloud refused, for the box's log and the technician: `<rule>; <sentence>`. */
const WHY_HEADER = 'x-engawa-why';
/** Challenges that are answered for one call; a stale nonce does not count. */
const CHALLENGES = 2;
/** INVITEs sent for one call: challenges, stale nonces and too brief session timers together. */
const ATTEMPTS = 6;

type State =
  | { readonly at: 'inviting' }
  /** The user hung up or nobody answered in time; `status` is what will be told. */
  | { readonly at: 'givingUp'; readonly status: number; readonly reason: SipReason | undefined }
  | { readonly at: 'up' }
  | { readonly at: 'over' };

/** A call that we make. */
export class OutgoingCall implements Session {
  readonly direction = 'out';
  readonly invite: InviteFacts;
  readonly #core: SessionCore;
  readonly #options: InviteOptions;
  readonly #peer: Peer;
  readonly #events = new SessionEvents();
  readonly #callId: string;
  readonly #localTag: string;
  readonly #signer: Signer | undefined;
  readonly #forks: Forks;
  #state: State = { at: 'inviting' };
  #transaction: ClientTransaction | undefined;
  #provisional = false;
  #cancelSent = false;
  /** Its end was told before it was over: nothing had come back in time. */
  #told = false;
  #unheardTimer: Timer | undefined;
  #sequence = 0;
  #challenges = 0;
  #leastS = 0;
  #authorization: SipHeaders = [];
  /** The 200 whose offer the user has still to answer. */
  #unanswered: SipResponse | undefined;
  /** What the ACK carries when the 200 was the offer. */
  #answer: string | undefined;
  /** Sends the last ACK again. */
  #acknowledged: (() => void) | undefined;

  constructor(core: SessionCore, options: InviteOptions, peer: Peer) {
    const { credentials } = options;
    this.#core = core;
    this.#options = options;
    this.#peer = peer;
    this.#callId = randomHex(core.random, 16);
    this.#localTag = randomHex(core.random, 8);
    this.#signer = credentials === undefined ? undefined : new Signer(credentials, core.random);
    const from = parseUri(options.from.uri);
    const nowhere = { transport: 'udp', host: '', port: 0 } as const;
    const source = peer.kind === 'address' ? peer.address : (peer.last?.remote ?? nowhere);
    this.invite = factsOfOptions(options, this.#callId, source);
    this.#forks = new Forks({
      core,
      session: this,
      peer,
      events: this.#events,
      localUser: from === undefined ? '' : userOf(from),
      signer: this.#signer,
      sdp: options.sdp,
      requestUri: options.requestUri,
      gone: () => {
        this.#state = { at: 'over' };
        this.#core.released(this);
        this.#leave();
      },
    });
  }

  /** Sends the INVITE. What goes wrong is told as an event, never thrown and never before the caller can listen. */
  start(): void {
    const flow = this.#core.flowFor(this.#peer);
    if (flow === undefined || this.#core.transactions.full) {
      const status = this.#peer.kind === 'account' ? 480 : 503;
      queueMicrotask(() => this.#fail(status, undefined, undefined));
      return;
    }
    this.#send(flow);
  }

  listen(listener: (event: SessionEvent) => void): void {
    this.#events.listen(listener);
  }

  progress(): void {}

  answer(): void {}

  reject(): void {}

  /** Before the answer too, by UPDATE, where the callee has answered our offer reliably (RFC 3311). */
  reinvite(sdp: string, settled: (outcome: ReinviteOutcome) => void, options?: ReinviteOptions): void {
    const dialog = this.#state.at === 'over' ? undefined : this.#forks.current;
    if (dialog === undefined) settled({ ok: false, status: 481 });
    else dialog.reinvite(sdp, settled, options);
  }

  probe(told: (knows: boolean | undefined) => void): void {
    if (this.#state.at === 'up' && this.#forks.winner !== undefined) this.#forks.winner.probe(told);
    else told(undefined);
  }

  refer(options: ReferOptions): void {
    if (this.#state.at === 'up' && this.#forks.winner !== undefined) this.#forks.winner.refer(options);
    else options.onProgress(481, true);
  }

  acknowledge(sdp: string): void {
    const response = this.#unanswered;
    if (response === undefined || this.#state.at !== 'up') return;
    this.#unanswered = undefined;
    this.#answer = sdp;
    this.#forks.winner?.describe(sdp, sdpOf(response));
    this.#forks.winner?.settle();
    this.#acknowledge(response, sdp);
  }

  hangUp(reason?: SipReason): void {
    switch (this.#state.at) {
      case 'inviting':
        this.#giveUp(487, reason);
        return;
      case 'up':
        if (this.#unanswered !== undefined) this.acknowledge('');
        this.#state = { at: 'over' };
        this.#forks.winner?.bye(reason);
        return;
      case 'givingUp':
      case 'over':
        return;
    }
  }

  snapshot(): DialogSnapshot | undefined {
    return this.#state.at === 'up' ? this.#forks.winner?.snapshot() : undefined;
  }

  dialogId(): DialogId | undefined {
    return this.#state.at === 'over' ? undefined : this.#forks.current?.id;
  }

  #send(flow: Flow): void {
    this.#sequence++;
    this.#provisional = false;
    this.#cancelSent = false;
    const draft = inviteDraft(this.#core, this.#options, {
      flow,
      callId: this.#callId,
      localTag: this.#localTag,
      localUser: this.#forks.localUser,
      sequence: this.#sequence,
      leastS: this.#leastS,
      authorization: this.#authorization,
    });
    // A challenged INVITE's transaction still lives a while: only the newest one may speak for the call.
    const current = (): boolean => this.#transaction === transaction;
    const transaction: ClientTransaction = this.#core.transactions.request(
      draft,
      flow,
      {
        response: (response) => {
          if (current()) this.#response(response);
        },
        failed: (cause) => {
          if (current() && this.#state.at !== 'up') this.#unheard(cause);
        },
        noAnswer: () => {
          if (current()) this.#giveUp(408, undefined);
        },
      },
      this.#options.noAnswerMs ?? NO_ANSWER_MS,
    );
    this.#transaction = transaction;
    const { unheardMs } = this.#options;
    this.#unheardTimer?.cancel();
    if (unheardMs === undefined) return;
    this.#unheardTimer = this.#core.clock.after(unheardMs, 'SIP unheard', () => this.#unheardInTime());
  }

  /** The user is told now; late answers are still ended as they come. */
  #unheardInTime(): void {
    if (this.#state.at !== 'inviting' || this.#provisional || this.#told) return;
    this.#giveUp(408, undefined);
    this.#told = true;
    this.#events.emit({ type: 'failed', status: 408, reason: undefined, why: undefined });
  }

  #response(response: SipResponse): void {
    this.#unheardTimer?.cancel();
    if (response.status < 200) {
      this.#provisionalCame(response);
      return;
    }
    if (response.status < 300) {
      this.#successCame(response);
      return;
    }
    if (this.#state.at === 'inviting' && this.#again(response)) return;
    if (this.#state.at === 'givingUp') {
      this.#fail(this.#state.status, undefined, undefined);
      return;
    }
    const reason = parseReason(response.headers.all('reason'));
    const contacts = response.status < 400 ? contactsOf(response) : [];
    this.#fail(response.status, reason, response.headers.get(WHY_HEADER)?.slice(0, 500), contacts);
  }

  #provisionalCame(response: SipResponse): void {
    this.#provisional = true;
    if (this.#state.at === 'givingUp') {
      this.#cancel();
      return;
    }
    if (this.#state.at !== 'inviting' || response.status === 100) return;
    const reliable = isReliable(response);
    // A repetition, or one that overtook another: it is not told, and not acknowledged (RFC 3262 §4).
    if (!this.#forks.early(response, reliable)) return;
    const branch = response.toTag === '' ? {} : { branch: response.toTag };
    const { status } = response;
    const stands = reliable ? { reliable } : {};
    this.#events.emit({ type: 'progress', status, sdp: sdpOf(response), ...branch, ...stands });
  }

  #successCame(response: SipResponse): void {
    const { winner } = this.#forks;
    if (winner !== undefined) {
      if (winner.remoteTag !== response.toTag) this.#forks.endOther(response, this.#authorization);
      else if (this.#unanswered === undefined) {
        this.#acknowledge(response, this.#answer);
      }
      return;
    }
    const late = this.#options.sdp === undefined && this.#state.at === 'inviting';
    const dialog = this.#forks.win(response, termsOfAnswer(response));
    if (late) this.#unanswered = response;
    else this.#acknowledge(response, undefined);
    if (this.#state.at === 'inviting') {
      this.#state = { at: 'up' };
      this.#events.emit({ type: 'answered', sdp: this.#forks.said ?? sdpOf(response) });
    } else if (this.#state.at === 'givingUp') {
      // The 200 crossed our CANCEL: the call is up for the peer, so it gets a BYE (RFC 3261 §9.1).
      const { status, reason } = this.#state;
      this.#fail(status, undefined, undefined);
      dialog.bye(reason);
    }
  }

  #acknowledge(response: SipResponse, sdp: string | undefined): void {
    this.#acknowledged = this.#forks.winner?.sendAck(response.cseq.number, this.#authorization, sdp);
  }

  /** Where nobody has to sign for it any more, the transaction is told to keep less. */
  #leave(): void {
    const { winner, alone } = this.#forks;
    if (this.#signer !== undefined || !alone || winner === undefined) return;
    if (this.#transaction === undefined || this.#acknowledged === undefined) return;
    const { flow } = this.#transaction;
    this.#transaction.handOver(afterCall(this.#core, winner.remoteTag, flow, this.#acknowledged));
  }

  /** Answers a challenge, or a session timer that was too brief (RFC 4028 §7.4), by another INVITE; true when it did. */
  #again(response: SipResponse): boolean {
    if (this.#sequence >= ATTEMPTS || !(this.#authorize(response) || this.#patient(response))) return false;
    const flow = this.#core.flowFor(this.#peer);
    if (flow === undefined) return false;
    this.#forks.forgetEarly();
    this.#send(flow);
    return true;
  }

  #authorize(response: SipResponse): boolean {
    if (!isChallenge(response) || this.#signer === undefined) return false;
    if (!isStale(response)) this.#challenges++;
    if (this.#challenges >= CHALLENGES) return false;
    const { requestUri: uri, sdp: body } = this.#options;
    const authorization = this.#signer.answer(response, { method: 'INVITE', uri, body });
    if (authorization === undefined) return false;
    this.#authorization = authorization;
    return true;
  }

  #patient(response: SipResponse): boolean {
    const least = leastOf(response);
    if (least === undefined || least <= this.#leastS) return false;
    this.#leastS = least;
    return true;
  }

  #giveUp(status: number, reason: SipReason | undefined): void {
    if (this.#state.at !== 'inviting') return;
    this.#state = { at: 'givingUp', status, reason };
    // A CANCEL before any provisional response could overtake its INVITE: it waits for one (§9.1).
    if (this.#provisional) this.#cancel();
  }

  #cancel(): void {
    if (this.#transaction === undefined || this.#cancelSent || this.#state.at !== 'givingUp') return;
    this.#cancelSent = true;
    const { reason } = this.#state;
    this.#core.transactions.cancel(
      this.#transaction,
      reason === undefined ? [] : [['Reason', writeReason(reason)]],
    );
  }

  #unheard(cause: 'timeout' | 'transport'): void {
    const given = this.#state.at === 'givingUp' ? this.#state.status : undefined;
    this.#fail(given ?? (cause === 'timeout' ? 408 : 503), undefined, undefined);
  }

  #fail(
    status: number,
    reason: SipReason | undefined,
    why: string | undefined,
    contacts: readonly string[] = [],
  ): void {
    if (this.#state.at === 'over') return;
    this.#state = { at: 'over' };
    this.#unheardTimer?.cancel();
    this.#forks.forgetEarly();
    const elsewhere = contacts.length === 0 ? {} : { contacts };
    if (!this.#told) this.#events.emit({ type: 'failed', status, reason, why, ...elsewhere });
    this.#core.released(this);
  }
}

/** Where a redirection points, by falling `q` (RFC 3261 §8.1.3.4). */
function contactsOf(response: SipResponse): readonly string[] {
  const quality = ({ params }: SipResponse['contacts'][number]): number => Number(params.get('q') ?? 1) || 0;
  return [...response.contacts]
    .sort((one, other) => quality(other) - quality(one))
    .map(({ uri }) => uri.text);
}
