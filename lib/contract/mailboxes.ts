import { z } from 'zod';

/** Most mailboxes of one message: every line and every desk phone of a box. */
const MAILBOXES_LIMIT = 40;
/** Longest message that is read. */
export const MAILBOXES_LIMIT_BYTES = 8_192;

/**
 * cloud → gateway on `mailboxes`, retained: how many messages wait for the IDs of a box, all of them at once. An ID that is not
 * named has no mailbox or no message. The box shows it on its desk phones (RFC 3842); whoever has no messages is named with
 * zeros or left out.
 */
export const mailboxes = z.strictObject({
  v: z.literal(1),
  /** When the cloud wrote it, epoch ms. */
  at: z.int().min(0).max(8.64e15),
  mailboxes: z
    .array(
      z.strictObject({
        serviceId: z.string().regex(/^id-[0-9]{6}-[0-9]{1,3}$/),
        /** Not heard yet. */
        fresh: z.int().min(0).max(9_999),
        /** Heard and kept. */
        old: z.int().min(0).max(9_999),
      }),
    )
    .max(MAILBOXES_LIMIT),
});
export type Mailboxes = z.infer<typeof mailboxes>;

/** What came on `mailboxes`, or undefined when it is not that. Takes any bytes and never throws. */
export function parseMailboxes(bytes: Uint8Array): Mailboxes | undefined {
  if (bytes.length > MAILBOXES_LIMIT_BYTES) return undefined;
  try {
    const parsed = mailboxes.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
