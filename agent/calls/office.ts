import type { Timer } from '../../lib/base/clock.ts';
import { ok, type Result } from '../../lib/base/errors.ts';
import { newCallId, parseCallId } from '../../lib/base/ids.ts';
import { hostNow } from '../../lib/base/own-host.ts';
import { PARK_HEADER, parkSlotOf } from '../../lib/contract/park.ts';
import { CALL_HEADER, CALLED_NUMBER_HEADER } from '../../lib/contract/sip-headers.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { Session, SessionEvent } from '../../lib/voice/sip/api.ts';
import type { FaxInput } from '../fax/index.ts';
import type { LineInput } from '../lines/index.ts';
import type { MediaEvent, MediaSnapshot } from '../media/protocol.ts';
import type { Office } from '../ports.ts';
import type { CallStatus, LineStatus } from '../status.ts';
import { absenceOf } from './absence.ts';
import { CallStories } from './call-story.ts';
import { checkConfig } from './config.ts';
import { EffectRunner } from './effect-runner.ts';
import type { OfficeOptions } from './effects-port.ts';
import { emergencyUp, leftEmergency } from './emergency.ts';
import { type ExplainedNumber, explainNumber } from './explain-number.ts';
import { EMPTY_OFFICE, type OfficeInput, type OfficeState, type SipNews } from './model.ts';
import { officeStep } from './office-step.ts';
import { accountOf, isPhonePort } from './phones.ts';
import { Registrations } from './registrations.ts';
import { callStatuses, lineStatuses } from './status.ts';

/** How long the start waits for the media process before what an earlier run left is ended. */
const RESUME_WAIT_MS = 5_000;
/** How long the stop waits for the figures of calls that it ended. */
const STOP_WAIT_MS = 1_000;
/** Inputs that may wait while one is worked through; more is a loop of ours. */
const INBOX_LIMIT = 1_000;

/** What comes from desk phones. */
export type PhoneInput = Extract<
  OfficeInput,
  { readonly type: 'line' | 'phone' | 'decline' | 'joinCalls' | 'takeCall' }
>;

/** The office with its sockets: carries out what {@link officeStep} decides, and decides nothing. */
export class OfficeShell implements Office {
  readonly #options: OfficeOptions;
  readonly #runner: EffectRunner;
  readonly #registrations: Registrations;
  readonly #listeners: (() => void)[] = [];
  readonly #stories = new CallStories();
  #state: OfficeState = EMPTY_OFFICE;
  #inbox: OfficeInput[] = [];
  #working = false;
  #resumeTimer: Timer | undefined;
  #stopped = false;
  /** Accounts of an earlier configuration still carry calls. */
  #registrationDue = false;

  constructor(options: OfficeOptions) {
    this.#options = options;
    this.#runner = new EffectRunner(options, {
      state: () => this.#state,
      input: (input) => this.#input(input),
      sessionEvent: (leg, event) => this.#sessionEvent(leg, event),
    });
    const { clock, random, sip, health, log } = options;
    this.#state = { ...EMPTY_OFFICE, night: options.night?.load() ?? false };
    this.#registrations = new Registrations({
      ...{ clock, random, sip, health, log },
      stands: (account, trunk, standing) => this.#input({ type: 'trunk', account, trunk, standing }),
      changed: () => this.#tell(),
    });
  }

  /** Ends or adopts what an earlier run left, as soon as the media process is there, or after 5 s without it. */
  start(): void {
    this.#resumeTimer = this.#options.clock.after(RESUME_WAIT_MS, 'resume', () => this.#resume(undefined));
  }

  /** Ends what is not answered; answered calls keep their dialogs and their audio for the next run. */
  async stop(): Promise<void> {
    this.#resumeTimer?.cancel();
    this.#input({ type: 'stop' });
    await this.#closed();
    this.#stopped = true;
    this.#runner.stop();
    await this.#registrations.stop();
  }

  apply(config: SiteConfig): Result<void> {
    const checked = checkConfig(this.#state, config);
    if (!checked.ok) return checked;
    this.#input({ type: 'config', config });
    this.#register(config);
    return ok(undefined);
  }

  lines(): readonly LineStatus[] {
    return lineStatuses(this.#state, (port) => this.#registrations.status(port)).filter(
      ({ port }) => !isPhonePort(port),
    );
  }

  calls(): readonly CallStatus[] {
    return callStatuses(this.#state).map((call) => ({ ...call, line: accountOf(call.line) }));
  }

  /** An emergency call is up or on its way, or was when the run before ended, and is not taken up again yet. */
  emergencyUp(): boolean {
    if (!this.#state.ready && leftEmergency(this.#options.journal.unfinished())) return true;
    return emergencyUp(this.#state);
  }

  /** What became of a call, step by step. */
  story(call: string): ReturnType<CallStories['of']> {
    return this.#stories.of(call);
  }

  /** What would become of a number that a line dials now. */
  explain(digits: string, port: number | undefined): ExplainedNumber | undefined {
    return explainNumber(this.#state, digits, port, this.#options.barOf);
  }

  /** The whole state, for the desk phones. */
  get state(): OfficeState {
    return this.#state;
  }

  /** What a desk phone does. */
  phoneDoes(input: PhoneInput): void {
    this.#input(input);
  }

  /** How the account of a desk phone at the service is. */
  trunkOf(port: number): LineStatus['registration'] {
    return this.#registrations.status(accountOf(port));
  }

  /** The way to the service is there again: trunks that did not answer are asked now. */
  hurryTrunks(): void {
    this.#registrations.hurry();
  }

  /** Calls that hold a channel or a pair of lines now. */
  callsNow(): number {
    return new Set([...this.#state.legs.values()].map((leg) => leg.call)).size;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** A connection to the media process is up. */
  mediaConnected(snapshot: MediaSnapshot): void {
    if (this.#state.ready) this.#input({ type: 'mediaBack', snapshot });
    else this.#resume(snapshot);
  }

  mediaLost(): void {
    this.#input({ type: 'mediaAway' });
  }

  mediaEvent(event: MediaEvent): void {
    switch (event.event) {
      case 'board':
        if (event.up) this.#input({ type: 'board', up: true, ports: event.board.ports, say: '' });
        else this.#input({ type: 'board', up: false, ports: undefined, say: event.say });
        break;
      case 'hook':
        this.#line(event.port, { type: event.offHook ? 'offHook' : 'onHook' });
        break;
      case 'flash':
        this.#line(event.port, { type: 'flash', durationMs: event.durationMs });
        break;
      case 'digit':
        // Digits that came over RTP are the far end's: they never dial here.
        if (event.by !== 'rtp') this.#line(event.port, { type: 'digit', digit: event.digit, by: event.by });
        break;
      case 'faxTone':
        this.#fax(event.session, { type: 'tone', from: event.from, tone: event.tone });
        break;
      case 'faxSilent':
        this.#fax(event.session, { type: 'silent', silentMs: event.silentMs });
        break;
      case 'fax':
        this.#input({ type: 'faxFigures', leg: event.session, figures: event.fax });
        break;
      case 'rtpSilent':
        this.#input({ type: 'rtpSilent', leg: event.session, silentMs: event.silentMs });
        break;
      default:
        // Faults, measurements, recordings: others look after them.
        break;
    }
  }

  /** A new INVITE from the service. */
  invited(session: Session): void {
    const { invite } = session;
    const leg = newCallId(this.#options.clock, this.#options.random);
    this.#runner.adoptSession(leg, session);
    this.#input({
      type: 'invite',
      leg,
      call: parseCallId(invite.header(CALL_HEADER)[0]),
      user: userOf(invite.requestUri),
      from: invite.fromUser.toLowerCase() === 'anonymous' ? '' : invite.fromUser,
      to: invite.header(CALLED_NUMBER_HEADER)[0] ?? invite.toUser,
      absence: absenceOf(invite),
      sdp: invite.sdp,
      parkSlot: parkSlotOf(invite.header(PARK_HEADER)[0]),
    });
  }

  /** Waits until the records of calls that just ended are written, at most a second. */
  #closed(): Promise<void> {
    if (this.#state.closing.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const limit = this.#options.clock.after(STOP_WAIT_MS, 'stop', () => resolve());
      this.onChange(() => {
        if (this.#state.closing.size > 0) return;
        limit.cancel();
        resolve();
      });
    });
  }

  #register(config: SiteConfig): void {
    const busy = new Set([...this.#state.legs.values()].map((leg) => leg.account));
    const phones = [...this.#state.ports.values()]
      .filter(
        ({ config: line, leaving }) =>
          !leaving && isPhonePort(line.port) && accountOf(line.port) === line.port,
      )
      .map(({ config: line }) => line);
    this.#registrationDue = !this.#registrations.apply(config, [...config.lines, ...phones], busy);
  }

  #resume(snapshot: MediaSnapshot | undefined): void {
    this.#resumeTimer?.cancel();
    if (this.#state.ready) return;
    const phones = this.#options.phones?.left() ?? new Map<number, string>();
    this.#input({ type: 'resume', unfinished: this.#options.journal.unfinished(), snapshot, phones });
  }

  #line(port: number, input: LineInput): void {
    this.#input({ type: 'line', port, input });
  }

  #fax(leg: string, input: FaxInput): void {
    this.#input({ type: 'fax', leg, input });
  }

  #sessionEvent(leg: string, event: SessionEvent): void {
    let news: SipNews;
    if (event.type === 'offer') {
      this.#runner.holdOffer(leg, event);
      news = { type: 'offer', sdp: event.sdp };
    } else news = event;
    this.#input({ type: 'sip', leg, news });
  }

  /** One input after the other: what effects cause at once waits its turn. */
  #input(input: OfficeInput): void {
    if (this.#stopped) return;
    this.#inbox.push(input);
    if (this.#working) return;
    this.#working = true;
    try {
      for (let count = 0; ; count++) {
        const next = this.#inbox.shift();
        if (next === undefined) break;
        if (count > INBOX_LIMIT) throw new Error(`office: inputs without end, now ${next.type}`);
        this.#step(next);
      }
    } finally {
      this.#working = false;
    }
    const { config } = this.#state;
    if (this.#registrationDue && config !== undefined) this.#register(config);
    this.#tell();
  }

  #step(input: OfficeInput): void {
    const { clock, random, host, sdp, log, barOf, barIn } = this.#options;
    const env = {
      ...(barOf === undefined ? {} : { barOf }),
      ...(barIn === undefined ? {} : { barIn }),
      now: clock.now(),
      monoMs: clock.monotonicMs(),
      fresh: newCallId(clock, random),
      host: hostNow(host),
      sdp,
    };
    const before = this.#state;
    const next = officeStep(before, input, env);
    this.#state = next.state;
    this.#stories.step(before, input, next.state, next.effects, env.now);
    if (log.isLevelEnabled('debug'))
      log.debug({ input: input.type, effects: next.effects.map((e) => e.type) });
    for (const effect of next.effects) this.#runner.run(effect);
    this.#runner.prune();
    this.#options.phones?.stepped(this.#state);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** `sip:id-000001-1@…` → `id-000001-1`. */
function userOf(uri: string): string {
  return /^sips?:([^@;:]{1,64})@/.exec(uri)?.[1] ?? '';
}
