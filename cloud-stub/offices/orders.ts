import { z } from 'zod';
import { PHONE_KEYS_MOST } from '../../lib/contract/lan-config.ts';
import type { Order } from '../contracts/index.ts';
import {
  bookEntry,
  deskPhone,
  dhcpChange,
  habitsChange,
  officeGroups,
  phoneChange,
  phoneKey,
} from './desk.ts';
import { answerMode, idChange, numberChange } from './features.ts';
import { lineChange } from './line.ts';
import {
  address,
  answeringOrder,
  deviceOrder,
  gatewayId,
  idOrder,
  loanUse,
  numberOrder,
  optionOrder,
  port,
  product,
  setOrder,
  tollFreeChange,
  tollFreeOrder,
} from './order-parts.ts';
import { contractId, count, list, microYenAmount, ringGroup, serviceId, telephone, text } from './parts.ts';

/** One schema for each kind of order; the compiler sees to it that none is missing. */
const kinds = {
  apply: z.strictObject({
    kind: z.literal('apply'),
    contract: contractId,
    product,
    model: z.enum(['current', 'legacy']).optional(),
    name: z.strictObject({ ja: text, en: text }),
    legalEntity: text,
    business: z.boolean().optional(),
    address: address.optional(),
    emergency: z.enum(['supported', 'refused']).optional(),
    numbers: list(numberOrder),
    ids: list(idOrder),
    devices: list(deviceOrder),
    options: list(optionOrder).optional(),
    sets: list(setOrder).optional(),
    tollFree: list(tollFreeOrder).optional(),
    answering: answeringOrder.optional(),
    groups: list(ringGroup).optional(),
  }),
  addNumber: z.strictObject({ kind: z.literal('addNumber'), number: numberOrder }),
  cancelNumber: z.strictObject({ kind: z.literal('cancelNumber'), number: telephone }),
  portIn: z.strictObject({ kind: z.literal('portIn'), number: telephone, replaces: telephone }),
  addId: z.strictObject({
    kind: z.literal('addId'),
    id: idOrder,
    device: deviceOrder.optional(),
    directNumber: telephone.optional(),
    rungBy: list(telephone).optional(),
  }),
  cancelId: z.strictObject({ kind: z.literal('cancelId'), id: serviceId }),
  addDevice: z.strictObject({ kind: z.literal('addDevice'), device: deviceOrder }),
  cancelDevice: z.strictObject({ kind: z.literal('cancelDevice'), device: text }),
  moveId: z.strictObject({ kind: z.literal('moveId'), id: serviceId, device: text, port: port.optional() }),
  addOption: z.strictObject({
    kind: z.literal('addOption'),
    item: text,
    on: text,
    answering: answeringOrder.optional(),
  }),
  cancelOption: z.strictObject({
    kind: z.literal('cancelOption'),
    item: text,
    on: text,
    by: z.enum(['customer', 'provider']).optional(),
    reason: text.optional(),
  }),
  set: z.strictObject({ kind: z.literal('set'), action: z.enum(['add', 'change', 'cancel']), set: text }),
  switch: z.strictObject({
    kind: z.literal('switch'),
    number: telephone,
    what: z.enum(['forwarding', 'afterHours', 'bot', 'ivr']),
    on: z.boolean(),
  }),
  answerMode: z.strictObject({ kind: z.literal('answerMode'), number: telephone, answer: answerMode }),
  changeNumber: z.strictObject({
    kind: z.literal('changeNumber'),
    number: telephone,
    rings: list(serviceId).optional(),
    change: numberChange.optional(),
  }),
  changeId: z.strictObject({
    kind: z.literal('changeId'),
    id: serviceId,
    label: text.optional(),
    extension: text.optional(),
    presents: telephone.optional(),
    change: idChange.optional(),
  }),
  changeLine: z.strictObject({ kind: z.literal('changeLine'), id: serviceId, change: lineChange }),
  changeDevice: z.strictObject({
    kind: z.literal('changeDevice'),
    device: text,
    phone: deskPhone.optional(),
    gateway: gatewayId.optional(),
  }),
  changePhone: z.strictObject({ kind: z.literal('changePhone'), id: serviceId, change: phoneChange }),
  changeKey: z.strictObject({
    kind: z.literal('changeKey'),
    id: serviceId,
    key: z.int().min(1).max(PHONE_KEYS_MOST),
    to: phoneKey.nullable(),
  }),
  changeLan: z.strictObject({
    kind: z.literal('changeLan'),
    gateway: gatewayId,
    dhcp: dhcpChange.optional(),
    habits: habitsChange.optional(),
    groups: officeGroups.optional(),
  }),
  changeBook: z.strictObject({
    kind: z.literal('changeBook'),
    replace: list(bookEntry).optional(),
    add: list(bookEntry).optional(),
    remove: list(bookEntry.shape.number).optional(),
  }),
  changeGroups: z.strictObject({ kind: z.literal('changeGroups'), groups: list(ringGroup) }),
  verifyIdentity: z.strictObject({
    kind: z.literal('verifyIdentity'),
    method: z.enum(['icChip', 'publicPersonalAuthentication', 'photographed', 'copies', 'faceToFace']),
  }),
  applyTollFree: z.strictObject({ kind: z.literal('applyTollFree'), tollFree: tollFreeOrder }),
  changeTollFree: z.strictObject({
    kind: z.literal('changeTollFree'),
    number: telephone,
    change: tollFreeChange,
    by: z.enum(['operator', 'customer']).optional(),
  }),
  cancelTollFree: z.strictObject({ kind: z.literal('cancelTollFree'), number: telephone }),
  unlockControl: z.strictObject({ kind: z.literal('unlockControl'), number: telephone }),
  ceiling: z.strictObject({
    kind: z.literal('ceiling'),
    limitMicroYen: microYenAmount,
    warnPercent: z.int().min(1).max(100).optional(),
  }),
  deposit: z.strictObject({
    kind: z.literal('deposit'),
    item: text,
    on: text,
    amountMicroYen: microYenAmount,
  }),
  mobileMode: z.strictObject({
    kind: z.literal('mobileMode'),
    action: z.enum(['start', 'cancel']),
    billingStation: z.boolean().optional(),
    registeredElsewhere: list(telephone).optional(),
  }),
  phoneBook: z.strictObject({
    kind: z.literal('phoneBook'),
    action: z.enum(['set', 'cancel']),
    administrator: serviceId.optional(),
    messages: list(serviceId).optional(),
  }),
  groupForwarding: z.strictObject({
    kind: z.literal('groupForwarding'),
    action: z.enum(['start', 'cancel']),
    scope: z.enum(['everything', 'representatives']).optional(),
    only: text.optional(),
  }),
  forwardingTargets: z.strictObject({
    kind: z.literal('forwardingTargets'),
    number: telephone,
    extra: count,
  }),
  trial: z.strictObject({ kind: z.literal('trial'), action: z.enum(['convert', 'stop']) }),
  loanNumber: z.strictObject({
    kind: z.literal('loanNumber'),
    action: z.enum(['add', 'changeUse', 'return']),
    number: telephone,
    use: loanUse.optional(),
  }),
  changeAnswering: z.strictObject({ kind: z.literal('changeAnswering'), change: answeringOrder.partial() }),
  acceptManyRepresentatives: z.strictObject({ kind: z.literal('acceptManyRepresentatives') }),
  changeAddress: z.strictObject({ kind: z.literal('changeAddress'), address }),
  pause: z.strictObject({ kind: z.literal('pause') }),
  resume: z.strictObject({ kind: z.literal('resume') }),
  cancelContract: z.strictObject({ kind: z.literal('cancelContract') }),
} as const satisfies Record<Order['kind'], z.ZodObject>;

const { apply, ...others } = kinds;

/** Any order, as a file writes it. What is read by it is an `Order`: absent stays absent. */
export const orderSchema = z.discriminatedUnion('kind', [apply, ...Object.values(others)]);
