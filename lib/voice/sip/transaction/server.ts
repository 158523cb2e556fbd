import type { SipReason } from '../api.ts';
import { Headers } from '../codec/headers.ts';
import type { ResponseDraft, SipRequest } from '../codec/message.ts';
import { NO_PARAMS } from '../codec/params.ts';
import { responseTo } from '../codec/respond.ts';
import { writeResponse } from '../codec/write.ts';
import type { Flow } from '../transport/flow.ts';
import { type Effect, type Step, stay, type TimerName } from './effects.ts';
import { type InviteServerInput, startInviteServer, stepInviteServer } from './invite-server.ts';
import {
  type OtherServer,
  type OtherServerConfig,
  startOtherServer,
  stepOtherServer,
} from './other-server.ts';
import type { LayerPort } from './port.ts';
import { OwnTimers, type TimerOwner } from './timers.ts';
import { type Machine, StepMachine } from './transaction.ts';

/** How the request came. */
const BY_DATAGRAM = { reliable: false } as const;
const BY_STREAM = { reliable: true } as const;

const NOBODY = { display: '', uri: { kind: 'other', scheme: '', text: '' }, params: NO_PARAMS } as const;

/** What a transaction that has answered still knows of its request: nothing. */
const ANSWERED: SipRequest = {
  ...{ kind: 'request', method: '', requestUri: NOBODY.uri, maxForwards: undefined },
  ...{ headers: Headers.of([]), from: NOBODY, to: NOBODY, fromTag: '', toTag: '', callId: '' },
  ...{ vias: [{ transport: '', host: '', port: undefined, params: NO_PARAMS }] },
  ...{ cseq: { number: 0, method: '' }, contacts: [], contactStar: false, body: Buffer.alloc(0) },
};

/** One request of a peer that we answer: the shell around the server machines. */
export class ServerTransaction implements TimerOwner {
  readonly key: string;
  /** Where the request came from, for in-dialog requests of ours. */
  readonly flow: Flow;
  /** What a copy of the request has in common with it that came another way; only where that was looked for. */
  origin: string | undefined;
  #request: SipRequest;
  readonly #reply: Flow;
  readonly #port: LayerPort;
  readonly #timers: OwnTimers;
  readonly #machine: Machine<InviteServerInput>;
  #bytes: Buffer | undefined;
  #status = 0;
  #ended = false;
  #unwatch: (() => void) | undefined;
  #onFailed: ((cause: 'timeout' | 'transport') => void) | undefined;
  #onCancelled: ((reason: SipReason | undefined) => void) | undefined;

  constructor(port: LayerPort, request: SipRequest, key: string, flow: Flow, reply: Flow) {
    this.key = key;
    this.flow = flow;
    this.origin = undefined;
    this.#request = request;
    this.#reply = reply;
    this.#port = port;
    this.#timers = new OwnTimers(port.timers);
    const config = flow.reliable ? BY_STREAM : BY_DATAGRAM;
    this.#machine =
      request.method === 'INVITE'
        ? new StepMachine(startInviteServer, stepInviteServer, config)
        : new StepMachine(startOtherServer, stepUnlessAck, config);
  }

  /**
   * Until the final response. After it the transaction is kept for half a minute, in which it needs no more than the
   * bytes of what it said: the request, and all that hangs on it, is let go.
   */
  get request(): SipRequest {
    return this.#request;
  }

  /** Status of the last response, 0 before the first. */
  get status(): number {
    return this.#status;
  }

  start(): void {
    this.#obey(this.#machine.begin());
    if (!this.#ended) this.#unwatch = this.flow.onClose(() => this.feed({ type: 'transportFailed' }));
  }

  /** Told when no answer can be given any more. */
  onFailed(listener: (cause: 'timeout' | 'transport') => void): void {
    this.#onFailed = listener;
  }

  /** Told when a CANCEL comes before the final response. */
  onCancelled(listener: (reason: SipReason | undefined) => void): void {
    this.#onCancelled = listener;
  }

  /** A CANCEL came. False when nobody is there to hear of it. */
  cancelled(reason: SipReason | undefined): boolean {
    const listener = this.#onCancelled;
    listener?.(reason);
    return listener !== undefined;
  }

  /** Sends a response. After a final one only further 2xx of an INVITE (its retransmissions) pass. */
  respond(draft: ResponseDraft): void {
    const repeated = this.#status === draft.status;
    if (this.#ended || (this.#status >= 200 && !(draft.status < 300 && repeated))) return;
    this.#status = draft.status;
    this.#bytes = writeResponse(draft);
    if (draft.status >= 200 && !repeated) this.#slim();
    if (repeated && draft.status >= 200) this.#port.countSent(true, false);
    this.feed({ type: 'respond', status: draft.status });
  }

  feed(input: InviteServerInput): void {
    if (!this.#ended) this.#obey(this.#machine.feed(input));
  }

  timerDue(timer: TimerName): void {
    this.#timers.fired(timer);
    this.feed({ type: 'timer', timer });
  }

  abandon(): void {
    this.#ended = true;
    this.#timers.disarmAll();
    this.#unwatch?.();
  }

  #slim(): void {
    this.#onFailed = undefined;
    this.#onCancelled = undefined;
    this.#request = ANSWERED;
  }

  #obey(effects: readonly Effect[]): void {
    for (const effect of effects) {
      // An effect before this one may have ended us (a send that failed at once).
      if (this.#ended) return;
      switch (effect.do) {
        case 'send':
          if (this.#bytes !== undefined) this.#send(this.#bytes, effect.again);
          break;
        case 'trying':
          this.#status = 100;
          this.#bytes = writeResponse(responseTo(this.#request, this.flow.remote, 100));
          this.#send(this.#bytes, false);
          break;
        case 'fail':
          if (effect.cause === 'timeout') this.#port.abandoned();
          this.#onFailed?.(effect.cause);
          break;
        case 'arm':
          this.#timers.arm(this, effect.timer, effect.ms);
          break;
        case 'disarm':
          this.#timers.disarm(effect.timer);
          break;
        case 'end':
          this.abandon();
          this.#port.forgetServer(this.key, this.origin);
          break;
        case 'ack':
        case 'deliver':
        case 'noAnswer':
          break; // Effects of the client machines only.
      }
    }
  }

  #send(bytes: Buffer, again: boolean): void {
    this.#port.countSent(again);
    this.#reply.send(bytes, () => this.feed({ type: 'transportFailed' }));
  }
}

function stepUnlessAck(
  state: OtherServer,
  input: InviteServerInput,
  config: OtherServerConfig,
): Step<OtherServer> {
  return input.type === 'ack' ? stay(state) : stepOtherServer(state, input, config);
}
