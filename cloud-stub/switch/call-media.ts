import type { Clock } from '../../lib/base/clock.ts';
import type { Random } from '../../lib/base/random.ts';
import type { AudioSource, Relay } from '../media/index.ts';
import { readFax, writeFax } from './fax-description.ts';
import {
  type Anchor,
  type AudioDescription,
  mirrored,
  readAudio,
  writeAudio,
} from './session-description.ts';

/** An address that stands for "send nothing here", used by old equipment for hold (RFC 3264 §8.4). */
const NOWHERE = '0.0.0.0';
const PCMU = 0;
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
  readonly #sessionIds: Readonly<Record<'a' | 'b', number>>;
  readonly #versions: Record<'a' | 'b', number> = { a: 1, b: 1 };
  readonly #fromLegs = new Map<number, AudioDescription>();
  /** What each side is told about the other side's codecs. */
  readonly #told: Record<'a' | 'b', AudioDescription>;
  readonly #held: Record<'a' | 'b', boolean> = { a: false, b: false };
  #lastHoldMs: number;
  #carries: 'rtp' | 'udptl' = 'rtp';
  #relay: Relay | undefined;

  constructor(host: string, random: Random, clock: Clock, offer: AudioDescription) {
    this.#host = host;
    this.#clock = clock;
    this.#lastHoldMs = clock.monotonicMs();
    this.#sessionIds = { a: sessionId(random), b: sessionId(random) };
    this.#told = { a: offer, b: offer };
  }

  get relay(): Relay | undefined {
    return this.#relay;
  }

  /** Takes the relay over; the caller's address is known from its offer. */
  open(relay: Relay): void {
    this.#relay = relay;
    this.#connect('a', this.#told.b);
  }

  close(): void {
    this.#relay?.close();
  }

  /** The caller's offer as the called parties get it. */
  offerToCallee(): string {
    return this.#write('b', this.#told.b);
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
  play(side: 'a' | 'b', source: AudioSource, done: () => void): () => void {
    return this.#relay?.play(side, source, done) ?? (() => undefined);
  }

  /** True for an offer that the other party must decide about: to fax, and from fax back to audio. */
  mustPassOn(sdp: string): boolean {
    return this.#carries === 'udptl' || readFax(sdp) !== undefined;
  }

  /** An offer of one side as the other gets it; undefined when there is nothing in it that can be relayed. */
  passOn(from: 'a' | 'b', sdp: string): string | undefined {
    return this.#rewrite(from === 'a' ? 'b' : 'a', sdp);
  }

  /**
   * The other party has answered an offer that was passed on: from now on the relay carries what they agreed on. The
   * answer as the offering side gets it; undefined when it does not fit the offer.
   */
  agreed(from: 'a' | 'b', offer: string, answer: string): string | undefined {
    const to = from === 'a' ? 'b' : 'a';
    const [faxOffer, faxAnswer] = [readFax(offer), readFax(answer)];
    if ((faxOffer === undefined) !== (faxAnswer === undefined)) return undefined;
    const [audioOffer, audioAnswer] = [readAudio(offer), readAudio(answer)];
    const [asked, said] = [faxOffer ?? audioOffer, faxAnswer ?? audioAnswer];
    if (asked === undefined || said === undefined) return undefined;
    this.#carries = faxOffer === undefined ? 'rtp' : 'udptl';
    this.#relay?.carry(this.#carries);
    this.#connect(from, asked);
    this.#connect(to, said);
    if (audioAnswer !== undefined) this.#told[from] = audioAnswer;
    if (audioOffer !== undefined) this.#told[to] = audioOffer;
    this.#held.a = false;
    this.#held.b = false;
    this.#lastHoldMs = this.#clock.monotonicMs();
    return this.#rewrite(from, answer);
  }

  #rewrite(towards: 'a' | 'b', sdp: string): string | undefined {
    this.#versions[towards]++;
    const fax = readFax(sdp);
    if (fax !== undefined) return writeFax(fax, this.#anchor(towards));
    const audio = readAudio(sdp);
    return audio === undefined ? undefined : this.#write(towards, audio);
  }

  /** From now on this leg's audio is the called side's. */
  choose(leg: number): void {
    const audio = this.#fromLegs.get(leg);
    if (audio === undefined) return;
    this.#told.a = audio;
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
   * A party offers again inside the call (hold, resume, a new address). It is answered here, with the audio that it was
   * told before; the other party notices only by the silence.
   */
  reoffer(side: 'a' | 'b', sdp: string): string | undefined {
    const offer = readAudio(sdp);
    if (offer === undefined) return undefined;
    const before = this.#told[side];
    const payloadTypes = before.payloadTypes.filter((type) => offer.payloadTypes.includes(type));
    if (payloadTypes.length === 0) return undefined;
    this.#connect(side, offer);
    this.#held[side] = offer.direction !== 'sendrecv' || offer.host === NOWHERE;
    this.#lastHoldMs = this.#clock.monotonicMs();
    this.#versions[side]++;
    const answer = { ...before, payloadTypes, place: offer.place, otherMedia: offer.otherMedia };
    return this.#write(side, answer, mirrored(offer.direction));
  }

  /** How long neither side has sent anything; never while somebody is on hold. */
  silentMs(): number {
    // A fax is silent for long while a page is scanned; its own timers end it.
    if (this.#relay === undefined || this.#carries === 'udptl' || this.#held.a || this.#held.b) return 0;
    return Math.min(this.#relay.figures().silentMs, this.#clock.monotonicMs() - this.#lastHoldMs);
  }

  /** How long one side has sent nothing, hold or not. */
  silentMsOf(side: 'a' | 'b'): number {
    return this.#relay?.figures()[side].silentMs ?? 0;
  }

  #connect(side: 'a' | 'b', audio: { readonly host: string; readonly port: number }): void {
    if (audio.host !== NOWHERE) this.#relay?.connect(side, audio.host, audio.port);
  }

  #write(side: 'a' | 'b', audio: AudioDescription, direction = audio.direction): string {
    return writeAudio(audio, this.#anchor(side), direction);
  }

  #anchor(side: 'a' | 'b'): Anchor {
    return {
      host: this.#host,
      port: this.#relay?.[side].port ?? 0,
      sessionId: this.#sessionIds[side],
      version: this.#versions[side],
    };
  }
}

function sessionId(random: Random): number {
  return random.bytes(4).readUInt32BE(0);
}
