import {
  type SipMessage,
  type SipRequest,
  type SipResponse,
  sdpOf,
} from '../../lib/voice/sip/codec/message.ts';
import type { WireRule } from './sip-witness.ts';

/** A callee's reliable responses to one INVITE. */
interface Said {
  readonly bodies: Map<number, string | undefined>;
  readonly acknowledged: Set<number>;
  last: number | undefined;
  /** A reliable description that nothing has changed since. */
  described: string | undefined;
  updated: boolean;
  answered: boolean;
}

/** A caller's side of them. */
interface Heard {
  readonly came: Set<number>;
  /** Acknowledged, and by which request. */
  readonly pracks: Map<number, number>;
  last: number | undefined;
  /** Those that came in order, before the end, and when: they must be acknowledged. */
  readonly due: Map<number, number>;
}

/**
 * Reliable provisional responses (RFC 3262): numbered without gaps, the next one after the PRACK of the one before, each
 * acknowledged once and in order; a 2xx waits for the PRACK of a description, and says the same.
 */
export class ReliableRule implements WireRule {
  readonly #said = new Map<string, Said>();
  readonly #heard = new Map<string, Heard>();
  /** Reliable descriptions that a caller has got in order. */
  readonly #promised = new Map<string, string[]>();
  /** INVITEs that their caller has ended, or that have their final answer; what follows a challenge is another one. */
  readonly #over = new Set<string>();
  readonly #trouble: string[] = [];

  sent(message: SipMessage, host: string, nowMs: number): void {
    const { callId, cseq } = message;
    if (message.kind === 'response') {
      if (cseq.method === 'INVITE') this.#says(message, host);
      return;
    }
    if (message.method === 'PRACK') this.#acknowledges(message, host);
    if (message.method !== 'CANCEL' && message.method !== 'BYE') return;
    // The caller has ended it: what comes then, or made it do so, is nothing to it.
    this.#over.add(endOf(host, message));
    for (const [key, heard] of this.#heard) {
      if (!key.startsWith(`${host} ${callId} `)) continue;
      for (const [number, cameMs] of heard.due) if (cameMs === nowMs) heard.due.delete(number);
    }
  }

  came(message: SipMessage, host: string, nowMs: number): void {
    const { callId, toTag, fromTag } = message;
    if (message.kind === 'request') {
      const said = this.#said.get(`${host} ${callId} ${toTag}`);
      if (message.method === 'PRACK') said?.acknowledged.add(rackOf(message));
      if (message.method === 'UPDATE' && said !== undefined) said.updated = true;
      return;
    }
    if (message.cseq.method !== 'INVITE') return;
    const number = rseqOf(message);
    const heard = this.#hearing(`${host} ${callId} ${fromTag} ${toTag}`);
    // The end of the INVITE is the end of every early dialog of it.
    if (message.status >= 200) this.#over.add(endOf(host, message));
    else if (number !== undefined && !this.#over.has(endOf(host, message)))
      this.#hears(heard, message, nowMs);
  }

  trouble(): readonly string[] {
    const never = [...this.#heard].flatMap(([key, heard]) =>
      [...heard.due.keys()]
        .filter((number) => !heard.pracks.has(number))
        .map((number) => `${key}: no PRACK for ${number}`),
    );
    return [...this.#trouble, ...never];
  }

  /** What the caller of a call has been told reliably of the far end's sound. */
  promised(callId: string): readonly string[] {
    return this.#promised.get(callId) ?? [];
  }

  #says(response: SipResponse, host: string): void {
    const { callId, toTag, status } = response;
    const key = `${host} ${callId} ${toTag}`;
    const number = rseqOf(response);
    const said = this.#said.get(key);
    if (status >= 200) {
      if (status < 300 && said?.answered === false) this.#answers(response, said);
      return;
    }
    // The parties here say 183 to describe their sound, and nothing else.
    if (status === 183 && sdpOf(response) === undefined && said?.described === undefined) {
      this.#trouble.push(`${callId}: a 183 without a description`);
    }
    if (number === undefined) return;
    if (said === undefined) this.#said.set(key, begun(number, sdpOf(response)));
    else this.#saysAgain(callId, said, number, sdpOf(response));
  }

  #saysAgain(callId: string, said: Said, number: number, body: string | undefined): void {
    if (said.bodies.has(number)) {
      if (said.bodies.get(number) !== body)
        this.#trouble.push(`${callId}: ${number} was repeated with another body`);
      return;
    }
    const before = said.last ?? number - 1;
    if (number !== before + 1) this.#trouble.push(`${callId}: reliable ${number} follows ${before}`);
    if (!said.acknowledged.has(before))
      this.#trouble.push(`${callId}: ${number} did not wait for the PRACK of ${before}`);
    said.bodies.set(number, body);
    said.last = number;
    said.described = body ?? said.described;
  }

  #answers(response: SipResponse, said: Said): void {
    const { callId } = response;
    said.answered = true;
    const open = [...said.bodies].filter(
      ([number, body]) => body !== undefined && !said.acknowledged.has(number),
    );
    if (open.length > 0) this.#trouble.push(`${callId}: the 2xx did not wait for the PRACK of a description`);
    const body = sdpOf(response);
    if (said.described !== undefined && !said.updated && body !== undefined && body !== said.described) {
      this.#trouble.push(`${callId}: the 2xx says something else than the reliable response`);
    }
  }

  #hears(heard: Heard, response: SipResponse, nowMs: number): void {
    const number = rseqOf(response) ?? 0;
    heard.came.add(number);
    if (heard.last !== undefined && number !== heard.last + 1) return;
    heard.last = number;
    heard.due.set(number, nowMs);
    const body = sdpOf(response);
    if (body === undefined) return;
    const promised = this.#promised.get(response.callId) ?? [];
    this.#promised.set(response.callId, [...promised, body]);
  }

  #acknowledges(prack: SipRequest, host: string): void {
    const { callId, fromTag, toTag, cseq } = prack;
    const heard = this.#hearing(`${host} ${callId} ${fromTag} ${toTag}`);
    const number = rackOf(prack);
    const before = heard.pracks.get(number);
    if (before === cseq.number) return;
    if (before !== undefined) this.#trouble.push(`${callId}: ${number} was acknowledged twice`);
    else if (!heard.due.has(number)) this.#trouble.push(`${callId}: ${number} was acknowledged out of order`);
    heard.pracks.set(number, cseq.number);
  }

  #hearing(key: string): Heard {
    const heard = this.#heard.get(key) ?? {
      came: new Set(),
      pracks: new Map(),
      last: undefined,
      due: new Map(),
    };
    this.#heard.set(key, heard);
    return heard;
  }
}

function begun(number: number, body: string | undefined): Said {
  return {
    bodies: new Map([[number, body]]),
    acknowledged: new Set(),
    last: number,
    described: body,
    updated: false,
    answered: false,
  };
}

function endOf(host: string, { callId, cseq }: SipMessage): string {
  return `${host} ${callId} ${cseq.number}`;
}

function rseqOf(response: SipResponse): number | undefined {
  const value = response.headers.get('rseq');
  return value === undefined ? undefined : Number(value);
}

function rackOf(prack: SipRequest): number {
  return Number((prack.headers.get('rack') ?? '').split(' ')[0]);
}
