import type { Clock, Timer } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import type { ResponseDraft, SipRequest, SipResponse } from '../codec/message.ts';
import { parseUint, splitLws } from '../codec/text.ts';
import { T1_MS } from '../limits.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { lists } from './link.ts';

/** Provisional responses that wait for the one before them to be acknowledged. */
const QUEUE = 8;

interface Outstanding {
  readonly number: number;
  readonly describes: boolean;
  repeat: Timer;
  readonly limit: Timer;
}

/** The callee's side of RFC 3262: one reliable provisional response at a time, repeated until its PRACK. */
export class ReliableResponses {
  readonly #clock: Clock;
  readonly #transaction: ServerTransaction;
  readonly #never: () => void;
  readonly #queue: ResponseDraft[] = [];
  #next: number;
  #outstanding: Outstanding | undefined;
  #settled: () => void = () => undefined;

  /** `never`: no PRACK within 64·T1. */
  constructor(clock: Clock, random: Random, transaction: ServerTransaction, never: () => void) {
    this.#clock = clock;
    this.#transaction = transaction;
    this.#never = never;
    // §3: anywhere in the lower half, so that it never runs over.
    this.#next = 1 + (random.bytes(4).readUInt32BE(0) >>> 2);
  }

  send(draft: ResponseDraft): void {
    if (this.#outstanding !== undefined) {
      if (this.#queue.length < QUEUE) this.#queue.push(draft);
      return;
    }
    const number = this.#next++;
    const numbered: ResponseDraft = {
      ...draft,
      headers: [...draft.headers, ['Require', '100rel'], ['RSeq', String(number)]],
    };
    this.#transaction.respond(numbered);
    // §3: doubling without a cap, other than for final responses.
    const again = (delayMs: number): Timer =>
      this.#clock.after(delayMs, 'SIP 1xx', () => {
        if (this.#outstanding?.number !== number) return;
        this.#transaction.respond(numbered);
        this.#outstanding.repeat = again(delayMs * 2);
      });
    this.#outstanding = {
      number,
      describes: draft.body !== undefined,
      repeat: again(T1_MS),
      limit: this.#clock.after(64 * T1_MS, 'SIP PRACK limit', () => {
        this.stop();
        this.#never();
      }),
    };
  }

  /** True when it acknowledges what is outstanding (§3: `RAck`); anything else is answered with 481. */
  acknowledge(prack: SipRequest): boolean {
    const [number, sequence, method] = splitLws(prack.headers.get('rack') ?? '');
    const { cseq } = this.#transaction.request;
    const waiting = this.#outstanding;
    const same = parseUint(sequence ?? '', 2 ** 31) === cseq.number && method?.toUpperCase() === 'INVITE';
    if (waiting === undefined || !same || parseUint(number ?? '', 2 ** 32) !== waiting.number) return false;
    this.#forget();
    return true;
  }

  /** Sends what has waited, once the PRACK is answered. */
  proceed(): void {
    const next = this.#queue.shift();
    if (next !== undefined) this.send(next);
    else if (this.#outstanding === undefined) this.#settle();
  }

  /** Runs `then` at once, or as soon as no description waits for its PRACK: a 2xx must not overtake it (§3). */
  whenSettled(then: () => void): void {
    this.#settled = then;
    this.#queue.length = 0;
    if (this.#outstanding?.describes !== true) this.#settle();
  }

  stop(): void {
    this.#forget();
    this.#queue.length = 0;
    this.#settled = () => undefined;
  }

  #settle(): void {
    const then = this.#settled;
    this.stop();
    then();
  }

  #forget(): void {
    this.#outstanding?.repeat.cancel();
    this.#outstanding?.limit.cancel();
    this.#outstanding = undefined;
  }
}

/** The caller's side: which reliable provisional responses of one early dialog are new (§4). */
export class ReliableOrder {
  #last: number | undefined;

  /** The header that acknowledges it; undefined when it came before, or out of order. */
  take(response: SipResponse): readonly [string, string] | undefined {
    const number = parseUint(response.headers.get('rseq') ?? '', 2 ** 32 - 1);
    if (number === undefined || number === 0) return undefined;
    if (this.#last !== undefined && number !== this.#last + 1) return undefined;
    this.#last = number;
    return ['RAck', `${number} ${response.cseq.number} INVITE`];
  }
}

/** Whether a provisional response asks for a PRACK. */
export function isReliable(response: SipResponse): boolean {
  return response.status > 100 && response.status < 200 && lists(response, 'require', '100rel');
}
