import type { SipHeaders } from '../api.ts';
import type { RequestDraft, SipResponse } from '../codec/message.ts';
import { writeRequest } from '../codec/write.ts';
import { DATAGRAM_BYTES, type Flow } from '../transport/flow.ts';
import { type Effect, type Step, stay, type TimerName } from './effects.ts';
import {
  type InviteClientConfig,
  type InviteClientInput,
  startInviteClient,
  stepInviteClient,
} from './invite-client.ts';
import { type OtherClient, startOtherClient, stepOtherClient } from './other-client.ts';
import type { LayerPort } from './port.ts';
import { OwnTimers, type TimerOwner } from './timers.ts';
import { type Machine, StepMachine } from './transaction.ts';

/** What the user of a client transaction is told. */
export interface ClientUser {
  response(response: SipResponse): void;
  /** No (further) response will come. */
  failed(cause: 'timeout' | 'transport'): void;
  /** Timer C fired. */
  noAnswer?(): void;
}

const NOTHING = Buffer.alloc(0);
/** Nobody wants to hear of it. */
export const NOBODY: ClientUser = { response: () => undefined, failed: () => undefined };
/** What a transaction that was answered still knows of its request. */
const ANSWERED: RequestDraft = { method: '', requestUri: '', headers: [] };

/** One request of ours on its way: the shell around the client machines. */
export class ClientTransaction implements TimerOwner {
  readonly branch: string;
  readonly method: string;
  readonly key: string;
  #draft: RequestDraft;
  readonly #port: LayerPort;
  #user: ClientUser;
  readonly #timers: OwnTimers;
  readonly #noAnswerMs: number;
  #flow: Flow;
  /** Where a request that was too large for a datagram goes when no connection can be had. */
  #fallback: Flow | undefined;
  #bytes: Buffer;
  #machine: Machine<InviteClientInput>;
  #ended = false;
  #unwatch: (() => void) | undefined;
  #ack: Buffer | undefined;

  constructor(
    port: LayerPort,
    draft: RequestDraft,
    flow: Flow,
    branch: string,
    user: ClientUser,
    noAnswerMs: number,
  ) {
    this.branch = branch;
    this.method = draft.method;
    this.key = clientKey(branch, draft.method);
    this.#draft = draft;
    this.#port = port;
    this.#user = user;
    this.#noAnswerMs = noAnswerMs;
    this.#timers = new OwnTimers(port.timers);
    this.#flow = flow;
    this.#bytes = this.#write();
    const stream = !flow.reliable && this.#bytes.length > DATAGRAM_BYTES ? flow.stream?.() : undefined;
    if (stream !== undefined) {
      this.#flow = stream;
      this.#fallback = flow;
      this.#bytes = this.#write();
    }
    this.#machine = this.#makeMachine();
  }

  /** Until the final response; after it the transaction is kept for half a minute, and needs no request for that. */
  get draft(): RequestDraft {
    return this.#draft;
  }

  get flow(): Flow {
    return this.#flow;
  }

  start(): void {
    const flow = this.#flow;
    this.#obey(this.#machine.begin());
    if (!this.#ended && this.#flow === flow) this.#unwatch = flow.onClose(() => this.#flowFailed(flow));
  }

  receive(response: SipResponse): void {
    if (this.method === 'INVITE' && response.status >= 300) this.#ack ??= this.#writeAck(response);
    this.#fallback = undefined;
    this.#feed({ type: 'response', response });
    if (response.status < 200) return;
    this.#draft = ANSWERED;
    this.#bytes = NOTHING;
    // Only of a 2xx to an INVITE something more may come.
    if (this.method !== 'INVITE' || response.status >= 300) this.#user = NOBODY;
  }

  /** From now on somebody else hears what comes. */
  handOver(user: ClientUser): void {
    this.#user = user;
  }

  /** Tells the machine that a CANCEL was sent for it. */
  cancelled(): void {
    this.#feed({ type: 'cancelled' });
  }

  timerDue(timer: TimerName): void {
    this.#timers.fired(timer);
    this.#feed({ type: 'timer', timer });
  }

  /** Forgets everything without telling anybody: the user agent stops. */
  abandon(): void {
    this.#ended = true;
    this.#timers.disarmAll();
    this.#unwatch?.();
  }

  #write(): Buffer {
    const { method, requestUri, headers, body = '' } = this.#draft;
    return writeRequest({ method, requestUri, headers: [this.#via(), ...headers], body });
  }

  #makeMachine(): Machine<InviteClientInput> {
    const config = { reliable: this.#flow.reliable, noAnswerMs: this.#noAnswerMs };
    return this.method === 'INVITE'
      ? new StepMachine(startInviteClient, stepInviteClient, config)
      : new StepMachine(startOtherClient, stepUnlessCancelled, config);
  }

  /** A large request whose connection fails before anything came back goes as a datagram after all (RFC 3261 §18.1.1). */
  #flowFailed(flow: Flow): void {
    if (this.#ended || flow !== this.#flow) return;
    if (this.#fallback === undefined) {
      this.#feed({ type: 'transportFailed' });
      return;
    }
    this.#unwatch?.();
    this.#timers.disarmAll();
    this.#flow = this.#fallback;
    this.#fallback = undefined;
    this.#bytes = this.#write();
    this.#machine = this.#makeMachine();
    this.start();
  }

  #feed(input: InviteClientInput): void {
    if (!this.#ended) this.#obey(this.#machine.feed(input));
  }

  #obey(effects: readonly Effect[]): void {
    for (const effect of effects) {
      // An effect before this one may have ended us (a send that failed at once).
      if (this.#ended) return;
      switch (effect.do) {
        case 'send':
          this.#send(this.#bytes, effect.again);
          break;
        case 'ack':
          if (this.#ack !== undefined) this.#send(this.#ack, false);
          break;
        case 'deliver':
          this.#user.response(effect.response);
          break;
        case 'fail':
          this.#user.failed(effect.cause);
          break;
        case 'noAnswer':
          this.#user.noAnswer?.();
          break;
        case 'trying':
          break; // Of the server machines only.
        case 'arm':
          this.#timers.arm(this, effect.timer, effect.ms);
          break;
        case 'disarm':
          this.#timers.disarm(effect.timer);
          break;
        case 'end':
          this.abandon();
          this.#port.forgetClient(this.key);
          break;
      }
    }
  }

  #send(bytes: Buffer, again: boolean): void {
    this.#port.countSent(again);
    const flow = this.#flow;
    flow.send(bytes, () => this.#flowFailed(flow));
  }

  #via(): readonly [string, string] {
    return ['Via', viaOf(this.#flow, this.branch)];
  }

  /** RFC 3261 §17.1.1.3: same branch, same Route, To from the response. */
  #writeAck(response: SipResponse): Buffer {
    const headers: (readonly [string, string])[] = [this.#via()];
    for (const [name, value] of this.#draft.headers) {
      if (COPIED.has(name)) headers.push([name, value]);
      else if (name === 'To') headers.push(['To', response.headers.get('to') ?? value]);
      else if (name === 'CSeq') headers.push(['CSeq', `${response.cseq.number} ACK`]);
    }
    return writeRequest({ method: 'ACK', requestUri: this.#draft.requestUri, headers });
  }
}

const COPIED: ReadonlySet<string> = new Set(['Max-Forwards', 'From', 'Call-ID', 'Route']);

/** The CANCEL of an INVITE: its Request-URI, Call-ID, To, From, Route and CSeq number (RFC 3261 §9.1). */
export function cancelDraft(invite: RequestDraft, extra: SipHeaders): RequestDraft {
  const headers: (readonly [string, string])[] = [];
  for (const [name, value] of invite.headers) {
    if (COPIED.has(name) || name === 'To') headers.push([name, value]);
    else if (name === 'CSeq') headers.push(['CSeq', value.replace('INVITE', 'CANCEL')]);
  }
  return { method: 'CANCEL', requestUri: invite.requestUri, headers: [...headers, ...extra] };
}

/**
 * RFC 3261 §17.1.3: branch and method name a client transaction. A branch of ours is in one request only, and in its CANCEL;
 * whether the method is the one that was sent is for who finds the transaction to see.
 */
export function clientKey(branch: string, method: string): string {
  return method === 'CANCEL' ? `${branch} CANCEL` : branch;
}

/** The Via of a request of ours. */
export function viaOf(flow: Flow, branch: string): string {
  return `SIP/2.0/${flow.transport.toUpperCase()} ${flow.sentBy};branch=${branch};rport`;
}

function stepUnlessCancelled(
  state: OtherClient,
  input: InviteClientInput,
  config: InviteClientConfig,
): Step<OtherClient> {
  return input.type === 'cancelled' ? stay(state) : stepOtherClient(state, input, config);
}
