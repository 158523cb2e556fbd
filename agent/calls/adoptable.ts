import { z } from 'zod';
import type { DialogSnapshot } from '../../lib/voice/sip/api.ts';
import { isSrtpSuite } from '../../lib/voice/srtp/suites.ts';
import type { FaxState } from '../fax/index.ts';
import { keptDialog } from './kept-dialog.ts';
import type { Adoptable, Leg } from './model.ts';

const remote = z.strictObject({
  host: z.string(),
  port: z.int(),
  payloadType: z.int(),
  dtmfPayloadType: z.int().nullable(),
  srtp: z
    .strictObject({ suite: z.string().refine(isSrtpSuite), local: z.string(), remote: z.string() })
    .optional(),
  rtcpMux: z.literal(true).optional(),
  rtcp: z.strictObject({ host: z.string(), port: z.int() }).optional(),
  ptimeMs: z.int().optional(),
  comfortNoise: z.literal(true).optional(),
});

const adoptable = z.strictObject({
  v: z.literal(1),
  leg: z.string().min(1).max(100),
  peerPort: z.int().nullable(),
  localPort: z.int().nullable(),
  remote: remote.nullable(),
  dialog: keptDialog.nullable(),
  port: z.int().optional(),
  free: z.boolean().optional(),
  held: z.boolean().optional(),
  emergency: z.boolean().optional(),
  fax: z.unknown().optional(),
});

/** What the journal keeps of a leg: what usually is so is left out. */
export function adoptableOf(
  leg: Pick<
    Leg,
    'id' | 'port' | 'account' | 'peerPort' | 'localPort' | 'remote' | 'free' | 'held' | 'emergency'
  >,
  dialog: DialogSnapshot | null,
  fax?: FaxState,
): Adoptable {
  const { id, port, account, peerPort, localPort, remote, free, held, emergency } = leg;
  return {
    ...{ v: 1, leg: id, peerPort, localPort, remote, dialog },
    ...(port === account ? {} : { port }),
    ...(free ? { free } : {}),
    ...(held ? { held } : {}),
    ...(emergency ? { emergency } : {}),
    ...(fax === undefined || fax.at === 'off' ? {} : { fax }),
  };
}

/** What the journal kept of a leg, or undefined when it is not what this version writes. */
export function parseAdoptable(kept: unknown): Adoptable | undefined {
  const parsed = adoptable.safeParse(kept);
  if (!parsed.success) return undefined;
  const { dialog: found, port, free, held, emergency, ...others } = parsed.data;
  const rest = {
    ...others,
    ...(port === undefined ? {} : { port }),
    ...(free === undefined ? {} : { free }),
    ...(held === undefined ? {} : { held }),
    ...(emergency === undefined ? {} : { emergency }),
  };
  if (found === null) return { ...rest, dialog: null };
  return { ...rest, dialog: { ...found, localSdp: found.localSdp, remoteSdp: found.remoteSdp } };
}
