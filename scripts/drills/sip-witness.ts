import { parseMessage } from '../../lib/voice/sip/codec/parse.ts';

/** INVITEs of one call that are remembered. */
interface Seen {
  readonly accepted: Set<string>;
  readonly acknowledged: Set<string>;
}

/** Watches the wire: every 2xx to an INVITE is acknowledged, and no other call than one that was accepted. */
export class AckWatch {
  readonly #calls = new Map<string, Seen>();
  #malformed = 0;

  see(bytes: Buffer): void {
    const result = parseMessage(bytes);
    if (result.kind !== 'ok') {
      this.#malformed++;
      return;
    }
    const { message } = result;
    const { callId, cseq, toTag } = message;
    if (cseq.method !== 'INVITE' && cseq.method !== 'ACK') return;
    const seen = this.#calls.get(callId) ?? { accepted: new Set(), acknowledged: new Set() };
    this.#calls.set(callId, seen);
    const name = `${cseq.number}`;
    if (message.kind === 'response' && message.status >= 200 && message.status < 300) {
      // Whoever accepts names itself: two tags for one INVITE were two answers of one callee.
      seen.accepted.add(`${name} ${message.fromTag} ${toTag}`);
    }
    if (message.kind === 'request' && message.method === 'ACK') {
      seen.acknowledged.add(`${name} ${message.fromTag} ${toTag}`);
    }
  }

  trouble(): string[] {
    const trouble: string[] = this.#malformed === 0 ? [] : [`${this.#malformed} malformed messages`];
    for (const [callId, { accepted, acknowledged }] of this.#calls) {
      const numbers = [...accepted].map((one) => one.split(' ', 2).join(' '));
      if (new Set(numbers).size !== numbers.length) trouble.push(`${callId}: two 2xx of different tags`);
      for (const one of accepted) {
        if (!acknowledged.has(one))
          trouble.push(`${callId}: the 2xx to INVITE ${one} was never acknowledged`);
      }
    }
    return trouble;
  }
}
