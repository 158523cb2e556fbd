import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { ok, type Result } from '../base/errors.ts';
import type { GatewayId } from '../base/ids.ts';
import { openSealed, seal } from './sealed.ts';

const epochMs = z.int().min(0).max(8.64e15);
const minuteOfDay = z.int().min(0).max(1_439);

/** Longest message of either direction that is read. */
export const UPDATE_LIMIT_BYTES = 8_192;
/** Largest bundle: what fits into `data` beside everything else. */
export const BUNDLE_LIMIT_BYTES = 320 * 1024 * 1024;

/** Version of a system: three numbers, and a word for what is no release. Compared number by number. */
export const systemVersion = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})(-[0-9A-Za-z.]{1,30})?$/);

/** A signed bundle of the service, as it can be fetched. */
export const release = z.strictObject({
  version: systemVersion,
  /** The kind of box that it is for: `engawa-virt-arm64`. The bundle itself says so once more, under its own signature. */
  compatible: z.string().regex(/^[a-z0-9-]{1,60}$/),
  sizeBytes: z.int().min(1).max(BUNDLE_LIMIT_BYTES),
  /** Lower-case hex digest of the whole file. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Path at the service's enrolment and download desk (TLS, the gateway's own certificate): `/v1/releases/1.2.3/bundle`. */
  path: z.string().regex(/^\/v1\/releases\/[0-9A-Za-z./-]{1,120}$/),
});
export type Release = Readonly<z.infer<typeof release>>;

/** When a box may restart, in local time (Asia/Tokyo). `from` after `to` goes over midnight; equal is the whole day. */
export const restartWindow = z.strictObject({ fromMinute: minuteOfDay, toMinute: minuteOfDay });
export type RestartWindow = Readonly<z.infer<typeof restartWindow>>;

/** The order, without its seal: boxes keep the last one. */
export const updateOrder = z.strictObject({
  v: z.literal(1),
  gateway: z.string().regex(/^gw-[0-9]{6}$/),
  /** Grows with every order for this gateway: an older one that comes again is not carried out. */
  serial: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  issuedAt: epochMs,
  /** The rollout that it belongs to, as operators call it. */
  rollout: z.string().regex(/^[0-9A-Za-z._-]{1,60}$/),
  /**
   * `install`: fetch, install, and restart in the window. `hold`: begin nothing that has not begun: the rollout is paused, was
   * given up, or has not come to this box yet. What is being installed is finished and then not restarted into.
   */
  action: z.enum(['install', 'hold']),
  release,
  /** null: at any time without a call. */
  window: restartWindow.nullable(),
  /** An operator's explicit word that a version below the running one is wanted. */
  allowOlder: z.boolean(),
});
/** cloud → gateway on `down/update`, retained and sealed: which system the box is to run. */
export type UpdateOrder = Readonly<z.infer<typeof updateOrder>>;

/** Why an update stands still; it goes on by itself when the reason has gone. */
export const updateWaits = [
  /** A call is up, or a fax, or a phone is off the hook. */
  'call',
  /** Outside the window. */
  'window',
  /** The box does not know the time, and so not whether the window is open. */
  'clock',
  /** The running slot is not confirmed yet. */
  'unconfirmed',
  /** No room on `data`. */
  'space',
  /** The service is not reached. */
  'network',
  /** The cloud's order is to wait. */
  'held',
] as const;
export type UpdateWait = (typeof updateWaits)[number];

const reason = z.strictObject({ code: z.string().max(60), say: z.string().max(400) });

/** Where an update has come to. */
export const updateState = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('idle') }),
  z.strictObject({ at: z.literal('downloading'), bytes: z.int().min(0), sizeBytes: z.int().min(0) }),
  z.strictObject({ at: z.literal('waiting'), for: z.enum(updateWaits) }),
  z.strictObject({ at: z.literal('installing'), percent: z.int().min(0).max(100) }),
  z.strictObject({ at: z.literal('restarting') }),
  z.strictObject({ at: z.literal('probation'), sinceMs: epochMs }),
  z.strictObject({ at: z.literal('done') }),
  /** Never tried: the bundle was refused. The same order is not tried again. */
  z.strictObject({ at: z.literal('failed'), reason }),
  /** Ran, was worse than before, and the box went back. The same version is not tried again for the same rollout. */
  z.strictObject({ at: z.literal('rolledBack'), reason }),
]);
export type UpdateState = Readonly<z.infer<typeof updateState>>;

/** gateway → cloud on `up/update`, retained: which system runs, and what became of the last order. */
export const updateReport = z.strictObject({
  v: z.literal(1),
  at: epochMs,
  compatible: z.string().max(60),
  running: z.strictObject({
    slot: z.enum(['a', 'b']),
    version: systemVersion,
    /** Marked good: it starts again after a power cut. */
    confirmed: z.boolean(),
  }),
  /** What lies in the other slot; null when it is not known or cannot be started. */
  other: z.strictObject({ version: systemVersion, startable: z.boolean() }).nullable(),
  /** Null when nothing was ordered yet, or somebody installs from a file. */
  rollout: z.string().max(60).nullable(),
  serial: z.int().min(1).nullable(),
  /** The version that `state` is about; null while idle. */
  version: systemVersion.nullable(),
  state: updateState,
});
export type UpdateReport = Readonly<z.infer<typeof updateReport>>;

/** What the cloud publishes on `down/update`. Throws on an order that no box would take: a fault of the caller. */
export function sealUpdateOrder(update: UpdateOrder, privateKey: KeyObject): Buffer {
  return seal('update', JSON.stringify(updateOrder.parse(update)), privateKey);
}

/** Opens what came on `down/update`. Takes any bytes and never throws. */
export function openUpdateOrder(
  bytes: Uint8Array,
  options: { readonly gateway: GatewayId; readonly publicKey: KeyObject },
): Result<UpdateOrder> {
  const opened = openSealed('update', bytes, {
    publicKey: options.publicKey,
    limitBytes: UPDATE_LIMIT_BYTES,
  });
  if (!opened.ok) return opened;
  const parsed = updateOrder.safeParse(opened.value);
  if (!parsed.success) {
    const say = 'This box does not know that kind of update order.';
    return { ok: false, error: { code: 'update.unknown', fault: 'peer', say } };
  }
  if (parsed.data.gateway !== options.gateway) {
    const say = `The update is for ${parsed.data.gateway}, this is ${options.gateway}.`;
    return { ok: false, error: { code: 'update.otherGateway', fault: 'peer', say } };
  }
  return ok(parsed.data);
}

/** What came on `up/update`, or undefined when it is not that. Takes any bytes and never throws. */
export function parseUpdateReport(bytes: Uint8Array): UpdateReport | undefined {
  if (bytes.length > UPDATE_LIMIT_BYTES) return undefined;
  try {
    const parsed = updateReport.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Pure: below zero when `a` is older than `b`, zero when equal. A version with a word is older than the one without (SemVer 11). */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let at = 0; at < 3; at += 1) {
    const difference = (left.numbers[at] ?? 0) - (right.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.word === right.word) return 0;
  if (left.word === undefined) return 1;
  if (right.word === undefined) return -1;
  return left.word < right.word ? -1 : 1;
}

function partsOf(version: string): {
  readonly numbers: readonly number[];
  readonly word: string | undefined;
} {
  const [numbers = '', ...words] = version.split('-');
  return {
    numbers: numbers.split('.').map(Number),
    word: words.length === 0 ? undefined : words.join('-'),
  };
}
