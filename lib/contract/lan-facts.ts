import { z } from 'zod';

const epochMs = z.int().min(0).max(8.64e15);
const count = z.int().min(0);
const mac = z.string().regex(/^[0-9a-f]{12}$/);
const shortText = z.string().max(80);
const sentence = z.string().max(300);

/** Most phones, other DHCP servers and warnings that one report names. */
export const LAN_REPORT_LIMITS = { phones: 64, servers: 8, warnings: 32 } as const;

/** Where a phone stands on its way into the office, as the box judges it. */
export const phoneStates = [
  /** Heard, and no phone that can be set up. */
  'unknown',
  /** A phone that no configuration names. */
  'unassigned',
  /** Configured, and never approved: it is given nothing. */
  'waiting',
  /** Its window is open, or it has its password and has not registered yet. */
  'approved',
  'registered',
  /** Its configuration has changed since it fetched it. */
  'stale',
] as const;
export const phoneState = z.enum(phoneStates);
export type PhoneState = z.infer<typeof phoneState>;

/** One phone of the LAN, or a device that looks like one. No password and no key is in it. */
export const phoneFact = z.strictObject({
  mac,
  state: phoneState,
  vendor: z.enum(['grandstream', 'panasonic']).nullable(),
  /** As the phone says it, which may be another one than was ordered. */
  model: shortText.nullable(),
  firmware: shortText.nullable(),
  address: z.ipv4().nullable(),
  /** Registered at the box now. */
  registered: z.boolean(),
  /** When it was given its password last; null until the first time. */
  setUpAt: epochMs.nullable(),
  /** When the window of its approval closes; null while none is open. */
  windowUntil: epochMs.nullable(),
  /** The last file it asked for. */
  lastFetch: z
    .strictObject({
      file: shortText,
      /** SHA-256, hex, of what the file says without its secrets; null when it was refused. */
      hash: z.string().max(64).nullable(),
      at: epochMs,
      /** Why it got nothing: the rule's name and a sentence. */
      refused: z.strictObject({ rule: shortText, say: sentence }).nullable(),
    })
    .nullable(),
});
export type PhoneFact = z.infer<typeof phoneFact>;

/**
 * gateway → cloud on `up/lan`, retained: the customer's LAN as the box sees it now. Whole each time; a later one takes the place
 * of an earlier one. Sent when it has changed, at most once in {@link LAN_REPORT_EVERY_MS}, and after every connection.
 * Moments that pass by themselves (when a server was heard last) are no change.
 */
export const lanReport = z.strictObject({
  v: z.literal(1),
  /** The box's wall clock. */
  at: epochMs,
  phones: z.array(phoneFact).max(LAN_REPORT_LIMITS.phones),
  /** Devices that were heard beyond those: phones of the configuration are named first. */
  omitted: count,
  dhcp: z
    .strictObject({
      mode: z.enum(['off', 'detect', 'optionOnly', 'phonesOnly', 'serve']),
      /** `mute`, `optionsOnly`, `looking`, `phonesOnly`, `serving` or `steppedDown`. */
      standing: shortText,
      /** Addresses that are in use by us. */
      bound: count,
      /** Other DHCP servers on the LAN. */
      foreign: z
        .array(
          z.strictObject({
            address: z.ipv4(),
            firstHeardAt: epochMs,
            lastHeardAt: epochMs,
            router: z.ipv4().nullable(),
            leaseS: count.nullable(),
          }),
        )
        .max(LAN_REPORT_LIMITS.servers),
    })
    .nullable(),
  /** What is wrong on the LAN now, by the box's own codes: `W-LAN-801`. */
  warnings: z
    .array(
      z.strictObject({
        code: z.string().regex(/^W-[A-Z]{2,8}-[0-9]{3}$/),
        severity: z.enum(['error', 'warning', 'info']),
        say: sentence,
        since: epochMs,
      }),
    )
    .max(LAN_REPORT_LIMITS.warnings),
});
export type LanReport = z.infer<typeof lanReport>;

/** A box sends no two reports of its LAN closer together than this. */
export const LAN_REPORT_EVERY_MS = 2_000;
