import { z } from 'zod';
import { deskPhone, phoneChange } from './desk.ts';
import { lineChange } from './line.ts';
import { hours, list, serviceId, telephone, text, timeTable } from './parts.ts';

const numberKind = z.enum([
  'shared',
  'representative',
  'direct',
  'standard',
  'representativeOnly',
  'ivr',
  'ip050',
]);
export const product = z.enum(['cloudPhone', 'groupForwarding', 'calleePays', 'ip050', 'answering']);
export const address = z.strictObject({
  inJapan: z.boolean(),
  inTokyoWards: z.boolean(),
  sharedOffice: z.boolean(),
});
export const numberOrder = z.strictObject({
  number: telephone,
  kind: numberKind.optional(),
  rings: list(serviceId).optional(),
  portIn: z.boolean().optional(),
});
export const port = z.int().min(1).max(64);
export const idOrder = z.strictObject({
  id: serviceId,
  device: text,
  port: port.optional(),
  extension: z.string('write it in quotes, as text: "11"').regex(/^[0-9]{1,8}$/, 'digits alone'),
  label: text.optional(),
  presents: telephone.optional(),
  ownNumber: telephone.optional(),
  handset: telephone.optional(),
  line: lineChange.optional(),
  phone: phoneChange.optional(),
});
export const gatewayId = z.string().regex(/^gw-[0-9]{6}$/, 'written as gw-000001');
export const deviceOrder = z.strictObject({
  id: text,
  model: text,
  gateway: gatewayId.optional(),
  power: z.enum(['supplied', 'poeHub', 'ownPoe', 'ownAc']).optional(),
  connects: z.enum(['analogPhone', 'fax', 'multifunction', 'businessPhone', 'notAnalog']).optional(),
  phone: deskPhone.optional(),
});
export const optionOrder = z.strictObject({ item: text, on: text });
export const setOrder = z.strictObject({ set: text, number: telephone.optional() });

const originArea = z.discriminatedUnion('area', [
  z.strictObject({ area: z.literal('japan') }),
  z.strictObject({ area: z.literal('region'), name: text }),
  z.strictObject({ area: z.literal('prefecture'), name: text }),
  z.strictObject({ area: z.literal('chargeArea'), name: text }),
]);
const answerGroup = z.strictObject({
  id: text,
  origins: z.union([z.literal('rest'), list(originArea)]),
  mobile: z.boolean(),
  numbers: list(telephone),
  distribution: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('order') }),
    z.strictObject({
      by: z.literal('percentage'),
      shares: list(z.strictObject({ number: telephone, percent: z.int().min(0).max(100) })),
    }),
  ]),
  busyDetour: list(telephone),
  destinationChange: timeTable(list(telephone).nullable()).nullable(),
});

/** Settings of a toll-free number that one order changes. */
export const tollFreeChange = z.strictObject({
  accepts: list(originArea).optional(),
  acceptsMobile: z.boolean().optional(),
  guidance: z
    .strictObject({
      connection: z.enum(['nobody', 'caller', 'callee', 'both']),
      restriction: z.boolean(),
      afterHours: z.boolean(),
    })
    .optional(),
  answerNumbers: list(z.strictObject({ number: telephone, hours: hours.nullable() })).optional(),
  groups: list(answerGroup).optional(),
  presents: z.boolean().optional(),
});
export const tollFreeOrder = z.strictObject({
  prefix: z.enum(['0120', '0800']),
  number: telephone,
  portIn: z.boolean().optional(),
  wishes: text.optional(),
  answeredBy: telephone,
  setting: tollFreeChange.optional(),
  options: list(text).optional(),
});
export const loanUse = z.enum(['forwardingTarget', 'published']);
export const answeringOrder = z.strictObject({
  company: text,
  reportTo: list(text),
  refusesSales: z.boolean().optional(),
  outOfHours: z.boolean().optional(),
  campaign: z.boolean().optional(),
  startsOn: text.optional(),
  trial: z.boolean().optional(),
  loanNumbers: list(z.strictObject({ number: telephone, use: loanUse })).optional(),
  parties: list(text).optional(),
  answers: list(telephone).optional(),
  approved: z.boolean().optional(),
});
