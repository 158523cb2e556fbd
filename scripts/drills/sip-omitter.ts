import { sdpOf } from '../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../lib/voice/sip/codec/parse.ts';

const LINE_END = '\r\n';

/**
 * Makes callees of the other habit that the RFCs leave them: whose reliable response was the answer says nothing of its sound
 * in the 2xx any more (RFC 6337 §3.1.1). Ours repeat it, so a caller that did not keep it would never be found out.
 */
export class Omitter {
  readonly #described = new Set<string>();

  /** A datagram on its way. */
  readonly rewrite = (bytes: Buffer): Buffer => {
    if (!bytes.subarray(0, 8).equals(RESPONSE)) return bytes;
    const parsed = parseMessage(bytes);
    if (parsed.kind !== 'ok' || parsed.message.kind !== 'response') return bytes;
    const { message } = parsed;
    const { callId, fromTag, toTag, cseq, status } = message;
    if (cseq.method !== 'INVITE' || sdpOf(message) === undefined) return bytes;
    const dialog = `${callId} ${cseq.number} ${fromTag} ${toTag}`;
    if (status < 200 && message.headers.get('rseq') !== undefined) this.#described.add(dialog);
    return status >= 200 && this.#described.has(dialog) ? withoutBody(bytes) : bytes;
  };
}

const RESPONSE = Buffer.from('SIP/2.0 ');

function withoutBody(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const lines = text.slice(0, text.indexOf(LINE_END + LINE_END)).split(LINE_END);
  const kept = lines.filter((line) => !/^Content-(Type|Length):/i.test(line));
  return Buffer.from([...kept, 'Content-Length: 0', '', ''].join(LINE_END), 'latin1');
}
