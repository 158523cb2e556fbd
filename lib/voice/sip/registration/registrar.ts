import type { Clock, Timer } from '../../../base/clock.ts';
import type { Logger } from '../../../base/log.ts';
import type { BindingFacts, RegistrarPort, SipAddress, SipHeaders } from '../api.ts';
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
  /** CSeq of the REGISTER that it came by. */
  readonly sequence: number;
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
  bindingOf(user: string): BindingFacts | undefined {
    const binding = this.#bindings.get(user);
    if (binding?.flow.open !== true) return undefined;
    const { contact, flow, agent, callId } = binding;
    return { contact, source: flow.remote, agent, callId, expiresInS: this.#leftS(binding) };
  }

  /** Whether somebody is registered from there. */
  isAt({ transport, host, port }: SipAddress): boolean {
    return [...this.#bindings.values()].some(({ flow: { remote } }) => {
      return remote.host === host && remote.port === port && remote.transport === transport;
    });
  }

  /** Takes up what an earlier process was told. A registration of this one counts more. */
  restore(user: string, { contact, callId, agent, expiresInS }: BindingFacts, flow: Flow): boolean {
    if (this.#bindings.has(user) || expiresInS <= 0) return false;
    this.#remember(user, { flow, contact, callId, agent, sequence: 0 }, expiresInS);
    return true;
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
    const known = this.#bindings.get(verdict.user);
    // One that was overtaken on the way (§10.3, step 7).
    if (known?.callId === request.callId && request.cseq.number <= known.sequence) return reply(500);
    if (request.contactStar) {
      if (expiryOf(request, undefined) !== 0) return reply(400);
      this.#remove(verdict.user, 'unregistered');
    } else if (request.contacts.length > 0) {
      const wanted = bestContact(request);
      if (wanted === undefined) this.#unregister(verdict.user, transaction);
      else if (wanted.expiresS < EXPIRES_S.shortest)
        return reply(423, [['Min-Expires', String(EXPIRES_S.shortest)]]);
      else
        this.#bind(verdict.user, transaction, wanted.contact, Math.min(wanted.expiresS, EXPIRES_S.longest));
    }
    reply(200, this.#contactsOf(verdict.user));
  }

  /** Ends the registration of a user who has no account any more. */
  end(user: string): void {
    this.#remove(user, 'account ended');
  }

  /** Forgets everybody; nobody is told. */
  stop(): void {
    for (const binding of this.#bindings.values()) release(binding);
    this.#bindings.clear();
  }

  #bind(user: string, { flow, request }: ServerTransaction, contact: NameAddr, expiresS: number): void {
    const agent = (request.headers.get('user-agent') ?? '').slice(0, 120);
    const { callId, cseq } = request;
    this.#remember(user, { flow, contact: contact.uri.text, callId, agent, sequence: cseq.number }, expiresS);
    this.#port.onBinding(user, true);
  }

  #remember(
    user: string,
    facts: Pick<Binding, 'flow' | 'contact' | 'callId' | 'agent' | 'sequence'>,
    expiresS: number,
  ): void {
    const old = this.#bindings.get(user);
    if (old !== undefined) release(old);
    const timer = this.#clock.after(expiresS * 1_000, 'SIP binding', () => this.#remove(user, 'expired'));
    const unwatch = facts.flow.onClose(() => {
      if (this.#bindings.get(user) === binding) this.#remove(user, 'connection lost');
    });
    const expiresAtMs = this.#clock.monotonicMs() + expiresS * 1_000;
    const binding: Binding = { ...facts, expiresAtMs, timer, unwatch };
    this.#bindings.set(user, binding);
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
    return [['Contact', `<${binding.contact}>;expires=${this.#leftS(binding)}`]];
  }

  #leftS({ expiresAtMs }: Binding): number {
    return Math.max(0, Math.round((expiresAtMs - this.#clock.monotonicMs()) / 1_000));
  }
}

function release(binding: Binding): void {
  binding.timer.cancel();
  binding.unwatch();
}

/**
 * The one contact of several that we keep: the best `q` of those that are to stay, the first of equals. The answer tells the
 * phone which one that was (§10.3, step 8). Undefined when all of them leave.
 */
function bestContact(
  request: SipRequest,
): { readonly contact: NameAddr; readonly expiresS: number } | undefined {
  const quality = ({ params }: NameAddr): number => Number(params.get('q') ?? 1) || 0;
  return request.contacts
    .map((contact) => ({ contact, expiresS: expiryOf(request, contact) }))
    .filter(({ expiresS }) => expiresS > 0)
    .sort((one, other) => quality(other.contact) - quality(one.contact))[0];
}

/** RFC 3261 §10.2.1.1: the contact's own `expires`, else the header, else what is usual here. */
function expiryOf(request: SipRequest, contact: NameAddr | undefined): number {
  const text = contact?.params.get('expires') ?? request.headers.get('expires');
  return text === undefined ? EXPIRES_S.usual : (parseUint(text, 2 ** 32 - 1) ?? EXPIRES_S.usual);
}
