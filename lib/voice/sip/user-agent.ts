import type {
  BindingFacts,
  DialogSnapshot,
  InviteOptions,
  RegisterOptions,
  RegistrarAgent,
  Registration,
  RequestOptions,
  Session,
  SipCounters,
  SipFigures,
  SubscribeOptions,
  UserAgentOptions,
} from './api.ts';
import { Core, type MakeSockets } from './core.ts';
import { RegistrationClient } from './registration/client.ts';
import { AdoptedCall } from './session/adopted.ts';
import type { Peer } from './session/core.ts';
import { OutgoingCall } from './session/outgoing.ts';
import { sendRequest } from './session/single-request.ts';
import type { Flow } from './transport/flow.ts';

/** A SIP user agent over real sockets, or over those that `makeSockets` makes. Does nothing before `start`. */
export function createUserAgent(options: UserAgentOptions, makeSockets?: MakeSockets): RegistrarAgent {
  return new SipUserAgent(options, makeSockets);
}

class SipUserAgent implements RegistrarAgent {
  readonly #core: Core;
  readonly #registrations = new Set<RegistrationClient>();

  constructor(options: UserAgentOptions, makeSockets: MakeSockets | undefined) {
    this.#core = new Core(options, makeSockets);
  }

  get counters(): Readonly<SipCounters> {
    return this.#core.counters;
  }

  figures(): SipFigures {
    return this.#core.figures();
  }

  start(): Promise<void> {
    return this.#core.transport.start();
  }

  async stop(): Promise<void> {
    for (const registration of this.#registrations) registration.abandon();
    this.#registrations.clear();
    await this.#core.stop();
  }

  invite(options: InviteOptions): Session {
    const peer: Peer =
      'registration' in options.to
        ? { kind: 'account', user: options.to.registration, last: undefined }
        : { kind: 'address', address: options.to };
    const call = new OutgoingCall(this.#core, options, peer);
    this.#core.hold(call);
    call.start();
    return call;
  }

  register(options: RegisterOptions): Registration {
    const { clock, random, log, product, transactions, transport } = this.#core;
    const { registrar } = options;
    if (registrar.transport === 'tls') transport.expectServerName(registrar, options.serverName);
    const flow = (): ReturnType<typeof transport.flowTo> => transport.flowTo(registrar);
    const distrust = (used: Flow): void => transport.distrust?.(used);
    const registration = new RegistrationClient(
      { clock, random, log, product, transactions, flow, distrust },
      options,
    );
    this.#registrations.add(registration);
    registration.start();
    return {
      stop: async () => {
        this.#registrations.delete(registration);
        await registration.stop();
      },
      hurry: () => registration.hurry(),
    };
  }

  bindingOf(account: string): ReturnType<RegistrarAgent['bindingOf']> {
    return this.#core.bindingOf(account);
  }

  endBinding(account: string): void {
    this.#core.endBinding(account);
  }

  restoreBinding(account: string, binding: BindingFacts): boolean {
    return this.#core.restoreBinding(account, binding);
  }

  request(options: RequestOptions): Promise<number> {
    return sendRequest(this.#core, options);
  }

  stateChanged(event: string, resource: string): void {
    this.#core.notifier?.changed(event, resource);
  }

  subscribe(options: SubscribeOptions): { stop(): void } {
    return this.#core.subscribe(options);
  }

  adopt(snapshot: DialogSnapshot): Session {
    const call = new AdoptedCall(this.#core, snapshot);
    this.#core.hold(call);
    call.start();
    return call;
  }
}
