import type { SipMessage } from '../../lib/voice/sip/codec/message.ts';
import type { WireRule } from './sip-witness.ts';

/** 64·T1: after this a callee whose 2xx found no ACK may go (RFC 3261 §13.3.1.4). Times of the network are broken numbers. */
const NEVER_MS = 32_000 - 1;

function isAnswer(message: SipMessage): message is Extract<SipMessage, { kind: 'response' }> {
  return message.kind === 'response' && message.status >= 200 && message.status < 300;
}

/** Every 2xx to an INVITE is acknowledged, and one party answers one INVITE once (RFC 3261 §13.2.2.4). */
export class AckRule implements WireRule {
  readonly #accepted = new Map<string, { readonly who: string; acknowledged: boolean }>();
  /** 2xx that have come, and ACKs that went out for them. */
  readonly #heard = new Map<string, { firstMs: number; came: number; acknowledged: number }>();
  readonly #tags = new Map<string, string>();
  readonly #trouble: string[] = [];

  sent(message: SipMessage, host: string): void {
    const { callId, cseq, fromTag, toTag } = message;
    const key = `${callId} ${cseq.number} ${fromTag} ${toTag}`;
    if (isAnswer(message) && cseq.method === 'INVITE') {
      if (!this.#accepted.has(key)) this.#accepted.set(key, { who: host, acknowledged: false });
      // Whoever accepts names itself: two tags for one INVITE were two answers of one callee.
      const invite = `${host} ${callId} ${cseq.number} ${fromTag}`;
      const before = this.#tags.get(invite);
      if (before !== undefined && before !== toTag)
        this.#trouble.push(`${callId}: two 2xx of different tags`);
      this.#tags.set(invite, toTag);
    }
    if (message.kind !== 'request' || message.method !== 'ACK') return;
    const answer = this.#accepted.get(key);
    if (answer !== undefined) answer.acknowledged = true;
    const heard = this.#heard.get(key);
    if (heard !== undefined) heard.acknowledged++;
  }

  /** Each time a 2xx comes again its ACK goes again: the one before may have got lost. */
  came(message: SipMessage, _host: string, nowMs: number): void {
    if (!isAnswer(message) || message.cseq.method !== 'INVITE') return;
    const { callId, cseq, fromTag, toTag } = message;
    const key = `${callId} ${cseq.number} ${fromTag} ${toTag}`;
    const heard = this.#heard.get(key) ?? { firstMs: nowMs, came: 0, acknowledged: 0 };
    this.#heard.set(key, heard);
    // At the end of its time the caller has forgotten it.
    // One whose ACK waits for the answer of somebody else has none yet.
    const first = heard.came === 0;
    if (first || (heard.acknowledged > 0 && nowMs - heard.firstMs < NEVER_MS - 2_000)) heard.came++;
  }

  trouble(): readonly string[] {
    const never = [...this.#accepted].filter(([, { acknowledged }]) => !acknowledged);
    const seldom = [...this.#heard].filter(([, { came, acknowledged }]) => acknowledged < came);
    return [
      ...this.#trouble,
      ...seldom.map(
        ([key, { came, acknowledged }]) => `${key}: the 2xx came ${came} times, ${acknowledged} ACKs`,
      ),
      ...never.map(([key, { who }]) => `${key}: the 2xx of ${who} was never acknowledged`),
    ];
  }
}

/** A callee sends BYE when its 2xx was acknowledged, or after 64·T1, and never before a 2xx (RFC 3261 §15). */
export class ByeRule implements WireRule {
  /** By host, Call-ID and own tag: when the 2xx went out first. */
  readonly #waiting = new Map<string, Map<number, number>>();
  readonly #answered = new Set<string>();
  readonly #called = new Set<string>();
  readonly #trouble: string[] = [];

  sent(message: SipMessage, host: string, nowMs: number): void {
    const { callId, cseq, fromTag, toTag } = message;
    if (message.kind === 'request') {
      if (message.method === 'INVITE' && toTag === '') this.#called.add(`${host} ${callId} ${fromTag}`);
      if (message.method === 'BYE') this.#bye(message, host, nowMs);
      return;
    }
    if (!isAnswer(message) || cseq.method !== 'INVITE') return;
    const self = `${host} ${callId} ${toTag} ${fromTag}`;
    const waiting = this.#waiting.get(self) ?? new Map<number, number>();
    this.#waiting.set(self, waiting);
    this.#answered.add(self);
    if (!waiting.has(cseq.number)) waiting.set(cseq.number, nowMs);
  }

  came(message: SipMessage, host: string): void {
    if (message.kind !== 'request' || message.method !== 'ACK') return;
    const waiting = this.#waiting.get(`${host} ${message.callId} ${message.toTag} ${message.fromTag}`);
    if (waiting?.has(message.cseq.number) === true) waiting.set(message.cseq.number, -Infinity);
  }

  trouble(): readonly string[] {
    return this.#trouble;
  }

  #bye({ callId, fromTag, toTag }: SipMessage, host: string, nowMs: number): void {
    const self = `${host} ${callId} ${fromTag} ${toTag}`;
    if (!this.#called.has(`${host} ${callId} ${fromTag}`) && !this.#answered.has(self)) {
      this.#trouble.push(`${callId}: a callee that has not answered sent BYE`);
    }
    for (const [number, sinceMs] of this.#waiting.get(self) ?? []) {
      if (sinceMs === -Infinity || nowMs - sinceMs >= NEVER_MS) continue;
      this.#trouble.push(
        `${callId}: BYE ${nowMs - sinceMs} ms after the 2xx to INVITE ${number}, before its ACK`,
      );
    }
  }
}

/** CANCEL goes out when a provisional response has come and no final one (RFC 3261 §9.1). */
export class CancelRule implements WireRule {
  readonly #heard = new Map<string, 'provisional' | 'final'>();
  readonly #cancelled = new Set<string>();
  readonly #trouble: string[] = [];

  sent(message: SipMessage, host: string): void {
    if (message.kind !== 'request' || message.method !== 'CANCEL') return;
    const key = `${host} ${message.callId} ${message.cseq.number}`;
    // What is repeated was allowed when it went out first.
    if (this.#cancelled.has(key)) return;
    this.#cancelled.add(key);
    const heard = this.#heard.get(key);
    if (heard !== 'provisional') {
      this.#trouble.push(
        `${message.callId}: CANCEL ${heard === 'final' ? 'after the final answer' : 'before any 1xx'}`,
      );
    }
  }

  came(message: SipMessage, host: string): void {
    if (message.kind !== 'response' || message.cseq.method !== 'INVITE') return;
    const key = `${host} ${message.callId} ${message.cseq.number}`;
    if (this.#heard.get(key) !== 'final')
      this.#heard.set(key, message.status < 200 ? 'provisional' : 'final');
  }

  trouble(): readonly string[] {
    return this.#trouble;
  }
}

/** The requests of one party in one call count up (RFC 3261 §12.2.1.1). */
export class SequenceRule implements WireRule {
  readonly #last = new Map<string, number>();
  readonly #seen = new Set<string>();
  readonly #trouble: string[] = [];

  sent(message: SipMessage, host: string): void {
    if (message.kind !== 'request' || message.method === 'ACK' || message.method === 'CANCEL') return;
    const { number } = message.cseq;
    const self = `${host} ${message.callId} ${message.fromTag} ${message.toTag}`;
    const request = `${self} ${message.method} ${number}`;
    if (this.#seen.has(request)) return;
    this.#seen.add(request);
    const last = this.#last.get(self);
    if (last !== undefined && number <= last) {
      this.#trouble.push(`${message.callId}: ${message.method} ${number} after a request ${last}`);
    }
    this.#last.set(self, Math.max(number, last ?? 0));
  }

  came(): void {}

  trouble(): readonly string[] {
    return this.#trouble;
  }
}
