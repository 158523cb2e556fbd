import type { SipAddress } from '../api.ts';
import type { Dialler } from './dialler.ts';
import type { Flow } from './flow.ts';
import type { Target } from './locate.ts';

/** How long what was found behind a name counts. */
const FOUND_MS = 60_000;

/** What a named flow needs from its surroundings. */
export interface NamedDatagramsOptions {
  readonly address: SipAddress;
  readonly dialler: Pick<Dialler, 'places' | 'living' | 'distrust'>;
  readonly sentBy: string;
  monotonicMs(): number;
  /** The flow to a place, over a socket of its family; undefined when there is none. */
  flowTo(target: Target): Flow | undefined;
}

/**
 * UDP to a name (RFC 3263): each datagram goes to the first living place behind it. A datagram that finds nobody is not
 * reported; who waits in vain for answers says so by `distrust`, and the next ones go to the next place.
 */
export class NamedDatagrams implements Flow {
  readonly transport = 'udp';
  readonly reliable = false;
  readonly outgoing = false;
  readonly open = true;
  readonly remote: SipAddress;
  readonly sentBy: string;
  readonly #options: NamedDatagramsOptions;
  #found: Promise<readonly Target[]> | undefined;
  #foundAtMs = 0;
  #last: Target | undefined;

  constructor(options: NamedDatagramsOptions) {
    this.#options = options;
    this.remote = options.address;
    this.sentBy = options.sentBy;
  }

  send(bytes: Buffer, failed: (say: string) => void): void {
    this.#place().then(
      (flow) => {
        if (flow === undefined) failed(`${this.remote.host} is not known`);
        else flow.send(bytes, failed);
      },
      (error: unknown) => failed(String(error)),
    );
  }

  onClose(): () => void {
    return () => undefined;
  }

  keepAlive(lost: () => void): () => void {
    let stop: (() => void) | undefined;
    let stopped = false;
    void this.#place().then((flow) => {
      if (!stopped) stop = flow?.keepAlive?.(lost);
    });
    return () => {
      stopped = true;
      stop?.();
    };
  }

  /** The place that was used last does not answer. */
  distrust(): void {
    if (this.#last !== undefined) this.#options.dialler.distrust(this.#last);
  }

  async #place(): Promise<Flow | undefined> {
    const { dialler, address } = this.#options;
    const nowMs = this.#options.monotonicMs();
    if (this.#found === undefined || nowMs - this.#foundAtMs > FOUND_MS) {
      this.#found = dialler.places(address).catch(() => []);
      this.#foundAtMs = nowMs;
    }
    const found = await this.#found;
    if (found.length === 0) this.#found = undefined;
    this.#last = dialler.living(found)[0];
    return this.#last === undefined ? undefined : this.#options.flowTo(this.#last);
  }
}
