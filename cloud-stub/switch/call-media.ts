import type { Clock } from '../../lib/base/clock.ts';
import type { Random } from '../../lib/base/random.ts';
import type { AudioSource, Relay } from '../media/index.ts';
import { SideKeys } from './call-keys.ts';
import { type FaxDescription, readFax, sameFax, writeFax } from './fax-description.ts';
import {
  type Anchor,
  type AudioDescription,
  codingOf,
  type MediaType,
  mirrored,
  readAudio,
  writeAudio,
} from './session-description.ts';

type Side = 'a' | 'b';

interface Address {
  readonly host: string;
  readonly port: number;
  readonly reportPort?: number;
}

/** An address that stands for "send nothing here", used by old equipment for hold (RFC 3264 §8.4). */
const NOWHERE = '0.0.0.0';
const PCMU = 0;
/** From here on a payload type is what its `rtpmap` says (RFC 3551 §3). */
const FIRST_DYNAMIC = 96;
/** `rtpmap:101 telephone-event/8000` */
const EVENTS = /^rtpmap:(\d{1,3}) telephone-event\/8000/i;
const FOR_TYPE = /^(?:rtpmap|fmtp):(\d{1,3}) /;

/**
 * The audio of one call: what each side has described, and what the other side is told, always with the relay's own
 * address. Side `a` called, side `b` was called.
 */
export class CallMedia {
  readonly #host: string;
  readonly #clock: Clock;
  readonly #sessionIds: Readonly<Record<Side, number>>;
  /** The newest description for each side, and its version. */
  readonly #said: Record<Side, { version: number; text: string | undefined }> = {
    a: { version: 1, text: undefined },
    b: { version: 1, text: undefined },
  };
  /** Media lines of each side's dialog. */
  readonly #lines: Record<Side, number>;
  /** What each side has described of its fax. */
  readonly #fax: { a?: FaxDescription; b?: FaxDescription } = {};
  readonly #fromLegs = new Map<number, AudioDescription>();
  /** What each side is told about the other side's codecs. */
  readonly #told: Record<Side, AudioDescription>;
  readonly #held: Record<Side, boolean> = { a: false, b: false };
  readonly #keys: Readonly<Record<Side, SideKeys>>;
  /** Sides that are offered keys. */
  readonly #encrypts: Record<Side, boolean> = { a: false, b: false };
  #lastHoldMs: number;
  #carries: 'rtp' | 'udptl' = 'rtp';
  #relay: Relay | undefined;

  constructor(host: string, random: Random, clock: Clock, offer: AudioDescription) {
    this.#host = host;
    this.#clock = clock;
    this.#lastHoldMs = clock.monotonicMs();
    this.#sessionIds = { a: sessionId(random), b: sessionId(random) };
    this.#keys = { a: new SideKeys(random), b: new SideKeys(random) };
    this.#keys.a.offered(offer.crypto);
    this.#told = { a: offer, b: offer };
    const lines = offer.otherMedia.length + 1;
    this.#lines = { a: lines, b: lines };
  }

  get relay(): Relay | undefined {
    return this.#relay;
  }

  /** Takes the relay over; the caller's address is known from its offer. */
  open(relay: Relay): void {
    this.#relay = relay;
    this.#secure('a');
    this.#connect('a', this.#told.b);
  }

  close(): void {
    this.#relay?.close();
  }

  /** The caller's offer as the called parties get it; with keys of ours for one whose signalling is encrypted. */
  offerToCallee(encrypted: boolean): string {
    this.#encrypts.b = encrypted;
    return this.#offer('b', this.#told.b);
  }

  /** A leg described its audio, early or with its answer. */
  heardFrom(leg: number, audio: AudioDescription): void {
    this.#fromLegs.set(leg, audio);
  }

  hasAnswerOf(leg: number): boolean {
    return this.#fromLegs.has(leg);
  }

  /** True when the cloud itself can speak to the caller: it offered G.711 µ-law. */
  get speaks(): boolean {
    return this.#told.b.payloadTypes.includes(PCMU);
  }

  /**
   * The cloud's own answer to the caller, for prompts: µ-law and the events that it offered. Who is called later is
   * offered no more than this, so that the answer stays true.
   */
  ownAnswer(): string {
    const offer = this.#told.b;
    const events = offer.attributes.flatMap((line) => EVENTS.exec(line)?.[1] ?? []).map(Number);
    const payloadTypes = offer.payloadTypes.filter((type) => type === PCMU || events.includes(type));
    const attributes = offer.attributes.filter((line) => {
      const type = FOR_TYPE.exec(line)?.[1];
      return type === undefined || payloadTypes.includes(Number(type));
    });
    const own = { ...offer, payloadTypes, attributes };
    this.#told.b = own;
    this.#told.a = own;
    return this.#write('a', own, mirrored(offer.direction));
  }

  /** Plays to one side in place of the other side's audio; answers how to stop. */
  play(side: Side, source: AudioSource, done: () => void): () => void {
    return this.#relay?.play(side, source, done) ?? (() => undefined);
  }

  /**
   * True for an offer that the other party must decide about: to fax, and from fax back to audio. The same fax at the same
   * place again only refreshes the session; that is answered here.
   */
  mustPassOn(side: Side, sdp: string): boolean {
    const fax = readFax(sdp);
    if (this.#carries === 'rtp') return fax !== undefined;
    const before = this.#fax[side];
    return fax === undefined || before === undefined || !sameFax(fax, before);
  }

  /** An offer of one side as the other gets it, as fax alone or audio alone; undefined when nothing of it can be relayed. */
  passOn(from: Side, sdp: string): string | undefined {
    const to = from === 'a' ? 'b' : 'a';
    const fax = readFax(sdp);
    const offered = fax ?? readAudio(sdp);
    if (offered === undefined) return undefined;
    const { place } = offered;
    const shape = { place, otherMedia: this.#padded(to, offered.otherMedia) };
    return fax === undefined
      ? this.#offer(to, { ...(offered as AudioDescription), ...shape })
      : this.#text(to, { ...fax, ...shape });
  }

  /**
   * The other party has answered an offer that was passed on: from now on the relay carries what they agreed on. The
   * answer as the offering side gets it, in the shape of its offer; undefined when it took none of what was offered.
   */
  agreed(from: Side, offer: string, answer: string): string | undefined {
    const to = from === 'a' ? 'b' : 'a';
    const [faxOffer, faxAnswer] = [readFax(offer), readFax(answer)];
    const audioOffer = faxOffer === undefined ? readAudio(offer) : undefined;
    const audioAnswer = readAudio(answer);
    if (faxOffer !== undefined && faxAnswer !== undefined) {
      this.#switchTo('udptl', from, faxOffer, faxAnswer);
      this.#fax[from] = faxOffer;
      this.#fax[to] = faxAnswer;
      const { place, otherMedia } = faxOffer;
      return this.#text(from, { ...faxAnswer, place, otherMedia });
    }
    if (audioOffer === undefined || audioAnswer === undefined) return undefined;
    this.#keys[from].offered(audioOffer.crypto);
    this.#keys[to].answered(audioAnswer.crypto);
    this.#secure(from);
    this.#secure(to);
    this.#switchTo('rtp', from, audioOffer, audioAnswer);
    this.#told[from] = audioAnswer;
    this.#told[to] = audioOffer;
    const { place, otherMedia } = audioOffer;
    return this.#text(from, { ...audioAnswer, place, otherMedia });
  }

  /** The audio of an offer of audio and fax whose fax the other party did not take; undefined when there is no audio now. */
  insteadOfFax(side: Side, sdp: string): string | undefined {
    if (this.#carries === 'udptl' || readFax(sdp)?.audioToo !== true) return undefined;
    return this.#audioAnswer(side, sdp);
  }

  /** What the relay carries now, as an offer to one side: for a party that has just answered with nothing. */
  again(towards: Side): string {
    const fax = this.#fax[towards === 'a' ? 'b' : 'a'];
    const now = this.#carries === 'udptl' && fax !== undefined ? fax : this.#told[towards];
    const shaped = { ...now, otherMedia: this.#padded(towards, now.otherMedia) };
    return 'payloadTypes' in shaped ? this.#offer(towards, shaped) : this.#text(towards, shaped);
  }

  #switchTo(what: 'rtp' | 'udptl', from: Side, asked: Address, said: Address): void {
    this.#carries = what;
    this.#relay?.carry(what);
    this.#connect(from, asked);
    this.#connect(from === 'a' ? 'b' : 'a', said);
    this.#held.a = false;
    this.#held.b = false;
    this.#lastHoldMs = this.#clock.monotonicMs();
  }

  /** A description has at least as many media lines as the one before in its dialog (RFC 3264 §8). */
  #padded(towards: Side, otherMedia: readonly MediaType[]): readonly MediaType[] {
    const missing = this.#lines[towards] - 1 - otherMedia.length;
    return missing > 0
      ? [...otherMedia, ...Array.from({ length: missing }, () => 'audio' as const)]
      : otherMedia;
  }

  /** From now on this leg's audio is the called side's. */
  choose(leg: number): void {
    const audio = this.#fromLegs.get(leg);
    if (audio === undefined) return;
    this.#told.a = audio;
    this.#keys.b.answered(audio.crypto);
    this.#secure('b');
    this.#connect('b', audio);
  }

  /** A leg's answer as the caller gets it; undefined when the leg has described nothing. */
  answerToCaller(leg: number): string | undefined {
    const audio = this.#fromLegs.get(leg);
    if (audio === undefined) return undefined;
    this.choose(leg);
    return this.#write('a', audio);
  }

  /**
   * A party offers again inside the call: hold, resume, a new address, a refresh of the fax. It is answered here, with
   * what it was told before; the other party notices only by the silence.
   */
  reoffer(side: Side, sdp: string): string | undefined {
    const fax = readFax(sdp);
    const others = this.#fax[side === 'a' ? 'b' : 'a'];
    if (this.#carries === 'udptl' && fax !== undefined && others !== undefined) {
      return this.#text(side, { ...others, place: fax.place, otherMedia: fax.otherMedia });
    }
    return this.#audioAnswer(side, sdp);
  }

  #audioAnswer(side: Side, sdp: string): string | undefined {
    const offer = readAudio(sdp);
    if (offer === undefined) return undefined;
    const before = this.#told[side];
    const payloadTypes = before.payloadTypes.filter(
      // A number means the same to both: packets pass with the number that they come with.
      (type) => offer.payloadTypes.includes(type) && sameCoding(before, offer, type),
    );
    if (payloadTypes.length === 0) return undefined;
    this.#keys[side].offered(offer.crypto);
    this.#secure(side);
    this.#connect(side, offer);
    this.#held[side] = offer.direction !== 'sendrecv' || offer.host === NOWHERE;
    this.#lastHoldMs = this.#clock.monotonicMs();
    const answer = { ...before, payloadTypes, place: offer.place, otherMedia: offer.otherMedia };
    return this.#write(side, answer, mirrored(offer.direction));
  }

  /** Whether a side has put the other one on hold. */
  isHeld(side: Side): boolean {
    return this.#held[side];
  }

  /** Audio that can be parked: no fax runs. */
  get carriesAudio(): boolean {
    return this.#carries === 'rtp';
  }

  /**
   * A new party takes the place of a side, with an offer of its own: the answer to it, with what the other side has been told;
   * undefined when they have no codec in common.
   */
  seat(side: Side, sdp: string): string | undefined {
    return this.#audioAnswer(side, sdp);
  }

  /** The same where the cloud offered ({@link again}) and the new party has answered. False when that is no audio. */
  seated(side: Side, sdp: string | undefined): boolean {
    const audio = readAudio(sdp);
    if (audio === undefined) return false;
    this.#keys[side].answered(audio.crypto);
    this.#secure(side);
    this.#connect(side, audio);
    this.#held[side] = false;
    this.#lastHoldMs = this.#clock.monotonicMs();
    return true;
  }

  /** How long neither side has sent anything; never while somebody is on hold. */
  silentMs(): number {
    // A fax is silent for long while a page is scanned; its own timers end it.
    if (this.#relay === undefined || this.#carries === 'udptl' || this.#held.a || this.#held.b) return 0;
    return Math.min(this.#relay.figures().silentMs, this.#clock.monotonicMs() - this.#lastHoldMs);
  }

  /** How long one side has sent nothing, hold or not. */
  silentMsOf(side: Side): number {
    return this.#relay?.figures()[side].silentMs ?? 0;
  }

  #connect(side: Side, audio: Address): void {
    if (audio.host !== NOWHERE) this.#relay?.connect(side, audio.host, audio.port, audio.reportPort);
  }

  /** What the side and the cloud encrypt with from now on. */
  #secure(side: Side): void {
    const { now } = this.#keys[side];
    if (now !== undefined) this.#encrypts[side] = true;
    this.#relay?.secure(side, now);
  }

  /** An answer to the side. */
  #write(side: Side, audio: AudioDescription, direction = audio.direction): string {
    const crypto = this.#keys[side].answerLines;
    return this.#versioned(side, audio, (anchor) => writeAudio(audio, anchor, direction, crypto));
  }

  /** An offer to the side. */
  #offer(side: Side, audio: AudioDescription): string {
    const crypto = this.#encrypts[side] ? this.#keys[side].offerLines : [];
    return this.#versioned(side, audio, (anchor) => writeAudio(audio, anchor, audio.direction, crypto));
  }

  #text(side: Side, what: AudioDescription | Omit<FaxDescription, 'audioToo'>): string {
    if ('payloadTypes' in what) return this.#write(side, what);
    return this.#versioned(side, what, (anchor) => writeFax(what, anchor));
  }

  /** The version of the origin line counts up with every change and with nothing else (RFC 3264 §8). */
  #versioned(
    side: Side,
    { otherMedia }: { readonly otherMedia: readonly unknown[] },
    write: (anchor: Anchor) => string,
  ): string {
    const said = this.#said[side];
    const anchor = (): Anchor => ({
      host: this.#host,
      port: this.#relay?.[side].port ?? 0,
      sessionId: this.#sessionIds[side],
      version: said.version,
    });
    if (said.text !== undefined && write(anchor()) !== said.text) said.version++;
    said.text = write(anchor());
    this.#lines[side] = otherMedia.length + 1;
    return said.text;
  }
}

function sameCoding(one: AudioDescription, other: AudioDescription, type: number): boolean {
  return type < FIRST_DYNAMIC || codingOf(one, type) === codingOf(other, type);
}

function sessionId(random: Random): number {
  return random.bytes(4).readUInt32BE(0);
}
