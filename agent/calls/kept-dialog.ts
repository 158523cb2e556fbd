import { z } from 'zod';
import type { DialogSnapshot } from '../../lib/voice/sip/api.ts';

/** An earlier run may have sent requests that its journal knows nothing of. */
const SEQUENCE_GAP = 50;

/** A place that SIP is sent to, as it is kept on disk. */
export const keptAddress = z.strictObject({
  transport: z.enum(['udp', 'tcp', 'tls']),
  host: z.string().max(253),
  port: z.int().min(1).max(65_535),
  srv: z.boolean().optional(),
});

/** A dialog as the SIP room wrote it, for a later run; what a newer one adds is kept. */
export const keptDialog = z.looseObject({
  callId: z.string(),
  localTag: z.string(),
  remoteTag: z.string(),
  localUri: z.string(),
  remoteUri: z.string(),
  remoteTarget: z.string(),
  routeSet: z.array(z.string()),
  localSequence: z.number(),
  remoteSequence: z.number(),
  via: keptAddress,
  localSdp: z.string().optional(),
  remoteSdp: z.string().optional(),
});

/**
 * The dialog as it may have gone on since it was written down: a request with a number that was used already is refused (RFC 3261
 * §12.2.2), and a BYE that is refused leaves the far end in the call.
 */
export function asLater(dialog: DialogSnapshot): DialogSnapshot {
  return { ...dialog, localSequence: dialog.localSequence + SEQUENCE_GAP };
}
