import { createSocket } from 'node:dgram';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  create,
  makeResponse,
  type SipRemote,
  type SipRequestMessage,
  type SipResponseMessage,
  type SipStack,
} from 'sip';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse, StartupError } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type Random, randomHex } from '../../lib/base/random.ts';
import { type Heard, openVoiceLine, userOf } from '../foreign/index.ts';
import { type CallEnd, type CarrierCallState, type CarrierCallView, reached } from './call-view.ts';
import { CalledParty, viewOfInvite } from './called-party.ts';
import { FaxRoom, type FaxToSend } from './fax-room.ts';
import { behaviourOf, isEmergency, type NumberBehaviour } from './number-table.ts';
import { NUMBERLESS, OutsideCaller, type OutsideSpeech } from './outside-caller.ts';
import type { Party, PartyContext } from './party.ts';

/** What the carrier simulator needs. */
export interface CarrierOptions {
  /** Its own IPv4 address. Must differ from the trunk's: the `sip` package answers itself with 404. */
  readonly host: string;
  readonly port: number;
  /** The switch: the only source that is served, and where outside callers call. */
  readonly trunk: { readonly host: string; readonly port: number };
  readonly simulateEmergency: boolean;
  /** Numbers beside the table, for tests. */
  readonly numbers?: ReadonlyMap<string, NumberBehaviour>;
  /** Where faxes are drawn and kept, made when the first one comes; default `engawa-carrier-fax` among temporary files. */
  readonly faxFolder?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** An outside caller who is to be made. */
export interface OutsideCall {
  /** 1 to 15 digits, or `anonymous`, `unavailable`, `payphone`. */
  readonly from: string;
  readonly to: string;
  /** Steady tone that the caller plays once answered. */
  readonly hz: number;
  /** What the network knows of the caller, as the trunk carries it: `class=mobile;prefecture=%E5%A4%A7%E9%98%AA%E5%BA%9C`. */
  readonly origin?: string;
}

/** Calls running at once; the next one is refused. */
const RUNNING_LIMIT = 100;
/** Ended calls that are remembered for the list. */
const REMEMBERED_LIMIT = 500;
const NUMBER = /^[0-9]{1,15}$/;
const ORIGIN = /^[a-zA-Z0-9=;%-]{1,200}$/;

/**
 * The telephone network as the switch sees it: numbers that answer, refuse or ring for ever, and outside callers. It
 * speaks SIP through the `sip` package, with dialogs and session descriptions of its own, so that every call in the
 * demo crosses two implementations.
 */
export class Carrier {
  readonly #options: CarrierOptions;
  readonly #running = new Map<string, Party>();
  readonly #byDialog = new Map<string, Party>();
  readonly #views = new Map<string, CarrierCallView>();
  readonly #listeners = new Set<(view: CarrierCallView) => void>();
  readonly fax: FaxRoom;
  #stack: SipStack | undefined;

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.fax = new FaxRoom(options.faxFolder ?? join(tmpdir(), 'engawa-carrier-fax'));
  }

  /** Binds the SIP port. Throws {@link StartupError} when it cannot be had. */
  async start(): Promise<void> {
    const { host, port, trunk, log } = this.#options;
    if (host === trunk.host) {
      throw new StartupError({
        code: 'carrier.ownAddress',
        fault: 'caller',
        say: `The carrier and the switch cannot share the address ${host}: give each its own.`,
      });
    }
    await probe(host, port);
    this.#stack = create(
      {
        address: host,
        port,
        udp: true,
        tcp: false,
        logger: { error: (error) => log.warn({ err: error }, 'sip package') },
      },
      (request, remote) => this.#onRequest(request, remote),
    );
  }

  /** Hangs up every call and closes the port. */
  async stop(): Promise<void> {
    for (const party of [...this.#running.values()]) party.hangUp();
    // The package sends on the next turn of the loop; the port stays open until the last BYE has left.
    await new Promise<void>((resolve) => this.#options.clock.after(50, 'carrier stops', resolve));
    this.#stack?.destroy();
    this.#stack = undefined;
    for (const party of this.#running.values()) party.voice?.close();
  }

  /** Makes an outside caller. */
  async call(request: OutsideCall): Promise<Result<CarrierCallView>> {
    if (!(request.hz >= 100 && request.hz <= 3_400)) {
      const say = `${request.hz} Hz is outside the telephone band (100 to 3400 Hz).`;
      return refuse({ code: 'carrier.badTone', fault: 'caller', say });
    }
    return this.#call(request, { says: 'tone', hz: request.hz });
  }

  /** Makes an outside caller who sends a fax. */
  async sendFax(
    request: Omit<OutsideCall, 'hz'> & FaxToSend,
  ): Promise<Result<{ readonly call: string; readonly file: string }>> {
    const pages = this.fax.pagesOf(request);
    if (!pages.ok) return pages;
    const made = await this.#call(request, {
      says: 'fax',
      ...pages.value,
      habits: this.fax.habitsOf(request),
    });
    return made.ok ? ok({ call: made.value.call, file: pages.value.file }) : made;
  }

  async #call(request: Omit<OutsideCall, 'hz'>, speech: OutsideSpeech): Promise<Result<CarrierCallView>> {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) return refuse(refusal);
    const context = this.#context();
    const call = this.#newCall();
    const view: CarrierCallView = {
      call,
      direction: 'toTrunk',
      from: request.from,
      to: request.to,
      asserted: null,
      state: 'calling',
      status: null,
      reason: null,
      endedBy: null,
      history: [{ state: 'calling', atMs: this.#options.clock.now() }],
    };
    const { origin } = request;
    const more = { speech, ...(origin === undefined ? {} : { origin }) };
    const party = new OutsideCaller(context, view, await context.openVoice(), more);
    this.#adopt(party);
    party.begin();
    return ok(view);
  }

  /** Every call that is running or remembered, newest last. */
  calls(): readonly CarrierCallView[] {
    return [...this.#views.values()];
  }

  view(call: string): CarrierCallView | undefined {
    return this.#views.get(call);
  }

  /** What the carrier's party hears in the next `ms`; undefined when there is no such call with audio. */
  async hear(call: string, ms: number): Promise<Heard | undefined> {
    return this.#running.get(call)?.voice?.hear(ms);
  }

  /** False when the call is not running. */
  hangUp(call: string): boolean {
    const party = this.#running.get(call);
    party?.hangUp();
    return party !== undefined;
  }

  /** Told of every change of a call, until the answer is called. */
  onChange(listener: (view: CarrierCallView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #refusal(request: Omit<OutsideCall, 'hz'>): CodedError | undefined {
    const bad = (code: string, say: string): CodedError => ({ code, fault: 'caller', say });
    if (this.#stack === undefined) return bad('carrier.stopped', 'The carrier is not running.');
    if (this.#running.size >= RUNNING_LIMIT)
      return bad('carrier.full', `${RUNNING_LIMIT} calls are running.`);
    if (!NUMBER.test(request.to)) return bad('carrier.badNumber', `"${request.to}" is not a number.`);
    if (!Object.hasOwn(NUMBERLESS, request.from) && !NUMBER.test(request.from)) {
      const words = Object.keys(NUMBERLESS).join(', ');
      return bad('carrier.badNumber', `"${request.from}" is neither a number nor one of ${words}.`);
    }
    if (isEmergency(request.to)) {
      return bad('carrier.emergency', `${request.to} is never called from outside here.`);
    }
    if (request.origin !== undefined && !ORIGIN.test(request.origin)) {
      return bad('carrier.badOrigin', `"${request.origin}" is no word of the network about a caller.`);
    }
    return undefined;
  }

  #newCall(): string {
    return `k-${randomHex(this.#options.random, 6)}`;
  }

  #context(): PartyContext {
    const { host, port, trunk, clock, random, log } = this.#options;
    return {
      host,
      contact: `sip:carrier@${host}:${port}`,
      trunk,
      clock,
      random,
      log,
      send: (message, onResponse) => this.#send(message, onResponse),
      openVoice: () => openVoiceLine({ host, clock, random }),
      reached: (party, state, end) => this.#reached(party, state, end),
      faxed: (party, outcome) => {
        party.view = { ...party.view, fax: outcome };
        log.info({ call: party.view.call, fax: outcome }, 'fax');
        this.#remember(party.view);
      },
      faxAt: (number) => this.fax.at(number),
    };
  }

  /** The package throws on a message that it cannot send; one bad peer must not end the network. */
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

  #adopt(party: Party): void {
    this.#running.set(party.view.call, party);
    this.#byDialog.set(keyOf(party.dialog.callId, party.dialog.localTag), party);
    this.#remember(party.view);
  }

  #remember(view: CarrierCallView): void {
    this.#views.set(view.call, view);
    for (const [call, old] of this.#views) {
      if (this.#views.size <= REMEMBERED_LIMIT) break;
      if (old.state === 'ended') this.#views.delete(call);
    }
    for (const listener of this.#listeners) listener(view);
  }

  #reached(party: Party, state: CarrierCallState, end?: CallEnd): void {
    party.view = reached(party.view, state, this.#options.clock.now(), end);
    if (state === 'ended') {
      this.#running.delete(party.view.call);
      this.#byDialog.delete(keyOf(party.dialog.callId, party.dialog.localTag));
    }
    this.#options.log.info({ call: party.view.call, state, to: party.view.to, end }, 'call');
    this.#remember(party.view);
  }

  #onRequest(request: SipRequestMessage, remote: SipRemote): void {
    const { trunk, log } = this.#options;
    const answer = (status: number, text: string): void => {
      if (request.method !== 'ACK') this.#send(makeResponse(request, status, text));
    };
    if (remote.address !== trunk.host) {
      log.warn({ from: remote.address }, 'request from a stranger');
      answer(403, 'Forbidden');
      return;
    }
    const callId = request.headers['call-id'];
    const cseq = request.headers.cseq;
    if (callId === undefined || cseq === undefined || Number.isNaN(cseq.seq)) {
      answer(400, 'Bad Request');
      return;
    }
    const tag = request.headers.to?.params['tag'] ?? undefined;
    const party = tag === undefined ? this.#early(request) : this.#byDialog.get(keyOf(callId, tag));
    if (party !== undefined) party.onRequest(request);
    else if (request.method === 'OPTIONS') answer(200, 'OK');
    else if (request.method === 'INVITE' && tag === undefined) this.#called(request, answer);
    else
      answer(
        request.method === 'INVITE' || request.method === 'BYE' || tag !== undefined ? 481 : 405,
        'No call',
      );
  }

  /** The call that a CANCEL means: same Call-ID and branch as its INVITE; the package does not link them. */
  #early(request: SipRequestMessage): Party | undefined {
    if (request.method !== 'CANCEL') return undefined;
    for (const party of this.#running.values()) {
      if (party.view.direction === 'fromTrunk' && party.dialog.callId === request.headers['call-id'])
        return party;
    }
    return undefined;
  }

  #called(request: SipRequestMessage, answer: (status: number, text: string) => void): void {
    const number = userOf(request.uri);
    if (number === '' || request.headers.from === undefined || request.headers.to === undefined) {
      answer(400, 'Bad Request');
      return;
    }
    if (this.#running.size >= RUNNING_LIMIT) {
      answer(503, 'Too many calls');
      return;
    }
    const { clock, simulateEmergency, numbers } = this.#options;
    const view = viewOfInvite(this.#newCall(), request, number, clock.now());
    const does = behaviourOf(number, { simulateEmergency, ...(numbers === undefined ? {} : { numbers }) });
    const party = new CalledParty(this.#context(), view, request, does);
    this.#adopt(party);
    party.begin();
  }
}

function keyOf(callId: string, localTag: string): string {
  return `${callId} ${localTag}`;
}

/**
 * Binds and frees the port once. The package listens without an error handler, so that a port in use would end the
 * process without a word; this way it is one sentence.
 */
function probe(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(
        new StartupError({
          code: error.code === 'EADDRINUSE' ? 'carrier.portInUse' : 'carrier.cannotBind',
          fault: 'environment',
          say: `The carrier cannot listen on ${host}:${port}/udp (${error.code ?? error.message}). Is another one running?`,
        }),
      );
    });
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve()));
  });
}
