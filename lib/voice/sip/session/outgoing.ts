import { randomHex } from '../../../base/random.ts';
import type {
  DialogSnapshot,
  InviteFacts,
  InviteOptions,
  ReinviteOutcome,
  Session,
  SessionEvent,
  SipHeaders,
  SipReason,
} from '../api.ts';
import { type RequestDraft, type SipResponse, sdpOf } from '../codec/message.ts';
import { writeAddress } from '../codec/name-addr.ts';
import { parseReason, writeReason } from '../codec/reason.ts';
import { parseUri, userOf } from '../codec/uri.ts';
import { dialogAsCaller } from '../dialog/dialog.ts';
import { answerChallenge, isStale } from '../digest/client.ts';
import type { ClientTransaction } from '../transaction/client.ts';
import { NO_ANSWER_MS } from '../transaction/layer.ts';
import type { Flow } from '../transport/flow.ts';
import { contactFor, type Peer, type SessionCore } from './core.ts';
import { SessionEvents } from './events.ts';
import { factsOfOptions } from './facts.ts';
import { InDialog } from './in-dialog.ts';

/** Why the cloud refused, for the box's log and the technician: `<rule>; <sentence>`. */
const WHY_HEADER = 'x-engawa-why';
/** Challenges that are answered for one call; a stale nonce does not count. */
const CHALLENGES = 2;
/** 2xx of other branches of a forked INVITE that are ended one by one; more are left to their own timers. */
const FORKS = 8;

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
  readonly #localUser: string;
  #state: State = { at: 'inviting' };
  #transaction: ClientTransaction | undefined;
  #provisional = false;
  #cancelSent = false;
  #sequence = 0;
  #challenges = 0;
  #authorization: SipHeaders = [];
  #dialog: InDialog | undefined;
  readonly #forks = new Map<string, InDialog>();

  constructor(core: SessionCore, options: InviteOptions, peer: Peer) {
    this.#core = core;
    this.#options = options;
    this.#peer = peer;
    this.#callId = randomHex(core.random, 16);
    this.#localTag = randomHex(core.random, 8);
    const from = parseUri(options.from.uri);
    this.#localUser = from === undefined ? '' : userOf(from);
    const nowhere = { transport: 'udp', host: '', port: 0 } as const;
    const source = peer.kind === 'address' ? peer.address : (peer.last?.remote ?? nowhere);
    this.invite = factsOfOptions(options, this.#callId, source);
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

  reinvite(sdp: string, settled: (outcome: ReinviteOutcome) => void): void {
    if (this.#state.at === 'up' && this.#dialog !== undefined) this.#dialog.reinvite(sdp, settled);
    else settled({ ok: false, status: 481 });
  }

  hangUp(reason?: SipReason): void {
    switch (this.#state.at) {
      case 'inviting':
        this.#giveUp(487, reason);
        return;
      case 'up':
        this.#state = { at: 'over' };
        this.#dialog?.bye(reason);
        return;
      case 'givingUp':
      case 'over':
        return;
    }
  }

  snapshot(): DialogSnapshot | undefined {
    return this.#state.at === 'up' ? this.#dialog?.snapshot() : undefined;
  }

  #send(flow: Flow): void {
    this.#sequence++;
    this.#provisional = false;
    this.#cancelSent = false;
    const draft = this.#draft(flow);
    // A challenged INVITE's transaction still lives a while: only the newest one may speak for the call.
    const current = (): boolean => this.#transaction === transaction;
    const transaction = this.#core.transactions.request(
      draft,
      flow,
      {
        response: (response) => {
          if (current()) this.#response(response);
        },
        failed: (cause) => {
          if (current() && this.#state.at !== 'up') this.#unanswered(cause);
        },
        noAnswer: () => {
          if (current()) this.#giveUp(408, undefined);
        },
      },
      this.#options.noAnswerMs ?? NO_ANSWER_MS,
    );
    this.#transaction = transaction;
  }

  #draft(flow: Flow): RequestDraft {
    const { requestUri, from, toUri, sdp, headers } = this.#options;
    return {
      method: 'INVITE',
      requestUri,
      headers: [
        ['Max-Forwards', '70'],
        ['From', `${writeAddress(from.display ?? '', from.uri)};tag=${this.#localTag}`],
        ['To', writeAddress('', toUri)],
        ['Call-ID', this.#callId],
        ['CSeq', `${this.#sequence} INVITE`],
        ['Contact', contactFor(flow, this.#localUser)],
        ['Allow', this.#core.allow],
        ['User-Agent', this.#core.product],
        ...this.#authorization,
        ...(headers ?? []),
      ],
      body: sdp,
    };
  }

  #response(response: SipResponse): void {
    if (response.status < 200) {
      this.#provisionalCame(response);
      return;
    }
    if (response.status < 300) {
      this.#successCame(response);
      return;
    }
    if (this.#state.at === 'inviting' && this.#authorize(response)) return;
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
    this.#events.emit({ type: 'progress', status: response.status, sdp: sdpOf(response) });
  }

  #successCame(response: SipResponse): void {
    const known = this.#dialog?.remoteTag === response.toTag ? this.#dialog : this.#forks.get(response.toTag);
    if (known !== undefined) {
      known.sendAck(response.cseq.number, this.#authorization);
      return;
    }
    if (this.#dialog !== undefined) {
      this.#fork(response);
      return;
    }
    const dialog = this.#dialogFor(response, true);
    this.#dialog = dialog;
    dialog.start();
    dialog.sendAck(response.cseq.number, this.#authorization);
    if (this.#state.at === 'inviting') {
      this.#state = { at: 'up' };
      this.#events.emit({ type: 'answered', sdp: sdpOf(response) });
    } else if (this.#state.at === 'givingUp') {
      // The 200 crossed our CANCEL: the call is up for the peer, so it gets a BYE (RFC 3261 §9.1).
      const { status, reason } = this.#state;
      this.#fail(status, undefined, undefined);
      dialog.bye(reason);
    }
  }

  /** A second callee answered (§13.2.2.4): we keep the first. */
  #fork(response: SipResponse): void {
    if (this.#forks.size >= FORKS) return;
    const other = this.#dialogFor(response, false);
    this.#forks.set(response.toTag, other);
    other.sendAck(response.cseq.number, this.#authorization);
    other.byeSilently();
  }

  /** `own` is the call's dialog; the others are only there to be ended, and the user never hears of them. */
  #dialogFor(response: SipResponse, own: boolean): InDialog {
    return new InDialog({
      core: this.#core,
      dialog: dialogAsCaller(response, this.#options.requestUri),
      peer: this.#peer,
      events: own ? this.#events : new SessionEvents(),
      localUser: this.#localUser,
      localSdp: this.#options.sdp,
      remoteSdp: sdpOf(response),
      credentials: this.#options.credentials,
      bye: (reason) => {
        if (own) this.#events.emit({ type: 'ended', by: 'peer', reason });
      },
      gone: () => {
        if (!own) return;
        this.#state = { at: 'over' };
        this.#core.released(this);
      },
    });
  }

  /** Answers a 401 or 407 by the same INVITE with credentials; true when it did. */
  #authorize(response: SipResponse): boolean {
    const { credentials, requestUri: uri } = this.#options;
    if ((response.status !== 401 && response.status !== 407) || credentials === undefined) return false;
    if (!isStale(response)) this.#challenges++;
    if (this.#challenges >= CHALLENGES || this.#sequence > 5) return false;
    const { random } = this.#core;
    const authorization = answerChallenge({ response, credentials, method: 'INVITE', uri, random });
    const flow = this.#core.flowFor(this.#peer);
    if (authorization === undefined || flow === undefined) return false;
    this.#authorization = authorization;
    this.#send(flow);
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

  #unanswered(cause: 'timeout' | 'transport'): void {
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
    const elsewhere = contacts.length === 0 ? {} : { contacts };
    this.#events.emit({ type: 'failed', status, reason, why, ...elsewhere });
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
