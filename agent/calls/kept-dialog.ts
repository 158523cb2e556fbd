import { z } from 'zod';

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
