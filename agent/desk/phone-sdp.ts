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
  answer(
    offer: string,
    host: string,
    port: number,
    version: number,
  ): { readonly sdp: string; readonly audio: PhoneAudio; readonly held: boolean } | undefined {
    const made = answerOffer(offer, this.#local(host, port, version));
    if (!made.ok) return undefined;
    const { direction, ...audio } = made.value.path;
    return { sdp: made.value.sdp, audio, held: direction === 'sendonly' || direction === 'inactive' };
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
