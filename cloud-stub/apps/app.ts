import {
  create,
  makeResponse,
  type SipAuthHeader,
  type SipRequestMessage,
  type SipResponseMessage,
  type SipStack,
} from 'sip';
import type { Clock } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type Random, randomHex } from '../../lib/base/random.ts';
import { contactUri, type Dialog, describeAudio, newTag, openVoiceLine, userOf } from '../foreign/index.ts';
import { AppCall, type AppCallView, type AppContext, calledNumber } from './app-call.ts';
import { credentialsFor } from './digest.ts';

/** One simulated app on a smartphone or computer. */
export interface AppOptions {
  /** Its own IPv4 address, which must differ from the service's. */
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
  /** Where the service takes apps. */
  readonly cloud: { readonly host: string; readonly port: number };
  readonly domain: string;
  readonly user: string;
  readonly password: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

const EXPIRES_S = 600;
const REGISTER_LIMIT_MS = 8_000;
const CALLS_LIMIT = 20;

/** An app of the service over the `sip` package: registers, calls, is called, and has audio. */
export class App {
  readonly calls: AppCall[] = [];
  readonly #options: AppOptions;
  readonly #registrationId: string;
  readonly #listeners = new Set<(view: AppCallView) => void>();
  #registers = 0;
  #stack: SipStack | undefined;

  constructor(options: AppOptions) {
    this.#options = options;
    this.#registrationId = `${randomHex(options.random, 12)}@${options.host}`;
  }

  /** Opens the port and registers; throws a {@link StartupError} with the status when that is refused. */
  async start(): Promise<void> {
    const { host, port, log, user } = this.#options;
    this.#stack = create(
      {
        address: host,
        port,
        udp: true,
        tcp: true,
        logger: { error: (error) => log.warn({ err: error }, 'sip package') },
      },
      (request) => this.#onRequest(request),
    );
    const status = await this.register();
    if (status === 200) return;
    throw new StartupError({
      code: 'app.notRegistered',
      fault: 'environment',
      say: `The service did not register ${user} (${status}).`,
    });
  }

  /** Registers once more, or with 0 takes the registration back. Resolves with the final status. */
  register(expiresS: number = EXPIRES_S): Promise<number> {
    const { domain, user, random, clock } = this.#options;
    const uri = `sip:${user}@${domain}`;
    const request: SipRequestMessage = {
      method: 'REGISTER',
      uri: this.#target(''),
      headers: {
        from: { uri, params: { tag: newTag(random) } },
        to: { uri, params: {} },
        'call-id': this.#registrationId,
        cseq: { seq: ++this.#registers, method: 'REGISTER' },
        contact: [{ uri: this.#contact(), params: {} }],
        expires: expiresS,
        'max-forwards': 70,
      },
    };
    return new Promise((resolve) => {
      const limit = clock.after(REGISTER_LIMIT_MS, 'app registers', () => resolve(408));
      const settle = (status: number): void => {
        limit.cancel();
        resolve(status);
      };
      this.#send(request, (response) => {
        if (response.status < 200) return;
        const again = this.#authorised(request, response);
        if (again === undefined) {
          settle(response.status);
          return;
        }
        this.#registers = again.headers.cseq?.seq ?? this.#registers;
        this.#send(again, (final) => {
          if (final.status >= 200) settle(final.status);
        });
      });
    });
  }

  /** Calls a number; `hz` is played once it is answered. */
  async call(number: string, hz: number): Promise<AppCall> {
    const { host, domain, user, random } = this.#options;
    const voice = await this.#voice();
    const fromUri = `sip:${user}@${domain}`;
    const toUri = `sip:${number}@${domain};user=phone`;
    const dialog: Dialog = {
      callId: `${randomHex(random, 12)}@${host}`,
      localTag: newTag(random),
      localUri: fromUri,
      remoteUri: toUri,
      remoteTag: undefined,
      remoteTarget: this.#target(number),
      routes: [],
      localSequence: 1,
      remoteSequence: 0,
    };
    const invite: SipRequestMessage = {
      method: 'INVITE',
      uri: this.#target(number),
      headers: {
        from: { uri: fromUri, params: { tag: dialog.localTag } },
        to: { uri: toUri, params: {} },
        'call-id': dialog.callId,
        cseq: { seq: 1, method: 'INVITE' },
        contact: [{ uri: this.#contact(), params: {} }],
        'max-forwards': 70,
        'content-type': 'application/sdp',
      },
      content: describeAudio(host, voice.port, 1, 'sendrecv'),
    };
    const view = this.#view('out', user, number);
    const call = new AppCall(this.#context(), view, invite, dialog, voice);
    this.#keep(call);
    call.begin(hz);
    return call;
  }

  /** Told of every change of a call, until the answer is called. */
  onChange(listener: (view: AppCallView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hangs up, and closes the port. The registration is left to expire, as when a phone is switched off. */
  async stop(): Promise<void> {
    for (const call of this.calls) call.hangUp();
    await new Promise<void>((resolve) => this.#options.clock.after(50, 'app stops', resolve));
    this.#stack?.destroy();
    this.#stack = undefined;
    for (const call of this.calls) call.voice.close();
  }

  #view(direction: 'in' | 'out', from: string, to: string): AppCallView {
    const call = `a-${randomHex(this.#options.random, 6)}`;
    return { call, direction, from, to, state: 'calling', status: null, why: null };
  }

  #voice() {
    const { host, clock, random } = this.#options;
    return openVoiceLine({ host, clock, random });
  }

  /** Ended calls give way when there are many. */
  #keep(call: AppCall): void {
    const old = this.calls.findIndex((each) => each.view.state === 'ended');
    if (this.calls.length >= CALLS_LIMIT && old >= 0) this.calls.splice(old, 1);
    this.calls.push(call);
    this.#tell(call.view);
  }

  #tell(view: AppCallView): void {
    for (const listener of this.#listeners) listener(view);
  }

  #target(user: string): string {
    const { cloud, transport } = this.#options;
    return `sip:${user === '' ? '' : `${user}@`}${cloud.host}:${cloud.port};transport=${transport}`;
  }

  #contact(): string {
    const { host, port, user, transport } = this.#options;
    return `sip:${user}@${host}:${port};transport=${transport}`;
  }

  #context(): AppContext {
    const { host, clock, random } = this.#options;
    return {
      host,
      contact: this.#contact(),
      clock,
      random,
      send: (message, onResponse) => this.#send(message, onResponse),
      authorised: (request, response) => this.#authorised(request, response),
      changed: (call) => this.#tell(call.view),
    };
  }

  /** The package throws on a message that it cannot send. */
  #send(
    message: SipRequestMessage | SipResponseMessage,
    onResponse?: (response: SipResponseMessage) => void,
  ): void {
    try {
      this.#stack?.send(message, onResponse);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'cannot send');
    }
  }

  #authorised(request: SipRequestMessage, response: SipResponseMessage): SipRequestMessage | undefined {
    const proxy = response.status === 407;
    if (response.status !== 401 && !proxy) return undefined;
    const challenges: readonly SipAuthHeader[] | undefined =
      response.headers[proxy ? 'proxy-authenticate' : 'www-authenticate'];
    const challenge = challenges?.find((each) => (each['algorithm'] ?? 'MD5').replaceAll('"', '') === 'MD5');
    if (challenge === undefined) return undefined;
    const { via: _used, ...headers } = request.headers;
    const credentials = credentialsFor(challenge, this.#options, request, this.#options.random);
    return {
      ...request,
      headers: {
        ...headers,
        cseq: { seq: (request.headers.cseq?.seq ?? 0) + 1, method: request.method },
        [proxy ? 'proxy-authorization' : 'authorization']: [credentials],
      },
    };
  }

  #onRequest(request: SipRequestMessage): void {
    const callId = request.headers['call-id'];
    const known = this.calls.find((call) => call.dialog.callId === callId && call.view.state !== 'ended');
    if (known !== undefined) known.onRequest(request);
    else if (request.method === 'INVITE' && request.headers.to?.params['tag'] === undefined) {
      this.#called(request).catch((error: unknown) => {
        this.#options.log.warn({ err: error }, 'cannot take a call');
        this.#send(makeResponse(request, 500, 'No audio port'));
      });
    } else if (request.method === 'OPTIONS') this.#send(makeResponse(request, 200, 'OK'));
    else if (request.method !== 'ACK') this.#send(makeResponse(request, 481, 'No call'));
  }

  async #called(invite: SipRequestMessage): Promise<void> {
    const { headers } = invite;
    const { from, to } = headers;
    if (from === undefined || to === undefined) {
      this.#send(makeResponse(invite, 400, 'Bad Request'));
      return;
    }
    const { random, cloud } = this.#options;
    const localTag = newTag(random);
    to.params['tag'] = localTag;
    const dialog: Dialog = {
      callId: headers['call-id'] ?? '',
      localTag,
      localUri: to.uri,
      remoteUri: from.uri,
      remoteTag: from.params['tag'] ?? undefined,
      remoteTarget: contactUri(headers) ?? `sip:${cloud.host}:${cloud.port}`,
      routes: [],
      localSequence: 0,
      remoteSequence: headers.cseq?.seq ?? 0,
    };
    const view = this.#view('in', userOf(from.uri), calledNumber(invite));
    const call = new AppCall(this.#context(), view, invite, dialog, await this.#voice());
    this.#keep(call);
    call.ring();
  }
}
