import type { Session, SessionEvent } from '../../lib/voice/sip/api.ts';

/** One party's view of one call. */
export class Side {
  readonly name: string;
  readonly session: Session;
  readonly host: string;
  readonly said: SessionEvent['type'][] = [];
  /** Descriptions of the far end that were shown before the answer. */
  readonly shown = new Set<string>();
  up = false;
  over = false;
  hungUp = false;
  /** Handed over to somebody else, or asked to be: what it talks to now is not what it called. */
  handed = false;
  /** What it says of its sound while it rings. */
  early: string | undefined;
  lastOfferMs = -1_000_000;
  pending = 0;
  /** When it hung up, or heard the end. */
  endMs = 0;

  constructor(name: string, session: Session, host: string) {
    this.name = name;
    this.session = session;
    this.host = host;
  }

  get ends(): number {
    return this.said.filter((type) => type === 'failed' || type === 'cancelled' || type === 'ended').length;
  }
}

/** A call with everybody who rang for it. */
export interface SimCall {
  readonly number: number;
  readonly caller: Side;
  readonly callees: Side[];
  /** Whoever came in place of one of the two. */
  readonly heirs: Side[];
  /** When it is answered, after it began to ring, where all are to answer at once. */
  readonly answerMs: number | undefined;
}

/** Who answered: the party whose dialog the caller is in; before the answer, the first that rang. */
export function calleeOf({ caller, callees }: SimCall): Side | undefined {
  const remote = caller.session.dialogId?.()?.remoteTag;
  return callees.find(({ session }) => session.dialogId?.()?.localTag === remote) ?? callees[0];
}

/** It talks, as far as it knows. */
export function isUp({ up, over, hungUp }: Side): boolean {
  return up && !over && !hungUp;
}

/** What a party says of its sound. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export function describe(host: string, version: number, direction: Direction = 'sendrecv'): string {
  return [
    'v=0',
    `o=- 1 ${version} IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    'm=audio 30000 RTP/AVP 0',
    `a=${direction}`,
    '',
  ].join('\r\n');
}

/** The direction of an answer (RFC 3264 §6.1): whoever is put on hold sends nothing. */
export function answering(offer: string): Direction {
  if (offer.includes('a=sendonly')) return 'recvonly';
  if (offer.includes('a=recvonly')) return 'sendonly';
  return offer.includes('a=inactive') ? 'inactive' : 'sendrecv';
}
