import { z } from 'zod';
import { text } from './parts.ts';

export const callMedia = z.enum(['voice', 'video', 'highQualityAudio', 'dataConnect']);

/** What the network says of a caller, whether the number is shown or not. */
export const callOrigin = z.strictObject({
  callerClass: z.enum(['fixed', 'mobile', 'ip050', 'payphone', 'international', 'satellite']).optional(),
  chargeArea: text.optional(),
  prefecture: text.optional(),
});

/** How a device makes a call. [S3-007] [S3-014] [S3-020] */
export const callManner = z.strictObject({
  mode: z.enum(['ip', 'mobile']).optional(),
  abroad: z.boolean().optional(),
  media: callMedia.optional(),
  client: z.strictObject({ os: z.enum(['android', 'ios', 'pc', 'featurePhone']), version: text }).optional(),
});
