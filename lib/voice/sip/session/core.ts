import { isIP } from 'node:net';
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/log.ts';
import type { Random } from '../../../base/random.ts';
import type {
  IncomingRefer,
  ReliableHabit,
  Session,
  SessionTimerHabit,
  SipAddress,
  SipCounters,
} from '../api.ts';
import type { SipRequest, SipResponse } from '../codec/message.ts';
import { CLASS, runEnd } from '../codec/text.ts';
import type { Dialog } from '../dialog/dialog.ts';
import type { TransactionLayer } from '../transaction/layer.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { Flow } from '../transport/flow.ts';
import type { LastByes } from './last-byes.ts';

/** Who is at the other end: an account, wherever it is registered at the moment, or an address. */
export type Peer =
  | { readonly kind: 'account'; readonly user: string; readonly last: Flow | undefined }
  | {
      readonly kind: 'address';
      readonly address: SipAddress;
      /** What it calls its own address is not where it was heard: a translator is between. It is reached where it was heard. */
      readonly translated?: boolean;
    };

/** Where the request of a peer came from, and whether the peer knows that itself (RFC 3581). */
export function peerOf({ request, flow }: ServerTransaction): Peer {
  const { remote } = flow;
  const direct = request.vias.length === 1 && request.headers.get('record-route') === undefined;
  const translated = direct && isIP(request.vias[0].host) !== 0 && request.vias[0].host !== remote.host;
  return { kind: 'address', address: remote, ...(translated ? { translated } : {}) };
}

/** Something that takes the requests inside one dialog. */
export interface DialogUsage {
  receive(transaction: ServerTransaction): void;
  acknowledge(request: SipRequest): void;
  /** The call that this dialog belongs to, and how far it is; undefined where it is none. */
  standing?(): { readonly session: Session; readonly at: 'calling' | 'called' | 'up' } | undefined;
}

/** What calls need from the user agent that keeps them. */
export interface SessionCore {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly product: string;
  readonly transactions: TransactionLayer;
  /** Methods that we take, for Allow. */
  readonly allow: string;
  /** Extensions that we have, for Supported; empty when none. */
  readonly supported: string;
  readonly sessionTimer: Required<SessionTimerHabit> | undefined;
  readonly reliable: ReliableHabit;
  readonly counters: SipCounters;
  readonly lastByes: LastByes;
  /** Who takes a REFER inside a call; nobody where it is undefined. */
  readonly onRefer: ((refer: IncomingRefer) => void) | undefined;
  /** The flow towards a peer; inside a dialog over UDP its route set and remote target decide. */
  flowFor(peer: Peer, dialog?: Dialog): Flow | undefined;
  addDialog(key: string, usage: DialogUsage): void;
  removeDialog(key: string, usage: DialogUsage): void;
  /** A call is over and needs no more room. */
  released(call: object): void;
  /** A callee answers when the call is over: ACK and BYE (RFC 3261 §13.2.2.4). */
  endLate(answer: SipResponse, flow: Flow): void;
}

/** Methods that a user agent of ours takes. Nothing is claimed that is not done end to end. */
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS, NOTIFY';

/** `<sip:user@host:port;transport=tls>` for a flow. */
export function contactFor(flow: Flow, user: string): string {
  const transport = flow.transport === 'udp' ? '' : `;transport=${flow.transport}`;
  return `<sip:${safeUser(user)}@${flow.sentBy}${transport}>`;
}

/** A user part for our own Contact: it only has to come back, so anything that needs escaping is left out. */
function safeUser(user: string): string {
  if (user.length > 0 && user.length <= 64 && runEnd(user, 0, CLASS.plain) === user.length) return user;
  let out = '';
  for (const char of user.slice(0, 64)) if (runEnd(char, 0, CLASS.plain) === char.length) out += char;
  return out === '' ? 'engawa' : out;
}
