import { z } from 'zod';
import { areas } from '../numbering/index.ts';
import { text } from './parts.ts';

export const callMedia = z.enum(['voice', 'video', 'highQualityAudio', 'dataConnect']);

/** What the network says of a caller, whether the number is shown or not. */
export const callOrigin = z.strictObject({
  callerClass: z.enum(['fixed', 'mobile', 'ip050', 'payphone', 'international', 'satellite']).optional(),
  chargeArea: text
    .refine((name) => areas.placeOf(name) !== undefined, 'no charge area of the numbering plan')
    .optional(),
  prefecture: text
    .refine((name) => areas.prefecture(name) !== undefined, 'no prefecture of Japan')
    .optional(),
});

/** How a device makes a call. [S3-007] [S3-014] [S3-020] */
export const callManner = z.strictObject({
  mode: z.enum(['ip', 'mobile']).optional(),
  abroad: z.boolean().optional(),
  media: callMedia.optional(),
  client: z.strictObject({ os: z.enum(['android', 'ios', 'pc', 'featurePhone']), version: text }).optional(),
});
