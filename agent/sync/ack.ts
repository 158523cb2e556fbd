import { recordAck } from '../../lib/contract/facts.ts';

/** Longest acknowledgement that is read: 50 ids of 60 characters and room for JSON. */
export const ACK_LIMIT_BYTES = 8_192;

/** The ids in what came on `down/ack`, or undefined when it is not an acknowledgement. Never throws. */
export function parseAck(bytes: Uint8Array): readonly string[] | undefined {
  if (bytes.length > ACK_LIMIT_BYTES) return undefined;
  try {
    const parsed = recordAck.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? parsed.data.ids : undefined;
  } catch {
    return undefined;
  }
}
