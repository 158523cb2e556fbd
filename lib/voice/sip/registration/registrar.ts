import type { Clock, Timer } from '../../../base/clock.ts';
import type { Logger } from '../../../base/log.ts';
import type { RegistrarPort, SipAddress, SipHeaders } from '../api.ts';
import type { SipRequest } from '../codec/message.ts';
import type { NameAddr } from '../codec/name-addr.ts';
import { responseTo } from '../codec/respond.ts';
import { parseUint } from '../codec/text.ts';
import { userOf } from '../codec/uri.ts';
import type { DigestServer } from '../digest/server.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { Flow } from '../transport/flow.ts';

/** Shorter is refused with 423, longer is cut. */
const EXPIRES_S = { shortest: 10, usual: 600, longest: 3_600 } as const;

interface Binding {
  readonly flow: Flow;
  readonly contact: string;
  readonly callId: string;
  readonly agent: string;
  readonly expiresAtMs: number;
  readonly timer: Timer;
  readonly unwatch: () => void;
}

/**
 * Who is where: one binding for each user, the newest wins. A binding is bound to the flow it came over and dies with
 * it, because over TLS no other way leads to a box behind NAT (RFC 5626).
 */
export class Registrar {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #port: RegistrarPort;
  readonly #digest: DigestServer;
  readonly #bindings = new Map<string, Binding>();

  constructor(clock: Clock, log: Logger, port: RegistrarPort, digest: DigestServer) {
    this.#clock = clock;
    this.#log = log;
    this.#port = port;
    this.#digest = digest;
  }

  /** The flow of a user that is registered now. */
  flowOf(user: string): Flow | undefined {
    const binding = this.#bindings.get(user);
    return binding?.flow.open === true ? binding.flow : undefined;
  }

  /** What a registered user wants to be called by: its Contact, and where it is. */
  bindingOf(
    user: string,
  ): { readonly contact: string; readonly source: SipAddress; readonly agent: string } | undefined {
    const binding = this.#bindings.get(user);
    if (binding?.flow.open !== true) return undefined;
    const { contact, flow, agent } = binding;
    return { contact, source: flow.remote, agent };
  }

  /** Answers a REGISTER (RFC 3261 §10.3). */
  async receive(transaction: ServerTransaction): Promise<void> {
    const { request, flow } = transaction;
    const reply = (status: number, headers: SipHeaders = []): void =>
      transaction.respond(responseTo(request, flow.remote, status, { toTag: 'registrar', headers }));
    const verdict = await this.#digest.judge(request, 401, flow.remote);
    if (verdict.kind === 'challenge') return reply(verdict.status, verdict.headers);
    if (verdict.kind === 'bad') return reply(verdict.status);
    if (userOf(request.to.uri) !== verdict.user) return reply(403);
    const contact = request.contacts[0];
    if (request.contactStar) {
      if (expiryOf(request, undefined) !== 0) return reply(400);
      this.#remove(verdict.user, 'unregistered');
    } else if (contact !== undefined) {
      const expiresS = expiryOf(request, contact);
      if (expiresS === 0) this.#unregister(verdict.user, transaction);
      else if (expiresS < EXPIRES_S.shortest)
        return reply(423, [['Min-Expires', String(EXPIRES_S.shortest)]]);
      else this.#bind(verdict.user, transaction, contact, Math.min(expiresS, EXPIRES_S.longest));
    }
    reply(200, this.#contactsOf(verdict.user));
  }

  /** Forgets everybody; nobody is told. */
  stop(): void {
    for (const binding of this.#bindings.values()) release(binding);
    this.#bindings.clear();
  }

  #bind(user: string, transaction: ServerTransaction, contact: NameAddr, expiresS: number): void {
    const { flow, request } = transaction;
    const old = this.#bindings.get(user);
    if (old !== undefined) release(old);
    const timer = this.#clock.after(expiresS * 1_000, 'SIP binding', () => this.#remove(user, 'expired'));
    const unwatch = flow.onClose(() => {
      if (this.#bindings.get(user) === binding) this.#remove(user, 'connection lost');
    });
    const binding: Binding = {
      flow,
      contact: contact.uri.text,
      callId: request.callId,
      agent: (request.headers.get('user-agent') ?? '').slice(0, 120),
      expiresAtMs: this.#clock.monotonicMs() + expiresS * 1_000,
      timer,
      unwatch,
    };
    this.#bindings.set(user, binding);
    this.#port.onBinding(user, true);
  }

  /** A late farewell over an old connection must not remove what a restarted box has registered meanwhile. */
  #unregister(user: string, transaction: ServerTransaction): void {
    const binding = this.#bindings.get(user);
    const { flow, request } = transaction;
    const { host, port } = flow.remote;
    const sameFlow = binding?.flow.remote.host === host && binding.flow.remote.port === port;
    if (sameFlow || binding?.callId === request.callId) this.#remove(user, 'unregistered');
  }

  #remove(user: string, why: string): void {
    const binding = this.#bindings.get(user);
    if (binding === undefined) return;
    release(binding);
    this.#bindings.delete(user);
    this.#log.info({ user, why }, 'SIP registration ended');
    this.#port.onBinding(user, false);
  }

  #contactsOf(user: string): SipHeaders {
    const binding = this.#bindings.get(user);
    if (binding === undefined) return [];
    const leftS = Math.max(0, Math.round((binding.expiresAtMs - this.#clock.monotonicMs()) / 1_000));
    return [['Contact', `<${binding.contact}>;expires=${leftS}`]];
  }
}

function release(binding: Binding): void {
  binding.timer.cancel();
  binding.unwatch();
}

/** RFC 3261 §10.2.1.1: the contact's own `expires`, else the header, else what is usual here. */
function expiryOf(request: SipRequest, contact: NameAddr | undefined): number {
  const text = contact?.params.get('expires') ?? request.headers.get('expires');
  return text === undefined ? EXPIRES_S.usual : (parseUint(text, 2 ** 32 - 1) ?? EXPIRES_S.usual);
}
