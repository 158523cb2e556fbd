import type { Random } from '../../lib/base/random.ts';
import { type CryptoLine, cryptoAttribute } from '../../lib/voice/sdp/crypto.ts';
import { makeSrtpKeys, type SrtpKey, type SrtpKeys } from '../../lib/voice/srtp/suites.ts';

/**
 * Keys of one side of a call (RFC 4568): ours for its whole life, theirs as last described. The cloud offers them to members
 * only, whose signalling is encrypted, and takes them from whoever has them; who has none talks in the clear.
 */
export class SideKeys {
  readonly #ours: readonly SrtpKey[];
  /** The line of theirs that holds now. */
  #theirs: CryptoLine | undefined;

  constructor(random: Random) {
    this.#ours = makeSrtpKeys(random);
  }

  /** Both keys, as the relay needs them; undefined in the clear. */
  get now(): SrtpKeys | undefined {
    const own = this.#ours.find(({ suite }) => suite === this.#theirs?.suite);
    if (own === undefined || this.#theirs === undefined) return undefined;
    return { suite: own.suite, local: own.key, remote: this.#theirs.key };
  }

  /** The side offered: the first line that both know is taken. */
  offered(lines: readonly CryptoLine[]): void {
    this.#theirs = lines.find((line) =>
      this.#ours.some((own) => own.suite === line.suite && own.key !== line.key),
    );
  }

  /** The side answered an offer of ours: one line, with the tag and suite of ours. */
  answered(lines: readonly CryptoLine[]): void {
    const [line] = lines;
    const own = line === undefined ? undefined : this.#ours[line.tag - 1];
    const fits = lines.length === 1 && own !== undefined && own.suite === line?.suite && own.key !== line.key;
    this.#theirs = fits ? line : undefined;
  }

  /** What our answer says. */
  get answerLines(): readonly string[] {
    const own = this.#ours.find(({ suite }) => suite === this.#theirs?.suite);
    return own === undefined || this.#theirs === undefined ? [] : [written(this.#theirs.tag, own)];
  }

  /** What our offer says. */
  get offerLines(): readonly string[] {
    return this.#ours.map((own, index) => written(index + 1, own));
  }
}

function written(tag: number, key: SrtpKey): string {
  return cryptoAttribute(tag, key).join(':');
}
