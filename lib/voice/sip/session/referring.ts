import type { Timer } from '../../../base/clock.ts';
import type { ReferOptions, SipHeaders } from '../api.ts';
import { CODE, parseUint, splitLws } from '../codec/text.ts';
import { writeReferTo } from '../dialog/replaces.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { DialogLink } from './link.ts';

/** Referrals of ours in one dialog that are not over. */
const LIMIT = 8;
/** Without another word of the peer for this long, a referral is over. */
const SILENCE_MS = 180_000;

interface Referral {
  /** Number of the REFER's CSeq: the id of its subscription. */
  id: number;
  readonly tell: (status: number, final: boolean) => void;
  timer: Timer | undefined;
}

/** REFERs that we send inside one dialog (RFC 3515, RFC 3891, RFC 3892). */
export class Referring {
  readonly #link: DialogLink;
  readonly #referrals = new Set<Referral>();

  constructor(link: DialogLink) {
    this.#link = link;
  }

  send({ to, referredBy, onProgress }: ReferOptions): void {
    const target = writeReferTo(to);
    if (target === undefined || this.#referrals.size >= LIMIT) {
      onProgress(target === undefined ? 481 : 486, true);
      return;
    }
    const referral: Referral = { id: 0, tell: onProgress, timer: undefined };
    this.#referrals.add(referral);
    const headers: SipHeaders = [
      ['Refer-To', target],
      ...(referredBy === undefined ? [] : [['Referred-By', `<${referredBy}>`] as const]),
    ];
    this.#link.request(
      'REFER',
      { headers, contact: true },
      {
        done: (status, response) => {
          if (status >= 300) {
            this.#end(referral, status);
            return;
          }
          referral.id = response?.cseq.number ?? 0;
          // The peer has agreed to keep it to itself (RFC 4488): there is nothing more to wait for.
          const quiet = response?.headers.get('refer-sub')?.trim().toLowerCase() === 'false';
          if (quiet) this.#end(referral, status);
          else if (this.#referrals.has(referral)) {
            referral.tell(status, false);
            this.#wait(referral);
          }
        },
      },
    );
  }

  /** A NOTIFY inside the dialog. True when it tells of a referral of ours. */
  notified(transaction: ServerTransaction): boolean {
    const { headers, body } = transaction.request;
    const [event, ...params] = (headers.get('event') ?? '').split(';');
    if (event?.trim().toLowerCase() !== 'refer') return false;
    const id = params.map((one) => one.trim()).find((one) => one.startsWith('id='));
    const referral = this.#find(id === undefined ? undefined : Number(id.slice(3)));
    if (referral === undefined) return false;
    this.#link.reply(transaction, 200);
    const status = statusOf(body);
    const over = headers.get('subscription-state')?.trim().toLowerCase().startsWith('terminated') === true;
    if (over || (status !== undefined && status >= 200)) this.#end(referral, status ?? 408);
    else if (status !== undefined) {
      referral.tell(status, false);
      this.#wait(referral);
    }
    return true;
  }

  /** The dialog is over: nothing more will be heard. */
  stop(): void {
    for (const referral of [...this.#referrals]) this.#end(referral, 481);
  }

  /** By its id; a NOTIFY that comes before the 202, or has no id, belongs to the one that is open. */
  #find(id: number | undefined): Referral | undefined {
    const all = [...this.#referrals];
    const named = all.find((one) => one.id !== 0 && one.id === id);
    return named ?? all.find((one) => id === undefined || one.id === 0);
  }

  #wait(referral: Referral): void {
    referral.timer?.cancel();
    referral.timer = this.#link.core.clock.after(SILENCE_MS, 'SIP refer', () => this.#end(referral, 408));
  }

  #end(referral: Referral, status: number): void {
    if (!this.#referrals.delete(referral)) return;
    referral.timer?.cancel();
    referral.tell(status, true);
  }
}

/** `SIP/2.0 180 Ringing` (RFC 3420); undefined when it is nothing of the kind. */
function statusOf(body: Buffer): number | undefined {
  const text = body.subarray(0, 200).toString('latin1');
  let end = 0;
  while (end < text.length && text.charCodeAt(end) !== CODE.cr && text.charCodeAt(end) !== CODE.lf) end++;
  const [version, status] = splitLws(text.slice(0, end));
  const code = parseUint(status ?? '', 699);
  return version?.toUpperCase() === 'SIP/2.0' && code !== undefined && code >= 100 ? code : undefined;
}
