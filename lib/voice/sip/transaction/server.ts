import { Headers } from '../codec/headers.ts';
import type { ResponseDraft, SipRequest } from '../codec/message.ts';
import { responseTo } from '../codec/respond.ts';
import { writeResponse } from '../codec/write.ts';
import type { Flow } from '../transport/flow.ts';
import type { Effect } from './effects.ts';
import { type InviteServerInput, startInviteServer, stepInviteServer } from './invite-server.ts';
import { startOtherServer, stepOtherServer } from './other-server.ts';
import type { LayerPort } from './port.ts';
import { type Machine, machineOf, Timers } from './transaction.ts';

const NO_HEADERS = new Headers([]);
const NO_BODY = Buffer.alloc(0);

/** One request of a peer that we answer: the shell around the server machines. */
export class ServerTransaction {
  #request: SipRequest;
  /** Where the request came from, for in-dialog requests of ours. */
  readonly flow: Flow;
  readonly key: string;
  readonly #reply: Flow;
  readonly #port: LayerPort;
  readonly #timers: Timers;
  readonly #machine: Machine<InviteServerInput>;
  #bytes: Buffer | undefined;
  #status = 0;
  #ended = false;
  #unwatch: () => void = () => undefined;
  #onFailed: ((cause: 'timeout' | 'transport') => void) | undefined;

  constructor(port: LayerPort, request: SipRequest, key: string, flow: Flow, reply: Flow) {
    this.#request = request;
    this.flow = flow;
    this.key = key;
    this.#reply = reply;
    this.#port = port;
    this.#timers = new Timers(port.clock, (timer) => this.feed({ type: 'timer', timer }));
    const config = { reliable: flow.reliable };
    this.#machine =
      request.method === 'INVITE'
        ? machineOf(startInviteServer(), (state, input: InviteServerInput) =>
            stepInviteServer(state, input, config),
          )
        : machineOf(startOtherServer(), (state, input: InviteServerInput) =>
            input.type === 'ack' ? { state, effects: [] } : stepOtherServer(state, input, config),
          );
  }

  /** After the final response only what names it is left: it is kept for half a minute, and the headers are most of it. */
  get request(): SipRequest {
    return this.#request;
  }

  /** Status of the last response, 0 before the first. */
  get status(): number {
    return this.#status;
  }

  start(): void {
    this.#obey(this.#machine.begin);
    if (!this.#ended) this.#unwatch = this.flow.onClose(() => this.feed({ type: 'transportFailed' }));
  }

  /** Told when no answer can be given any more. */
  onFailed(listener: (cause: 'timeout' | 'transport') => void): void {
    this.#onFailed = listener;
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

  #slim(): void {
    this.#onFailed = undefined;
    this.#request = { ...this.#request, headers: NO_HEADERS, contacts: [], body: NO_BODY };
  }

  abandon(): void {
    this.#ended = true;
    this.#timers.disarmAll();
    this.#unwatch();
  }

  #obey(effects: readonly Effect[]): void {
    for (const effect of effects) {
      // An effect before this one may have ended us (a send that failed at once).
      if (this.#ended) return;
      switch (effect.do) {
        case 'send':
          if (this.#bytes === undefined) break;
          this.#port.countSent(effect.again);
          this.#reply.send(this.#bytes, () => this.feed({ type: 'transportFailed' }));
          break;
        case 'trying':
          this.#status = 100;
          this.#bytes = writeResponse(responseTo(this.#request, this.flow.remote, 100));
          this.#port.countSent(false);
          this.#reply.send(this.#bytes, () => this.feed({ type: 'transportFailed' }));
          break;
        case 'fail':
          if (effect.cause === 'timeout') this.#port.abandoned();
          this.#onFailed?.(effect.cause);
          break;
        case 'arm':
          this.#timers.arm(effect.timer, effect.ms);
          break;
        case 'disarm':
          this.#timers.disarm(effect.timer);
          break;
        case 'end':
          this.abandon();
          this.#port.forgetServer(this);
          break;
        case 'ack':
        case 'deliver':
        case 'noAnswer':
          break; // Effects of the client machines only.
      }
    }
  }
}
