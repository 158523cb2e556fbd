import { z } from 'zod';
import { boxCommand } from '../../lib/contract/command.ts';
import { callManner, callMedia, callOrigin, moment, officeFileSchema, serviceId } from '../offices/index.ts';

export { rolloutRequest } from '../rollout/index.ts';

const talkMs = z
  .int()
  .min(0)
  .max(604_800_000)
  .optional()
  .describe('Also says what a call of this length would cost');
const at = moment.optional().describe('When; absent: now');
const dialString = z.string().regex(/^[0-9*#]{1,40}$/, 'digits, * and #');
const name = z.string().regex(/^[A-Za-z0-9._-]{1,80}$/, 'letters, digits, dots and dashes');
const reason = z.string().min(1).max(500);

/** A question about a call that nobody makes. */
export const explainRequest = z.discriminatedUnion('direction', [
  z.strictObject({
    direction: z.literal('out'),
    id: serviceId,
    dialled: dialString,
    manner: callManner.optional().describe('Absent: an ordinary call of an up-to-date client in Japan'),
    talkMs,
    at,
  }),
  z.strictObject({
    direction: z.literal('in'),
    from: z.string().regex(/^[0-9]{0,40}$/, 'digits alone, or nothing'),
    withheld: z.boolean(),
    to: dialString,
    origin: callOrigin.optional().describe('What the network says of the caller, shown or not'),
    media: callMedia.optional(),
    talkMs,
    at,
  }),
]);

/** What a gateway is to do at once. */
export const commandRequest = boxCommand;

/** Why a gateway is to be known no more. */
export const revocationRequest = z.strictObject({ why: reason });

/** A bundle to take in, and what the operator says of it: needed where `rauc` is not installed. */
export const releaseRequest = z.strictObject({
  file: z.string().min(1).max(4_096).describe('Whole path on the machine of the service'),
  version: z.string().max(60).optional(),
  compatible: z.string().max(60).optional(),
});

/** Why a rollout is paused, goes on, or is given up. */
export const rolloutChangeRequest = z.strictObject({ why: z.string().max(200).optional() });

/** Orders to a contract: an office file. */
export const ordersRequest = officeFileSchema;

/** An order to rate a period again; `order` names it, so that it counts once. */
export const rerateRequest = z.strictObject({ order: name, reason });

/** Money to give back of an invoice; `order` names the decision, so that it counts once. */
export const creditRequest = z.strictObject({
  order: name,
  invoice: z.string().regex(/^E-[0-9]{8}$/, 'an invoice number, such as E-00000001'),
  reason,
  lines: z
    .array(
      z.strictObject({
        say: z.string().min(1).max(200),
        amountYen: z.int().min(1).max(1_000_000_000).describe('Without tax, positive'),
        taxPercent: z.int().min(0).max(100),
      }),
    )
    .min(1)
    .max(100),
});

/** A decision about a record that is not believed; `order` names it, so that it counts once. */
export const doubtfulRequest = z.discriminatedUnion('do', [
  z.strictObject({ order: name, reason, do: z.literal('void') }),
  z.strictObject({
    order: name,
    reason,
    do: z.literal('release'),
    correct: z.record(z.string().max(80), z.unknown()).optional(),
  }),
]);
