import type { Clock } from '../../lib/base/clock.ts';
import type { Random } from '../../lib/base/random.ts';
import type { Relay } from '../media/index.ts';
import { type AudioDescription, mirrored, readAudio, writeAudio } from './session-description.ts';

/** An address that stands for "send nothing here", used by old equipment for hold (RFC 3264 §8.4). */
const NOWHERE = '0.0.0.0';

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
    if (this.#relay === undefined || this.#held.a || this.#held.b) return 0;
    return Math.min(this.#relay.figures().silentMs, this.#clock.monotonicMs() - this.#lastHoldMs);
  }

  /** How long one side has sent nothing, hold or not. */
  silentMsOf(side: 'a' | 'b'): number {
    return this.#relay?.figures()[side].silentMs ?? 0;
  }

  #connect(side: 'a' | 'b', audio: AudioDescription): void {
    if (audio.host !== NOWHERE) this.#relay?.connect(side, audio.host, audio.port);
  }

  #write(side: 'a' | 'b', audio: AudioDescription, direction = audio.direction): string {
    const port = this.#relay?.[side].port ?? 0;
    const anchor = {
      host: this.#host,
      port,
      sessionId: this.#sessionIds[side],
      version: this.#versions[side],
    };
    return writeAudio(audio, anchor, direction);
  }
}

function sessionId(random: Random): number {
  return random.bytes(4).readUInt32BE(0);
}
