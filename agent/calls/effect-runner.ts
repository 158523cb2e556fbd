import type { Timer } from '../../lib/base/clock.ts';
import { type Result, unreachable } from '../../lib/base/errors.ts';
import type { FactId } from '../../lib/base/ids.ts';
import { hostNow } from '../../lib/base/own-host.ts';
import { WHY_HEADER } from '../../lib/contract/sip-headers.ts';
import type { ReinviteOutcome, Session, SessionEvent, SipReason } from '../../lib/voice/sip/api.ts';
import { faxEntry, wasFax } from '../fax/index.ts';
import type { Party, Sound } from '../lines/index.ts';
import type { MediaValue } from '../media/index.ts';
import type { MediaCommand } from '../media/protocol.ts';
import { adoptableOf } from './adoptable.ts';
import type { OfficeOptions } from './effects-port.ts';
import type { FaxOrder } from './fax-call.ts';
import { inviteOptions } from './invite-options.ts';
import { asLater } from './kept-dialog.ts';
import type { LegId, OfficeEffect, OfficeInput, OfficeState } from './model.ts';
import { isPhonePort } from './phones.ts';

/** How often open records are marked as alive. */
const HEARTBEAT_MS = 5_000;
/** A dialog is confirmed a moment after the answer: what is kept of it is written again then. */
const KEEP_AGAIN_MS = 1_000;

type Offer = Extract<SessionEvent, { readonly type: 'offer' }>;

/** What effects cause goes back to the shell. */
interface Back {
  state(): OfficeState;
  input(input: OfficeInput): void;
  sessionEvent(leg: LegId, event: SessionEvent): void;
}

/** Carries out effects: media commands, SIP verbs, journal writes, timers. */
export class EffectRunner {
  readonly #options: OfficeOptions;
  readonly #back: Back;
  readonly #sessions = new Map<LegId, Session>();
  readonly #offers = new Map<LegId, Offer>();
  readonly #facts = new Map<LegId, FactId>();
  readonly #kept = new Map<LegId, string>();
  readonly #timers = new Map<string, Timer>();

  constructor(options: OfficeOptions, back: Back) {
    this.#options = options;
    this.#back = back;
  }

  /** Takes a session under its leg and listens to it. */
  adoptSession(leg: LegId, session: Session): void {
    this.#sessions.set(leg, session);
    session.listen((event) => {
      // A call that another trunk was asked for since has nothing more to say.
      if (this.#sessions.get(leg) === session) this.#back.sessionEvent(leg, event);
    });
  }

  /** An offer that must be answered at once. */
  holdOffer(leg: LegId, offer: Offer): void {
    this.#offers.set(leg, offer);
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  /** Forgets the sessions of legs that are over. */
  prune(): void {
    const { legs, closing } = this.#back.state();
    for (const [leg, offer] of this.#offers) {
      // The machine has had its say; an offer that it did not answer belongs to a call that is over.
      this.#offers.delete(leg);
      offer.refuse(481);
    }
    for (const leg of this.#sessions.keys()) {
      if (!legs.has(leg) && !closing.has(leg)) this.#sessions.delete(leg);
    }
  }

  /** Carries out one effect; what it causes comes back as an input, now or later. */
  run(effect: OfficeEffect): void {
    switch (effect.type) {
      case 'hear':
        if (isPhonePort(effect.port)) this.#options.phones?.hear(effect.port, effect.sound);
        else this.#media({ type: 'attach', port: effect.port, attachment: this.#joinable(effect.sound) });
        break;
      case 'ring':
        if (isPhonePort(effect.port)) this.#options.phones?.ring(effect.port);
        else this.#ring(effect);
        break;
      case 'phoneAdopt':
        this.#options.phones?.adopt(effect.port);
        break;
      case 'ringStop':
        if (!isPhonePort(effect.port)) this.#media({ type: 'ringStop', port: effect.port });
        break;
      case 'overlay':
      case 'sessionTone':
      case 'bridge':
      case 'lineSettings':
        this.#sound(effect);
        break;
      case 'rtpDrop':
      case 'fax':
      case 'faxTimer':
      case 'faxTimerOff':
      case 'faxLog':
        this.#faxEffect(effect);
        break;
      case 'rtpOpen':
        void this.#open(effect.leg);
        break;
      case 'rtpConnect':
        void this.#connect(effect);
        break;
      case 'rtpClose':
        void this.#close(effect.leg);
        break;
      case 'lineTimer':
      case 'lineTimerOff':
      case 'ringTimer':
      case 'ringTimerOff':
      case 'huntTimer':
      case 'huntTimerOff':
      case 'holdTimer':
      case 'mediaTimer':
      case 'mediaTimerOff':
        this.#time(effect);
        break;
      case 'keepNight':
        this.#options.night?.save(effect.on);
        break;
      case 'note':
        this.#options.log.info({ port: effect.port, leg: effect.leg }, effect.say);
        break;
      case 'journalBegin':
      case 'journalAnswered':
      case 'journalKeep':
      case 'journalEnd':
      case 'journalAdopt':
      case 'journalInterrupt':
        this.#write(effect);
        break;
      default:
        this.#signal(effect);
    }
  }

  // --- media ---

  /** To the media process a desk phone is the session of its call. */
  #joinable(sound: Sound): Sound {
    const party = <Joined extends Party>(each: Joined): Joined | Party => {
      if (each.to !== 'line' || !isPhonePort(each.port)) return each;
      return { to: 'rtp', session: this.#options.phones?.sessionOf(each.port) ?? '' };
    };
    switch (sound.to) {
      case 'line':
        if (!isPhonePort(sound.port)) return sound;
        return this.#options.phones?.sessionOf(sound.port) === undefined ? { to: 'silence' } : party(sound);
      case 'conference':
        return { ...sound, with: sound.with.map(party) };
      case 'rtp':
      case 'tone':
      case 'silence':
        return sound;
    }
  }

  #sound(effect: SoundEffect): void {
    switch (effect.type) {
      case 'overlay':
        if (!isPhonePort(effect.port)) this.#media(effect);
        break;
      case 'sessionTone':
        this.#media({ type: 'sessionTone', session: effect.leg, tone: effect.tone });
        break;
      case 'bridge':
        this.#media({ type: 'bridge', session: effect.leg, other: effect.other });
        break;
      case 'lineSettings':
        this.#media({ type: 'lineSettings', port: effect.port, settings: effect.settings });
        break;
    }
  }

  #faxEffect(effect: FaxEffect): void {
    switch (effect.type) {
      case 'rtpDrop':
        void this.#drop(effect);
        break;
      case 'fax':
        void this.#fax(effect.leg, effect.command);
        break;
      case 'faxTimer':
        this.#armFax(effect);
        break;
      case 'faxTimerOff':
        this.#disarm(`fax ${effect.timer} ${effect.leg}`);
        break;
      case 'faxLog':
        this.#options.faxes.write(effect.entry);
        break;
    }
  }

  #ring({ port, cadence, display }: Extract<OfficeEffect, { readonly type: 'ring' }>): void {
    this.#media({ type: 'ring', port, cadence, ...(display === null ? {} : { display }) });
  }

  #media(command: MediaCommand): void {
    void this.#ask(command);
  }

  async #ask<Command extends MediaCommand>(command: Command): Promise<Result<MediaValue<Command>>> {
    const result = await this.#options.media.request(command);
    if (!result.ok)
      this.#options.log.warn({ command: command.type, code: result.error.code }, result.error.say);
    return result;
  }

  async #open(leg: LegId): Promise<void> {
    const result = await this.#ask({
      type: 'rtpOpen',
      session: leg,
      localHost: hostNow(this.#options.host),
      note: leg,
    });
    if (result.ok) this.#back.input({ type: 'rtpOpened', leg, localPort: result.value.localPort });
    else this.#back.input({ type: 'rtpRefused', leg, say: result.error.say });
  }

  async #connect(effect: Extract<OfficeEffect, { readonly type: 'rtpConnect' }>): Promise<void> {
    const result = await this.#ask({ type: 'rtpConnect', session: effect.leg, ...effect.remote });
    // A connection that is gone tells its own story when it is back (or stays away).
    if (result.ok || result.error.code === 'media.lost' || result.error.code === 'media.notConnected') return;
    this.#back.input({ type: 'rtpRefused', leg: effect.leg, say: result.error.say });
  }

  async #close(leg: LegId): Promise<void> {
    const result = await this.#ask({ type: 'rtpClose', session: leg });
    this.#back.input({ type: 'rtpClosed', leg, figures: result.ok ? result.value : undefined });
  }

  /** A session of nobody. Its fax still gets its line in the log, when it is known whose it was. */
  async #drop({ session, of }: Extract<OfficeEffect, { readonly type: 'rtpDrop' }>): Promise<void> {
    const result = await this.#ask({ type: 'rtpClose', session });
    const figures = result.ok ? result.value.fax : undefined;
    if (figures === undefined || of === null || !wasFax(figures)) return;
    const because = 'the agent was restarted and the call could not be taken up again';
    const endedAt = this.#options.clock.now();
    this.#options.faxes.write(faxEntry({ ...of, endedAt, because, by: 'loss' }, figures));
  }

  async #fax(leg: LegId, command: FaxOrder): Promise<void> {
    const result = await this.#ask({ ...command, session: leg });
    if (result.ok || command.type !== 'faxOpen') return;
    // A connection that is gone tells its own story when it is back (or stays away).
    if (result.error.code === 'media.lost' || result.error.code === 'media.notConnected') return;
    this.#back.input({ type: 'fax', leg, input: { type: 'noT38', say: result.error.say } });
  }

  #armFax({ leg, timer, fromMs, toMs }: Extract<OfficeEffect, { readonly type: 'faxTimer' }>): void {
    const steps = Math.floor((toMs - fromMs) / 10) + 1;
    const ms = fromMs + 10 * Math.floor(this.#options.random.fraction() * steps);
    this.#arm(`fax ${timer} ${leg}`, ms, { type: 'fax', leg, input: { type: 'timer', timer } });
  }

  // --- timers ---

  #time(effect: TimerEffect): void {
    switch (effect.type) {
      case 'lineTimer':
        this.#arm(`line ${effect.port}`, effect.ms, {
          type: 'line',
          port: effect.port,
          input: { type: 'timer', timer: effect.timer },
        });
        break;
      case 'lineTimerOff':
        this.#disarm(`line ${effect.port}`);
        break;
      case 'ringTimer':
        this.#arm(`ring ${effect.leg}`, effect.ms, { type: 'ringTimer', leg: effect.leg });
        break;
      case 'ringTimerOff':
        this.#disarm(`ring ${effect.leg}`);
        break;
      case 'huntTimer':
        this.#arm(`hunt ${effect.leg}`, effect.ms, { type: 'huntTimer', leg: effect.leg });
        break;
      case 'huntTimerOff':
        this.#disarm(`hunt ${effect.leg}`);
        break;
      case 'holdTimer':
        this.#arm(`hold ${effect.leg}`, effect.ms, { type: 'holdTimer', leg: effect.leg });
        break;
      case 'mediaTimer':
        this.#arm('media', effect.ms, { type: 'mediaGone' });
        break;
      case 'mediaTimerOff':
        this.#disarm('media');
        break;
    }
  }

  #arm(name: string, ms: number, input: OfficeInput): void {
    this.#after(name, ms, () => this.#back.input(input));
  }

  #after(name: string, ms: number, run: () => void): void {
    this.#disarm(name);
    this.#timers.set(
      name,
      this.#options.clock.after(ms, name, () => {
        this.#timers.delete(name);
        run();
      }),
    );
  }

  #disarm(name: string): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }

  // --- journal ---

  #write(effect: JournalEffect): void {
    const { journal } = this.#options;
    if (effect.type === 'journalInterrupt') {
      journal.end(effect.fact, effect.end);
      return;
    }
    if (effect.type === 'journalBegin') {
      this.#facts.set(effect.leg, journal.begin(effect.start));
      this.#beat();
      return;
    }
    if (effect.type === 'journalAdopt') {
      this.#facts.set(effect.leg, effect.fact);
      this.#beat();
      return;
    }
    const fact = this.#facts.get(effect.leg);
    if (fact === undefined) return;
    if (effect.type === 'journalAnswered') journal.answered(fact, effect.at);
    else if (effect.type === 'journalKeep') {
      this.#keep(effect.leg);
      this.#after(`keep ${effect.leg}`, KEEP_AGAIN_MS, () => this.#keep(effect.leg));
    } else {
      journal.end(fact, effect.end);
      this.#disarm(`keep ${effect.leg}`);
      this.#facts.delete(effect.leg);
      this.#kept.delete(effect.leg);
    }
  }

  /** Every 5 s while records are open: they are alive, and what is kept of their dialogs is what is true. */
  #beat(): void {
    if (this.#timers.has('heartbeat')) return;
    this.#after('heartbeat', HEARTBEAT_MS, () => {
      if (this.#facts.size === 0) return;
      this.#options.journal.heartbeat(this.#options.clock.now());
      for (const leg of this.#kept.keys()) this.#keep(leg);
      this.#beat();
    });
  }

  #keep(id: LegId): void {
    const leg = this.#back.state().legs.get(id);
    const fact = this.#facts.get(id);
    if (leg === undefined || fact === undefined) return;
    const dialog = this.#sessions.get(id)?.snapshot() ?? null;
    const adoptable = adoptableOf(leg, dialog, this.#back.state().faxes.get(id)?.state);
    const text = JSON.stringify(adoptable);
    if (this.#kept.get(id) === text) return;
    this.#kept.set(id, text);
    this.#options.journal.keep(fact, adoptable);
  }

  // --- SIP ---

  #signal(effect: SipEffect): void {
    switch (effect.type) {
      case 'sipInvite':
        this.#invite(effect);
        break;
      case 'sipRinging':
        this.#sessions.get(effect.leg)?.progress(180);
        break;
      case 'sipAnswer':
        this.#sessions.get(effect.leg)?.answer(effect.sdp);
        break;
      case 'sipReject':
        this.#sessions
          .get(effect.leg)
          ?.reject(
            effect.status,
            reasonOf(effect),
            effect.why === undefined ? [] : [[WHY_HEADER, effect.why]],
          );
        break;
      case 'sipHangUp':
        this.#sessions.get(effect.leg)?.hangUp(reasonOf(effect));
        break;
      case 'sipAnswerOffer':
        this.#offers.get(effect.leg)?.answer(effect.sdp);
        this.#offers.delete(effect.leg);
        break;
      case 'sipRefuseOffer':
        this.#offers.get(effect.leg)?.refuse(effect.status);
        this.#offers.delete(effect.leg);
        break;
      case 'sipReinvite':
        this.#reinvite(effect);
        break;
      case 'sipAdopt':
        this.adoptSession(effect.leg, this.#options.sip.adopt(asLater(effect.dialog)));
        break;
      case 'sipBye':
        this.#options.sip
          .adopt(asLater(effect.dialog))
          .hangUp({ cause: 27, text: 'the gateway was restarted' });
        break;
      default:
        unreachable(effect);
    }
  }

  #reinvite({ leg, purpose, sdp }: Extract<OfficeEffect, { readonly type: 'sipReinvite' }>): void {
    const settled = (outcome: ReinviteOutcome): void =>
      this.#back.input({ type: 'reinvited', leg, purpose, outcome });
    const session = this.#sessions.get(leg);
    if (session === undefined) settled({ ok: false, status: 481 });
    else session.reinvite(sdp, settled);
  }

  #invite(effect: Extract<OfficeEffect, { readonly type: 'sipInvite' }>): void {
    const options = inviteOptions(this.#back.state(), effect);
    if (options !== undefined) {
      this.adoptSession(effect.leg, this.#options.sip.invite(options));
      return;
    }
    const why = 'the line has no trunk';
    this.#back.sessionEvent(effect.leg, { type: 'failed', status: 503, reason: undefined, why });
  }
}

type TimerEffect = Extract<
  OfficeEffect,
  { readonly type: `${'line' | 'ring' | 'hunt' | 'media'}Timer${'' | 'Off'}` | 'holdTimer' }
>;
type SoundEffect = Extract<
  OfficeEffect,
  { readonly type: 'overlay' | 'sessionTone' | 'bridge' | 'lineSettings' }
>;
type FaxEffect = Extract<OfficeEffect, { readonly type: 'rtpDrop' | `fax${string}` }>;
type JournalEffect = Extract<OfficeEffect, { readonly type: `journal${string}` }>;
type SipEffect = Extract<OfficeEffect, { readonly type: `sip${string}` }>;

function reasonOf(effect: { readonly cause: number; readonly text: string }): SipReason {
  return { cause: effect.cause, text: effect.text };
}
