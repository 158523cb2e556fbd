import { z } from 'zod';
import {
  count,
  hours,
  list,
  milliseconds,
  ringStep,
  serviceId,
  telephone,
  text,
  timeTable,
} from './parts.ts';

const ring = z.strictObject({ do: z.literal('ring'), group: text.nullable() });
const forward = z.strictObject({ do: z.literal('forward'), to: telephone });
const announce = z.strictObject({ do: z.literal('announce'), announcement: text });
const ivr = z.strictObject({ do: z.literal('ivr'), menu: text });
const bot = z.strictObject({ do: z.literal('bot') });
const answerActions = [ring, forward, announce, ivr, bot] as const;
const menuActions = [
  ...answerActions,
  z.strictObject({ do: z.literal('voicemail') }),
  z.strictObject({ do: z.literal('menu'), menu: text }),
  z.strictObject({ do: z.literal('repeat') }),
] as const;

/** How a number answers: by switches, or by a schedule. */
export const answerMode = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('toggles'),
    forwarding: z.boolean(),
    afterHours: z.boolean(),
    bot: z.boolean(),
    ivr: z.boolean(),
  }),
  z.strictObject({
    mode: z.literal('schedule'),
    table: timeTable(z.discriminatedUnion('do', [...answerActions])),
  }),
]);

const numberClass = z.enum([
  'geographic',
  'mobile',
  'ip050',
  'tollFree',
  'naviDial',
  'premium',
  'emergency',
  'special1xy',
  'international',
  'm2m',
  'unknown',
  'payphone',
]);
const rejectEntry = z.discriminatedUnion('reject', [
  z.strictObject({ reject: z.literal('number'), number: telephone }),
  z.strictObject({ reject: z.literal('withheld') }),
  z.strictObject({ reject: z.literal('class'), class: numberClass }),
]);
const menu = z.strictObject({
  id: text,
  prompt: text,
  keys: z.record(z.string().regex(/^[0-9*#]$/), z.discriminatedUnion('do', [...menuActions])),
  waitMs: milliseconds,
  tries: count.min(1),
  otherwise: z.discriminatedUnion('do', [...menuActions, z.strictObject({ do: z.literal('hangUp') })]),
});

/** Settings of a number that one order changes; what is not named stays. */
export const numberChange = z.strictObject({
  reject: list(rejectEntry).optional(),
  fax: z
    .strictObject({ use: z.enum(['off', 'voiceAndFax', 'faxOnly']), relayTo: serviceId.nullable() })
    .optional(),
  forwardTo: telephone.nullable().optional(),
  afterHours: z.strictObject({ hours, announcement: text }).optional(),
  voicemail: z.strictObject({ afterMs: milliseconds, greeting: text }).nullable().optional(),
  busyMessage: z.boolean().optional(),
  recording: z.boolean().optional(),
  ivrMenu: text.nullable().optional(),
  menus: list(menu).optional(),
  group: text.nullable().optional(),
  deskFirstMs: milliseconds.optional(),
});

/** Settings of an ID that one order changes. */
export const idChange = z.strictObject({
  reception: z
    .strictObject({
      layout: z.enum(['oneButton', 'twoButtons', 'list']),
      buttons: list(z.strictObject({ label: text, group: text })),
    })
    .nullable()
    .optional(),
  relay: list(ringStep).optional(),
  ownNumber: telephone.nullable().optional(),
  handset: telephone.nullable().optional(),
});
