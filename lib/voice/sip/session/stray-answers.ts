import type { SipHeaders, SipReason } from '../api.ts';
import type { SipResponse } from '../codec/message.ts';
import { writeReason } from '../codec/reason.ts';
import { dialogAsCaller, dialogKey, requestInside } from '../dialog/dialog.ts';
import type { TransactionLayer } from '../transaction/layer.ts';
import type { Flow } from '../transport/flow.ts';

/** Answers that are remembered, so that a repeated one gets its ACK and no second BYE. */
const REMEMBERED = 64;

/**
 * A registered party answers an INVITE that nobody here has sent: an earlier process has, and is gone. Without a word the party
 * would wait on dead air for 32 s; it gets its ACK and a BYE (RFC 3261 §13.2.2.4 does so with answers that come too late).
 */
export class StrayAnswers {
  readonly #transactions: Pick<TransactionLayer, 'sendAck' | 'request'>;
  readonly #ended = new Set<string>();

  constructor(transactions: Pick<TransactionLayer, 'sendAck' | 'request'>) {
    this.#transactions = transactions;
  }

  /** `reason`: what the callee is told. */
  end(response: SipResponse, flow: Flow, reason: SipReason | undefined): void {
    const dialog = dialogAsCaller(response, response.to.uri.text);
    const nothing = (): void => undefined;
    this.#transactions.sendAck(requestInside(dialog, 'ACK', [], response.cseq.number).draft, flow);
    const key = dialogKey(response.callId, response.fromTag, response.toTag);
    if (this.#ended.has(key)) return;
    this.#ended.add(key);
    const [oldest] = this.#ended;
    if (this.#ended.size > REMEMBERED && oldest !== undefined) this.#ended.delete(oldest);
    const headers: SipHeaders = reason === undefined ? [] : [['Reason', writeReason(reason)]];
    const { draft } = requestInside(dialog, 'BYE', headers);
    this.#transactions.request(draft, flow, { response: nothing, failed: nothing });
  }
}
