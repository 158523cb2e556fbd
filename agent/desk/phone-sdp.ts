import type { Random } from '../../lib/base/random.ts';
import type { LanConfig } from '../../lib/contract/lan-config.ts';
import {
  type AudioPath,
  answerOffer,
  type LocalAudio,
  makeOffer,
  readAnswer,
} from '../../lib/voice/sdp/index.ts';
import { makeSrtpKeys } from '../../lib/voice/srtp/suites.ts';

/** Where a phone wants its sound and how, as the media process is told. */
export type PhoneAudio = Omit<AudioPath, 'direction'>;

/** An offer of a phone, answered. */
interface PhoneAnswer {
  readonly sdp: string;
  /** Undefined while there is nowhere to send to. */
  readonly audio: PhoneAudio | undefined;
  /** The phone does not listen: it has put the call on hold. */
  readonly held: boolean;
  /** The phone sends nothing: its silence is meant. */
  readonly quiet: boolean;
}

/** The session descriptions of one call of a phone: one set of keys for its whole life (RFC 4568 §7.1). */
export class PhoneSdp {
  readonly #srtp: LocalAudio['srtp'];
  #offer: string | undefined;

  constructor(habit: LanConfig['phoneHabits']['srtp'], random: Random) {
    this.#srtp = habit === 'off' ? undefined : { use: habit, keys: makeSrtpKeys(random) };
  }

  offer(host: string, port: number, version: number): string {
    this.#offer = makeOffer(this.#local(host, port, version));
    return this.#offer;
  }

  /** Undefined when the offer has no audio that this box speaks, or none that is encrypted as it must be. */
  answer(offer: string, host: string, port: number, version: number): PhoneAnswer | undefined {
    const made = answerOffer(offer, this.#local(host, port, version));
    if (!made.ok) return undefined;
    const { direction, ...audio } = made.value.path;
    // The null address is an old way to hold a call (RFC 3264 §8.4).
    const nowhere = audio.host === '0.0.0.0' || audio.host === '::';
    return {
      sdp: made.value.sdp,
      audio: nowhere ? undefined : audio,
      // What a phone calls `sendonly` is `recvonly` from here.
      held: nowhere || direction === 'recvonly' || direction === 'inactive',
      quiet: direction === 'sendonly' || direction === 'inactive',
    };
  }

  readAnswer(answer: string): PhoneAudio | undefined {
    const read = readAnswer(answer, 'sendrecv', this.#offer);
    if (!read.ok) return undefined;
    const { direction: _, ...audio } = read.value;
    return audio;
  }

  #local(host: string, port: number, version: number): LocalAudio {
    return { host, port, id: port, version, srtp: this.#srtp };
  }
}
