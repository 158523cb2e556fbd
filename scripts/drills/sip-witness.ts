import type { SipMessage } from '../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../lib/voice/sip/codec/parse.ts';
import { AckRule, ByeRule, CancelRule, SequenceRule } from './sip-rules.ts';
import { OfferRule } from './sip-rules-offer.ts';
import { ReliableRule } from './sip-rules-reliable.ts';

/** One rule of the RFCs, held against what each party sends after what has come to it. */
export interface WireRule {
  /** `host` sends; also what gets lost on its way. */
  sent(message: SipMessage, host: string, nowMs: number): void;
  /** It has arrived at `host`, which has not acted on it yet. */
  came(message: SipMessage, host: string, nowMs: number): void;
  /** What was against the rule, in words. */
  trouble(): readonly string[];
}

/** RFC 3261 §17.1.1.2. */
const TIMER_B_MS = 32_000;

function inviteOf({ callId, cseq }: SipMessage, host: string): string {
  return `${host} ${callId} ${cseq.method} ${cseq.number}`;
}

/**
 * Watches the wire of a simulated network. It knows nothing of the code that it judges: only what each party has got, and
 * what the RFCs let it say then.
 */
export class Witness {
  readonly #rules: readonly WireRule[];
  readonly #reliable = new ReliableRule();
  /** Hosts that pass messages on, and are no party of a dialog. */
  readonly #passers = new Set<string>();
  readonly #invites = new Map<string, { readonly sentMs: number; heard: boolean }>();
  /** Calls whose INVITE had been given up when its first answer came: nobody is there any more to say anything. */
  readonly #unheard = new Set<string>();
  #malformed = 0;

  constructor() {
    this.#rules = [
      new AckRule(),
      new ByeRule(),
      new CancelRule(),
      new SequenceRule(),
      new OfferRule(),
      this.#reliable,
    ];
  }

  /** What this host sends and gets is not looked at. */
  passOver(host: string): void {
    this.#passers.add(host);
  }

  sent(bytes: Buffer, host: string, nowMs: number): void {
    if (this.#passers.has(host)) return;
    const message = this.#read(bytes);
    if (message === undefined) return;
    const invite = inviteOf(message, host);
    if (message.kind === 'request' && !this.#invites.has(invite)) {
      this.#invites.set(invite, { sentMs: nowMs, heard: false });
    }
    for (const rule of this.#rules) rule.sent(message, host, nowMs);
  }

  came(bytes: Buffer, host: string, nowMs: number): void {
    if (this.#passers.has(host)) return;
    const message = this.#read(bytes);
    if (message === undefined) return;
    const invite = this.#invites.get(inviteOf(message, host));
    if (message.kind === 'response' && invite !== undefined) {
      if (!invite.heard && nowMs - invite.sentMs >= TIMER_B_MS) this.#unheard.add(message.callId);
      invite.heard = true;
    }
    for (const rule of this.#rules) rule.came(message, host, nowMs);
  }

  /** Descriptions that the caller of a call has got reliably, before the end of its INVITE. */
  promised(callId: string): readonly string[] {
    return this.#reliable.promised(callId);
  }

  trouble(): string[] {
    const malformed = this.#malformed === 0 ? [] : [`${this.#malformed} malformed messages`];
    const all = this.#rules.flatMap((rule) => rule.trouble());
    const excused = [...this.#unheard];
    return [...malformed, ...all.filter((one) => !excused.some((callId) => one.includes(callId)))];
  }

  #read(bytes: Buffer): SipMessage | undefined {
    const result = parseMessage(bytes);
    if (result.kind === 'ok') return result.message;
    this.#malformed++;
    return undefined;
  }
}
