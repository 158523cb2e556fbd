import {
  type SipMessage,
  type SipRequest,
  type SipResponse,
  sdpOf,
} from '../../lib/voice/sip/codec/message.ts';
import type { WireRule } from './sip-witness.ts';

/** An INVITE, UPDATE or PRACK of a party, as far as the exchange of descriptions goes. */
interface Asked {
  readonly method: string;
  readonly number: number;
  /** Its offer has no answer yet. */
  open: boolean;
  /** No final answer has come. */
  pending: boolean;
}

/** What one party knows of one call. */
interface PartyView {
  readonly asked: Map<string, Asked>;
  /** 2xx of its own to an INVITE that wait for their ACK. */
  readonly unacknowledged: Map<number, number>;
  /** Requests that have come, and why they must be refused; undefined where they may be taken. */
  readonly verdicts: Map<string, string | undefined>;
  /** Offers that have come and were not answered yet. */
  readonly theirs: Set<string>;
}

const CARRIERS = new Set(['INVITE', 'UPDATE', 'PRACK']);
const NEVER_MS = 32_000 - 1;

/**
 * One offer at a time (RFC 3264 §4, RFC 3261 §14, RFC 3311 §5): nobody offers while an offer is open, and nobody takes an
 * offer or a re-INVITE that crosses one of its own.
 */
export class OfferRule implements WireRule {
  readonly #views = new Map<string, PartyView>();
  readonly #trouble: string[] = [];

  sent(message: SipMessage, host: string, nowMs: number): void {
    const view = this.#view(message, host);
    if (message.kind === 'request') this.#asks(message, view, nowMs);
    else this.#answers(message, view, nowMs);
  }

  came(message: SipMessage, host: string, nowMs: number): void {
    const view = this.#view(message, host);
    if (message.kind === 'request') this.#asked(message, view, nowMs);
    else answered(message, view);
  }

  trouble(): readonly string[] {
    return this.#trouble;
  }

  #view({ callId }: SipMessage, host: string): PartyView {
    const key = `${host} ${callId}`;
    const view = this.#views.get(key) ?? {
      asked: new Map(),
      unacknowledged: new Map(),
      verdicts: new Map(),
      theirs: new Set(),
    };
    this.#views.set(key, view);
    return view;
  }

  #asks(request: SipRequest, view: PartyView, nowMs: number): void {
    const key = keyOf(request);
    if (!CARRIERS.has(request.method) || view.asked.has(key)) return;
    const offers = sdpOf(request) !== undefined;
    if (request.method === 'INVITE' || offers) {
      const why = busy(request.method, view, nowMs);
      if (why !== undefined) this.#trouble.push(`${request.callId}: ${key} was sent though ${why}`);
    }
    const { method, cseq } = request;
    view.asked.set(key, { method, number: cseq.number, open: offers, pending: true });
  }

  #asked(request: SipRequest, view: PartyView, nowMs: number): void {
    const key = keyOf(request);
    if (request.method === 'ACK') {
      if (view.unacknowledged.has(request.cseq.number)) view.unacknowledged.delete(request.cseq.number);
      return;
    }
    if (!CARRIERS.has(request.method) || request.toTag === '' || view.verdicts.has(key)) return;
    const offers = sdpOf(request) !== undefined;
    const matters = request.method === 'INVITE' || offers;
    view.verdicts.set(key, matters ? busy(request.method, view, nowMs) : undefined);
    if (matters) view.theirs.add(key);
  }

  #answers(response: SipResponse, view: PartyView, nowMs: number): void {
    if (response.status < 200) return;
    const key = keyOf(response);
    const accepts = response.status < 300;
    const why = view.verdicts.get(key);
    if (accepts && why !== undefined)
      this.#trouble.push(`${response.callId}: ${key} was taken though ${why}`);
    // Said again it is nothing new.
    if (view.verdicts.has(key)) view.verdicts.set(key, undefined);
    view.theirs.delete(key);
    const { method, number } = response.cseq;
    if (
      accepts &&
      method === 'INVITE' &&
      !view.unacknowledged.has(-number) &&
      !view.unacknowledged.has(number)
    ) {
      view.unacknowledged.set(number, nowMs);
      view.unacknowledged.set(-number, -Infinity);
    }
  }
}

function answered(response: SipResponse, view: PartyView): void {
  const asked = view.asked.get(keyOf(response));
  if (asked === undefined) return;
  const final = response.status >= 200;
  // An unreliable description before the answer is a look ahead, and binds nobody.
  const binds = final || response.headers.get('rseq') !== undefined;
  if (final) asked.pending = false;
  if (response.status >= 300 || (binds && sdpOf(response) !== undefined)) asked.open = false;
}

/** Why a party may neither offer nor take an offer now; undefined where it may. */
function busy(method: string, view: PartyView, nowMs: number): string | undefined {
  const own = [...view.asked.values()];
  if (own.some(({ open, pending }) => open && pending)) return 'an offer of its own was open';
  if (method === 'INVITE' && own.some((asked) => asked.pending && asked.method === 'INVITE')) {
    return 'an INVITE of its own was open';
  }
  if (view.theirs.size > 0) return 'an offer of the other side was open';
  const waits = [...view.unacknowledged.values()].some((sinceMs) => nowMs - sinceMs < NEVER_MS);
  return waits ? 'a 2xx of its own had no ACK' : undefined;
}

function keyOf({ cseq }: SipMessage): string {
  return `${cseq.method} ${cseq.number}`;
}
