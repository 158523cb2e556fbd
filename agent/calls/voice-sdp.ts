import type { Random } from '../../lib/base/random.ts';
import {
  type AudioPath,
  answerOffer,
  type LocalAudio,
  makeOffer,
  readAnswer,
} from '../../lib/voice/sdp/index.ts';
import { makeSrtpKeys } from '../../lib/voice/srtp/suites.ts';
import { makeAudioOffer } from '../../lib/voice/t38/image-media.ts';
import type { AnsweredAudio, AudioSdp, RemoteAudio } from './audio-sdp.ts';

/** Calls whose keys are remembered: more than the media process has sessions. */
const CALLS_LIMIT = 1_024;

/** One call's keys: ours, the far end's as last seen, and the offer in which ours stand. */
interface Secured {
  readonly srtp: NonNullable<LocalAudio['srtp']>;
  offered: string | undefined;
  remote: string | undefined;
}

/**
 * {@link AudioSdp} as the voice library writes and reads it. The port of our socket names the session. Keys are offered in every
 * call and taken from every offer (RFC 4568), because the trunk's signalling is encrypted; a far end without SRTP reads over
 * them, and the call goes on in the clear. A call that was adopted after a restart gets new keys with its next description.
 */
export class VoiceSdp implements AudioSdp {
  readonly #random: Random | null;
  readonly #quiet: () => boolean;
  readonly #calls = new Map<number, Secured>();

  /** `null`: no keys, ever. `quiet`: whether silence may be told of (RFC 3389), asked with each description. */
  constructor(random: Random | null, quiet: () => boolean = () => false) {
    this.#random = random;
    this.#quiet = quiet;
  }

  offer(host: string, port: number, version: number): string {
    this.#calls.delete(port);
    return this.#offered(port, makeOffer(this.#local(host, port, version)));
  }

  reoffer(host: string, port: number, version: number, held: boolean, before: string | null): string {
    const local = { ...this.#local(host, port, version), direction: held ? 'sendonly' : 'sendrecv' } as const;
    return this.#offered(port, before === null ? makeOffer(local) : makeAudioOffer(local, before));
  }

  readAnswer(sdp: string, port: number): RemoteAudio | undefined {
    const secured = this.#calls.get(port);
    const read = readAnswer(sdp, 'sendrecv', secured?.offered);
    if (!read.ok) return undefined;
    if (secured !== undefined) secured.remote = read.value.srtp?.remote;
    return remoteOf(read.value);
  }

  answer(offer: string, host: string, port: number, version: number): AnsweredAudio | undefined {
    let made = answerOffer(offer, this.#local(host, port, version));
    if (!made.ok) return undefined;
    const theirs = made.value.path.srtp?.remote;
    if (theirs !== undefined && theirs !== this.#calls.get(port)?.remote) {
      // Another call on this port, or a rekey: no key of ours serves two (RFC 4568 §6.1).
      this.#calls.delete(port);
      made = answerOffer(offer, this.#local(host, port, version));
      if (!made.ok) return undefined;
    }
    const secured = this.#calls.get(port);
    if (secured !== undefined) secured.remote = theirs;
    const { sdp, path } = made.value;
    const held = path.direction === 'sendonly' || path.direction === 'inactive';
    return { sdp, remote: remoteOf(path), held };
  }

  #local(host: string, port: number, version: number): LocalAudio {
    const plain = { host, port, id: port, version, comfortNoise: this.#quiet() };
    if (this.#random === null) return plain;
    let secured = this.#calls.get(port);
    if (secured === undefined) {
      const [oldest] = this.#calls.keys();
      if (this.#calls.size >= CALLS_LIMIT && oldest !== undefined) this.#calls.delete(oldest);
      const srtp = { use: 'optional', keys: makeSrtpKeys(this.#random) } as const;
      secured = { srtp, offered: undefined, remote: undefined };
      this.#calls.set(port, secured);
    }
    return { ...plain, srtp: secured.srtp };
  }

  #offered(port: number, sdp: string): string {
    const secured = this.#calls.get(port);
    if (secured !== undefined) secured.offered = sdp;
    return sdp;
  }
}

function remoteOf(path: AudioPath): RemoteAudio {
  const { direction: _direction, ...remote } = path;
  return remote;
}
