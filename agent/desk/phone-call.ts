import type { Timer } from '../../lib/base/clock.ts';
import type { DialogSnapshot, IncomingRefer, Session, SessionEvent } from '../../lib/voice/sip/api.ts';
import { isPhonePort, phoneOf } from '../calls/index.ts';
import { callsOf } from '../features/index.ts';
import type { Line, LineInput, Sound } from '../lines/index.ts';
import type { GuideName, MediaCommand } from '../media/protocol.ts';
import type { CallAround } from './call-around.ts';
import type { KeptCall } from './desk-journal.ts';
import type { PhoneAudio } from './phone-sdp.ts';
import { dialledOf, type ReplacesName, readReferTo } from './refer-target.ts';
import { legAt, ringInvite } from './ring-invite.ts';

/** A break that every line takes as a flash. */
const FLASH_MS = 300;
/** Silence of a phone that is not on hold for this long: it has lost its power or its cable. */
const SILENCE_LIMIT_MS = 20_000;
/** The longest guidance, said twice, and a little of the tone behind it. */
const GUIDE_MS = 25_000;

/**
 * `opening` waits for the RTP socket; `early` is before the answer; `up` until somebody hangs up.
 */
type Stage = 'opening' | 'early' | 'up' | 'over';

/**
 * One call of a desk phone, which is one line of the office: what the phone says by SIP becomes what a handset does, and what
 * the line hears becomes what the phone is told.
 */
export class PhoneCall {
  readonly port: number;
  /** Name of the RTP session towards the phone. */
  readonly media: string;
  readonly #around: CallAround;
  readonly #way: 'from' | 'to';
  #session: Session | undefined;
  #stage: Stage = 'opening';
  #localPort = 0;
  #answer = '';
  #progress: 'none' | 'ringing' | 'early' = 'none';
  #held = false;
  #quiet = false;
  /** Runs while guidance is said in place of an answer. */
  #guideTimer: Timer | undefined;
  /** The call of the office that this one rings for. */
  #rungFor: { readonly leg: string; readonly call: string } | undefined;
  /** Several things are done at once: the line is looked at when they are. */
  #busy = false;

  constructor(around: CallAround, port: number, media: string, session: Session | undefined) {
    this.#around = around;
    this.port = port;
    this.media = media;
    this.#session = session;
    this.#way = session === undefined ? 'to' : 'from';
    session?.listen((event) => this.#event(event));
  }

  /** The police and their like: nobody takes the place of such a call. */
  get emergency(): boolean {
    return legAt(this.#around.office.state, this.port)?.emergency === true;
  }

  /** Call-ID of the dialog with the phone. */
  get sipCallId(): string | undefined {
    return this.#session?.invite.callId;
  }

  /** What a later run needs to end this call, or to go on with it. */
  kept(): Omit<KeptCall, 'mac'> | undefined {
    const dialog = this.#stage === 'up' ? this.#session?.snapshot() : undefined;
    if (dialog === undefined) return undefined;
    return { port: this.port, media: this.media, localPort: this.#localPort, held: this.#held, dialog };
  }

  /** Goes on with a call of an earlier run: its sound has never stopped. */
  resume({ localPort }: KeptCall, session: Session): void {
    this.#session = session;
    this.#localPort = localPort;
    this.#stage = 'up';
    session.listen((event) => this.#event(event));
  }

  /** The phone calls: audio first, then what it has dialled. */
  place(digits: string, offer: string): Promise<void> {
    return this.#begin(offer, () => {
      this.#line({ type: 'offHook' });
      this.#dial(digits);
    });
  }

  /** The phone takes a call that rings elsewhere, or is parked (RFC 3891). */
  take(leg: string, offer: string): Promise<void> {
    return this.#begin(offer, () => {
      this.#around.office.phoneDoes({ type: 'takeCall', port: this.port, leg });
    });
  }

  async #begin(offer: string, run: () => void): Promise<void> {
    if (!(await this.#open())) {
      this.#session?.reject(500, { cause: 41, text: 'no audio for the call' });
      this.#end();
      return;
    }
    const { sdp, host, clock } = this.#around;
    const made = sdp.answer(offer, host, this.#localPort, clock.now());
    if (made === undefined || this.#over()) {
      if (!this.#over()) this.#session?.reject(488, { cause: 88, text: 'no audio that this box speaks' });
      this.#end();
      return;
    }
    this.#answer = made.sdp;
    if (made.audio !== undefined) this.#connect(made.audio);
    this.#stage = 'early';
    this.#together(run);
  }

  /** The line rings: so does the phone. */
  async ring(): Promise<void> {
    const opened = await this.#open();
    const options = opened
      ? ringInvite(this.#around.office.state, this.port, this.#around.sip, this.#around.host)
      : undefined;
    if (this.#over()) return;
    if (options === undefined) {
      this.#end();
      this.#around.office.phoneDoes({ type: 'decline', port: this.port, status: 480 });
      return;
    }
    const { sdp, host, clock, sip, office } = this.#around;
    const leg = legAt(office.state, this.port);
    this.#rungFor = leg === undefined ? undefined : { leg: leg.id, call: leg.call };
    this.#stage = 'early';
    const session = sip.invite({ ...options, sdp: sdp.offer(host, this.#localPort, clock.now()) });
    this.#session = session;
    session.listen((event) => this.#event(event));
    this.look();
  }

  /** What the ear of the line has now. A line of the board joins the phone's session by itself. */
  hear(sound: Sound): void {
    const session = this.media;
    switch (sound.to) {
      case 'rtp':
        this.#ask({ type: 'bridge', session, other: sound.session });
        return;
      case 'line': {
        const other = isPhonePort(sound.port) ? this.#around.sessionOf(sound.port) : undefined;
        if (other !== undefined) this.#ask({ type: 'bridge', session, other });
        return;
      }
      case 'tone': {
        const tone = sound.tone === 'hold' || sound.tone === 'ringback' ? sound.tone : null;
        if (this.#stage === 'up') this.#ask({ type: 'sessionTone', session, tone });
        return;
      }
      case 'silence':
      case 'conference':
        return;
    }
  }

  /** After every input of the office: what has become of the line is told to the phone. */
  look(): void {
    if (this.#busy || this.#over()) return;
    const place = this.#around.office.state.ports.get(this.port);
    const line: Line = place?.line ?? { at: 'onHook' };
    if (this.#way === 'to' && this.#stage !== 'up') {
      if (line.at !== 'ringing') this.#stopRinging();
      return;
    }
    if (this.#stage === 'early') this.#tellCaller(line);
    else if (this.#stage === 'up') {
      const waits = (line.at === 'dialTone' || line.at === 'dialling') && place?.desk.at !== 'none';
      if (line.at !== 'talking' && line.at !== 'calling' && !waits) this.#release(line);
    }
  }

  /** Somebody else has the phone's attention for a moment, or no longer. */
  together(run: () => void): void {
    this.#together(run);
  }

  /** The phone wants its call to go on elsewhere. */
  refer(refer: IncomingRefer): void {
    const target = readReferTo(refer.referTo);
    if (target === undefined || this.#stage !== 'up') {
      refer.refuse(target === undefined ? 400 : 481);
      return;
    }
    refer.accept();
    refer.tell(100, false);
    this.#together(() => {
      const status = target.to === 'number' ? this.#passTo(target.digits) : this.#joinWith(target.replaces);
      refer.tell(status, true);
    });
  }

  silent(silentMs: number): void {
    // An emergency call is never ended by the box: they may hear the caller.
    const meant = this.#held || this.#quiet || this.emergency;
    if (this.#stage !== 'up' || meant || silentMs <= SILENCE_LIMIT_MS) return;
    this.#around.log.info({ port: this.port }, 'a desk phone has fallen silent');
    this.hangUp('the phone has fallen silent');
  }

  /** Ends the call on both sides. */
  hangUp(text: string): void {
    if (this.#over()) return;
    this.#session?.hangUp({ cause: 27, text });
    this.#down();
  }

  /** The line has another call before this one had begun. */
  giveWay(): void {
    this.#session?.hangUp({ cause: 17, text: 'the line was taken' });
    this.#end();
  }

  // --- what the phone does ---

  #event(event: SessionEvent): void {
    switch (event.type) {
      case 'answered':
        this.#answered(event.sdp);
        return;
      case 'failed':
        if (this.#over()) return;
        this.#end();
        this.#declined(event);
        return;
      case 'cancelled':
      case 'ended':
        this.#down();
        return;
      case 'offer':
        this.#offered(event);
        return;
      case 'progress':
        return;
    }
  }

  /** It is busy, must not be disturbed, is not there, or sends the caller on to whom it names first. */
  #declined({ status, contacts = [] }: Extract<SessionEvent, { readonly type: 'failed' }>): void {
    const [first] = contacts.flatMap((contact) => dialledOf(contact) ?? []);
    const to = status >= 300 && status < 400 && first !== undefined ? { to: first } : {};
    this.#around.office.phoneDoes({ type: 'decline', port: this.port, status, ...to });
  }

  #answered(sdp: string | undefined): void {
    if (this.#over()) return;
    const audio = sdp === undefined ? undefined : this.#around.sdp.readAnswer(sdp);
    if (audio === undefined) {
      this.#session?.hangUp({ cause: 88, text: 'no audio that this box speaks' });
      this.#end();
      this.#around.office.phoneDoes({ type: 'decline', port: this.port, status: 488 });
      return;
    }
    this.#connect(audio);
    this.#stage = 'up';
    this.#line({ type: 'offHook' });
    this.#around.changed();
  }

  /** A re-INVITE: hold and its end are a hook flash. (RFC 3264 §8.4) */
  #offered(event: Extract<SessionEvent, { readonly type: 'offer' }>): void {
    const { sdp, host, clock, office } = this.#around;
    const made = this.#stage === 'up' ? sdp.answer(event.sdp, host, this.#localPort, clock.now()) : undefined;
    if (made === undefined) {
      event.refuse(488);
      return;
    }
    event.answer(made.sdp);
    const { audio, held, quiet } = made;
    if (audio !== undefined) this.#connect(audio);
    this.#held = held;
    this.#quiet = quiet;
    this.#around.changed();
    const desk = office.state.ports.get(this.port)?.desk.at;
    if ((held && desk === 'one') || (!held && desk === 'asking')) this.#flash();
  }

  /** The phone hung up. A call that it had on hold ends too: it is this one. */
  #down(): void {
    if (this.#over()) return;
    this.#end();
    this.#hangUpLine();
  }

  #hangUpLine(): void {
    const { office } = this.#around;
    if (office.state.ports.get(this.port)?.desk.at === 'asking') this.#flash();
    const at = office.state.ports.get(this.port)?.line.at;
    if (at === 'ringing') office.phoneDoes({ type: 'decline', port: this.port, status: 480 });
    else if (at !== undefined && at !== 'onHook') this.#line({ type: 'onHook' });
  }

  // --- transfer ---

  /** Blind: hold, dial, hang up. The status of the new call, as the phone is told. */
  #passTo(digits: string): number {
    const desk = (): string => this.#around.office.state.ports.get(this.port)?.desk.at ?? 'none';
    const line = (): Line['at'] => this.#around.office.state.ports.get(this.port)?.line.at ?? 'onHook';
    if (desk() === 'one') this.#flash();
    if (desk() !== 'asking') return 603;
    this.#dial(digits);
    const placed = desk() === 'two' && line() === 'calling';
    const parked = desk() === 'none';
    if (placed || parked) {
      this.#line({ type: 'onHook' });
      return 200;
    }
    const status = line() === 'busyTone' ? 486 : 603;
    if (desk() === 'asking') this.#flash();
    if (this.#held && desk() === 'one') this.#flash();
    return status;
  }

  /** Attended: the other call of the phone takes this one's place. Calls of other phones are none of its business. */
  #joinWith(replaces: ReplacesName): number {
    const other = this.#around.callOf(replaces.callId);
    const own = other !== undefined && phoneOf(other.port) === phoneOf(this.port);
    if (!own || other === this || !other.isNamedBy(replaces)) return 481;
    let status = 603;
    other.together(() => {
      const { office } = this.#around;
      office.phoneDoes({ type: 'joinCalls', port: this.port, other: other.port });
      const desk = office.state.ports.get(this.port)?.desk;
      if (desk === undefined || callsOf(desk).length === 0) status = 200;
    });
    return status;
  }

  /** Whether a Replaces means this dialog: both tags, from whichever side (RFC 3891 §3). */
  isNamedBy({ tags }: ReplacesName): boolean {
    const dialog: DialogSnapshot | undefined = this.#session?.snapshot();
    if (dialog === undefined) return true;
    return tags.length === 0 || (tags.includes(dialog.localTag) && tags.includes(dialog.remoteTag));
  }

  // --- what the line does ---

  #stopRinging(): void {
    const { state } = this.#around.office;
    const { leg = '', call } = this.#rungFor ?? {};
    const taken = state.legs.get(leg);
    const elsewhere =
      taken !== undefined || state.history.find((ended) => ended.call === call)?.end === 'answeredElsewhere';
    const text = elsewhere ? 'Call completed elsewhere' : 'the caller is gone';
    this.#session?.hangUp(elsewhere ? { protocol: 'SIP', cause: 200, text } : { cause: 16, text });
    this.#end();
  }

  #tellCaller(line: Line): void {
    switch (line.at) {
      case 'calling':
        if (line.hears.to === 'rtp' && this.#progress !== 'early') {
          this.#progress = 'early';
          this.#session?.progress(183, this.#answer);
        } else if (line.hears.to === 'tone' && this.#progress === 'none') {
          this.#progress = 'ringing';
          this.#session?.progress(180);
        }
        return;
      case 'talking':
        this.#stage = 'up';
        this.#session?.answer(this.#answer);
        this.#around.changed();
        return;
      case 'busyTone':
        this.#refuse(486, 17, line.because);
        return;
      case 'congestion':
        if (line.guide !== undefined) this.#guide(line.guide, line.because);
        else this.#refuse(480, 31, line.because);
        return;
      case 'told':
        this.#refuse(603, 31, line.because);
        return;
      case 'dialTone':
      case 'dialling':
        this.#refuse(484, 28, 'the number is not complete');
        return;
      case 'onHook':
      case 'ringing':
      case 'howler':
      case 'quiet':
        this.#refuse(480, 31, 'the call has ended');
        return;
    }
  }

  /** Says why before it refuses: a phone whose screen shows a number alone would leave its user in the dark. */
  #guide(guide: GuideName, because: string): void {
    if (this.#guideTimer !== undefined) return;
    this.#session?.progress(183, this.#answer);
    this.#ask({ type: 'sessionTone', session: this.media, tone: guide });
    this.#guideTimer = this.#around.clock.after(GUIDE_MS, 'desk guidance', () =>
      this.#refuse(480, 31, because),
    );
  }

  #refuse(status: number, cause: number, because: string): void {
    this.#session?.reject(status, { cause, text: because.slice(0, 120) });
    this.#end();
    this.#hangUpLine();
  }

  #release(line: Line): void {
    const text = 'because' in line ? line.because.slice(0, 120) : 'the call has ended';
    this.#session?.hangUp({ cause: 16, text });
    this.#end();
    if (line.at !== 'onHook') this.#line({ type: 'onHook' });
  }

  // --- hands ---

  #together(run: () => void): void {
    this.#busy = true;
    run();
    this.#busy = false;
    this.look();
  }

  /** Digit by digit, as a handset dials, with `#` where the dial plan would wait for more. */
  #dial(digits: string): void {
    for (const digit of `${digits}#`) {
      const line = this.#around.office.state.ports.get(this.port)?.line;
      if (line?.at !== 'dialTone' && line?.at !== 'dialling') return;
      if (digit === '#' && line.at === 'dialTone') return;
      this.#line({ type: 'digit', digit, by: 'dtmf' });
    }
  }

  #flash(): void {
    this.#line({ type: 'flash', durationMs: FLASH_MS });
  }

  #line(input: LineInput): void {
    this.#around.office.phoneDoes({ type: 'line', port: this.port, input });
  }

  #connect(audio: PhoneAudio): void {
    // Its sound may come from where its signalling comes from, whatever address it names (RFC 4961), and from nowhere else.
    const { office, sip } = this.#around;
    const extension = office.state.ports.get(this.port)?.phone?.extension;
    const network = extension === undefined ? undefined : sip.bindingOf(extension)?.source.host;
    const latch = network === undefined ? {} : { latch: { network, prefix: 32 } };
    this.#ask({ type: 'rtpConnect', session: this.media, ...audio, ...latch });
  }

  async #open(): Promise<boolean> {
    const { media, host } = this.#around;
    const result = await media.request({
      type: 'rtpOpen',
      session: this.media,
      localHost: host,
      note: this.media,
    });
    if (!result.ok) return false;
    this.#localPort = result.value.localPort;
    if (this.#over()) this.#ask({ type: 'rtpClose', session: this.media });
    return true;
  }

  #ask(command: MediaCommand): void {
    void this.#around.media.request(command).then((result) => {
      if (result.ok) return;
      this.#around.log.warn({ command: command.type, code: result.error.code }, result.error.say);
    });
  }

  /** A method, because an `await` between two looks may have changed the answer. */
  #over(): boolean {
    return this.#stage === 'over';
  }

  #end(): void {
    if (this.#over()) return;
    const wasUp = this.#stage === 'up';
    this.#stage = 'over';
    this.#guideTimer?.cancel();
    if (wasUp) this.#around.changed();
    if (this.#localPort !== 0) this.#ask({ type: 'rtpClose', session: this.media });
    this.#around.ended(this);
  }
}
