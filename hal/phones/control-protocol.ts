import { z } from 'zod';

/** Longest wait of one request. */
const WAIT_LIMIT_MS = 600_000;
const HEAR_LIMIT_MS = 60_000;
/** Level of a voice when none is named. */
const VOICE_DBM0 = -15;

const id = z.unknown().optional();
/** A call by its name; left out: the one that the person has at the ear. */
const call = z.string().max(40).optional();
const to = z.string().regex(/^[0-9A-Za-z*#+._-]{1,64}$/);

/** What can be waited for. */
const WAITS = [
  'addressed',
  'fetched',
  'registered',
  'unregistered',
  'ringing',
  'ringback',
  'talking',
  'held',
  'heldByOther',
  'idle',
  'messageWaiting',
  'noMessage',
  'lamp',
  'noLink',
] as const;

/**
 * One request on a phone's control socket: `{id, op, …}`, answered by `{id, ok:true, value}` or `{id, ok:false, code, say}`.
 * Times in ms, levels in dBm0, keys from 1, accounts from 1.
 */
export const phoneRequest = z.discriminatedUnion('op', [
  z.object({ id, op: z.literal('state') }),
  /** Handset up: takes the call that rings, else waits for digits. */
  z.object({ id, op: z.literal('lift') }),
  /** Value: `{call}`. `account` left out: the first that is registered. */
  z.object({ id, op: z.literal('dial'), to, account: z.number().int().min(1).max(16).optional() }),
  z.object({ id, op: z.literal('answer'), call }),
  /** 486 to a call that rings. */
  z.object({ id, op: z.literal('reject'), call }),
  z.object({ id, op: z.literal('hangUp'), call }),
  z.object({ id, op: z.literal('hold'), call }),
  z.object({ id, op: z.literal('resume'), call }),
  /** Blind. Value, when the far end has said: `{status}` of the last NOTIFY or of the refusal. */
  z.object({ id, op: z.literal('transfer'), to, call }),
  /** Puts the call on hold and calls `to`: value `{call}`; `complete` then joins the two and leaves. */
  z.object({ id, op: z.literal('attend'), to, call }),
  z.object({ id, op: z.literal('complete') }),
  /** Presses a programmed key; value: `{did}`: `dialled`, `pickedUp`, `parked`, `transferred`, `line`, `nothing`; with `call` or `status`. */
  z.object({ id, op: z.literal('key'), n: z.number().int().min(1).max(200) }),
  /** The message key: calls the mailbox. */
  z.object({ id, op: z.literal('messages') }),
  z.object({
    id,
    op: z.literal('speak'),
    hz: z.number().min(50).max(3_900).nullable(),
    levelDbm0: z.number().min(-60).max(3).default(VOICE_DBM0),
  }),
  /** Value, after `ms`: `levelDbm0`, `tones`, `windows` as with the simulated board. */
  z.object({ id, op: z.literal('hear'), ms: z.number().int().min(100).max(HEAR_LIMIT_MS) }),
  z.object({ id, op: z.literal('dtmf'), digits: z.string().regex(/^[0-9*#A-D]{1,64}$/) }),
  /** What the other side pressed, newest last. */
  z.object({ id, op: z.literal('heardDigits') }),
  /** Entries of the phone book whose name or number contains the text. */
  z.object({ id, op: z.literal('phoneBook'), find: z.string().max(64).default('') }),
  /** As if somebody pulled the power plug out and put it back. */
  z.object({ id, op: z.literal('reboot') }),
  /** Forgets everything, and starts. */
  z.object({ id, op: z.literal('factoryReset') }),
  z.object({
    id,
    op: z.literal('wait'),
    until: z.enum(WAITS),
    /** With `lamp`: which key, and what it is to show. */
    key: z.number().int().min(1).max(200).optional(),
    lamp: z.enum(['off', 'green', 'red', 'blinkingGreen', 'blinkingRed']).optional(),
    timeoutMs: z.number().int().min(0).max(WAIT_LIMIT_MS).default(10_000),
  }),
]);

export type PhoneRequest = z.infer<typeof phoneRequest>;
export type WaitRequest = Extract<PhoneRequest, { op: 'wait' }>;

/** What everybody who is connected is told. */
export type PhoneEvent =
  | { readonly event: 'stage'; readonly stage: string }
  | { readonly event: 'addressed'; readonly address: string }
  | { readonly event: 'fetched'; readonly url: string; readonly status: number; readonly taken: boolean }
  | { readonly event: 'applied'; readonly changed: number }
  | { readonly event: 'registered' | 'unregistered'; readonly account: number; readonly status: number }
  | {
      readonly event: 'ringing' | 'ringback' | 'talking' | 'held' | 'dialling' | 'ended';
      readonly call: string;
      readonly number: string;
      readonly name: string;
    }
  | { readonly event: 'lamp'; readonly key: number; readonly lamp: string }
  | { readonly event: 'messages'; readonly waiting: boolean }
  | { readonly event: 'checkSync'; readonly reboot: boolean; readonly status: number }
  | { readonly event: 'ring'; readonly ring: string };
