import { type Instant, instant } from '../../../lib/base/clock.ts';
import { ok, type Result } from '../../../lib/base/errors.ts';
import { japanDate, japanMidnight } from '../../../lib/base/japan-time.ts';
import { deviceModels } from '../../catalogue/index.ts';
import { addDays, dueDay } from '../calendar.ts';
import type { DeskPhone } from '../desk.ts';
import { emptyIdFeatures } from '../features.ts';
import type { LoanNumber, OperatorAnswering } from '../services.ts';
import { plainTollFree, type TollFreeNumber } from '../toll-free.ts';
import type { Address, ContractDevice, ContractServiceId } from '../types.ts';
import { fromNow, refused } from './outcome.ts';
import type {
  AnsweringOrder,
  DeviceOrder,
  IdOrder,
  OrderContext,
  OrderRefusal,
  TollFreeOrder,
} from './types.ts';

/** A device as ordered, or why it is not sold. [S0-171] [S0-179] [S0-174] */
export function makeDevice(order: DeviceOrder, now: Instant): Result<ContractDevice, OrderRefusal> {
  const model = deviceModels.find((one) => one.model === order.model);
  if (model === undefined) {
    const names = deviceModels.map((one) => one.model).join(', ');
    return refused('order.unknownItem', `${order.id}: no model "${order.model}"; choose one of ${names}.`);
  }
  if (model.soldUntil !== null && now >= model.soldUntil) {
    const say = `${order.id}: ${order.model} has been withdrawn from sale on ${japanDate(model.soldUntil)}; choose another model.`;
    return refused('order.modelWithdrawn', say);
  }
  if (model.kind === 'adapter' && (order.connects === 'businessPhone' || order.connects === 'notAnalog')) {
    const say = `${order.id}: an adapter has analog ports; connect an analog phone, fax or multifunction device, no business phone system.`;
    return refused('order.analogOnly', say);
  }
  const phone = order.phone === undefined ? undefined : makePhone(order.id, order.phone);
  if (phone !== undefined && !phone.ok) return phone;
  const hub = order.power === 'poeHub' ? ['device.poeHub'] : [];
  return ok({
    id: order.id,
    kind: model.kind,
    gateway: order.gateway ?? null,
    items: [...model.items, ...hub],
    held: fromNow(now),
    model: order.model,
    ...(order.power === undefined ? {} : { power: order.power }),
    ...(phone === undefined ? {} : { phone: phone.value }),
  });
}

/** The hardware of a phone, its address in one writing however the label has it. */
export function makePhone(device: string, { mac, type }: DeskPhone): Result<DeskPhone, OrderRefusal> {
  const address = mac.toLowerCase().replaceAll(/[:.-]/g, '');
  if (/^[0-9a-f]{12}$/.test(address)) return ok({ mac: address, type });
  const say = `${device}: "${mac}" is no hardware address; copy it from the label of the phone: C0:74:AD:00:00:01.`;
  return refused('order.hardware', say);
}

/** An ID as ordered. */
export function makeId(
  order: IdOrder,
  role: ContractServiceId['role'],
  presents: string,
  now: Instant,
): ContractServiceId {
  const { ownNumber = null, handset = null } = order;
  return {
    id: order.id,
    role,
    device: order.device,
    port: order.port ?? null,
    extension: order.extension,
    label: order.label ?? order.id,
    presents: order.presents ?? presents,
    held: fromNow(now),
    ...(ownNumber === null && handset === null && order.line === undefined && order.phone === undefined
      ? {}
      : {
          features: {
            ...emptyIdFeatures(),
            ownNumber,
            handset,
            ...(order.line === undefined ? {} : { line: order.line }),
            ...(order.phone === undefined ? {} : { phone: order.phone }),
          },
        }),
  };
}

/** A toll-free number as ordered; only its prefix is the customer's choice unless it is ported in. [S0-147] */
export function makeTollFree(
  order: TollFreeOrder,
  context: OrderContext,
): Result<TollFreeNumber, OrderRefusal> {
  const { number, prefix, portIn = false } = order;
  if (!portIn && order.wishes !== undefined) {
    const say = `The digits ${order.wishes} cannot be chosen: a new number has the prefix 0120 or 0800 and random digits. Leave the wish out, or port a number in.`;
    return refused('order.tollFreeDigits', say);
  }
  const shape = prefix === '0120' ? /^0120\d{6}$/ : /^0800\d{7}$/;
  if (!shape.test(number)) {
    const say = `${number} is no toll-free number with the prefix ${prefix}: 0120 has 6 more digits, 0800 has 7.`;
    return refused('order.tollFreeDigits', say);
  }
  if (context.taken?.(number) === true) {
    return refused('order.taken', `${number} belongs to another contract; take another number.`);
  }
  const plain = plainTollFree(number, order.answeredBy, fromNow(context.now));
  return ok({ ...plain, ...order.setting, portedIn: portIn });
}

/** A 03 number without a base in the 23 wards is refused, the shared office apart. [S0-199] [S0-200] */
export function addressAllows(number: string, address: Address | undefined): Result<null, OrderRefusal> {
  if (!/^03\d{8}$/.test(number) || address === undefined) return ok(null);
  if (address.inTokyoWards || address.sharedOffice) return ok(null);
  const say = `${number}: a 03 number needs a base in Tokyo's 23 wards. Give one, or take the shared office in Shibuya-ku as the base.`;
  return refused('order.address03', say);
}

/** What the operators know, as ordered; trials are judged here. [S4-008] [S4-018] [S4-019] [S4-020] [S4-023] */
export function makeAnswering(
  order: AnsweringOrder,
  legalEntity: string,
  trialDays: number,
  context: OrderContext,
): Result<OperatorAnswering, OrderRefusal> {
  const { now } = context;
  const wrong = judgeAnswering(order, legalEntity, trialDays, context);
  if (!wrong.ok) return wrong;
  const trial = order.trial === true;
  const loans = (order.loanNumbers ?? []).map(
    (one, index): LoanNumber => ({ ...one, held: fromNow(now), included: index === 0 }),
  );
  return ok({
    company: order.company,
    reportTo: order.reportTo,
    refusesSales: order.refusesSales ?? false,
    outOfHours: order.outOfHours ?? false,
    campaign: order.campaign ?? false,
    startsOn: startDay(order.startsOn, context) ?? null,
    answers: order.answers ?? [],
    trial: trial ? { from: now, until: instant(addDays(now, trialDays)), outcome: 'running' } : null,
    paidFrom: trial ? null : now,
    loanNumbers: loans,
  });
}

function judgeAnswering(
  order: AnsweringOrder,
  legalEntity: string,
  trialDays: number,
  context: OrderContext,
): Result<null, OrderRefusal> {
  const others = (order.parties ?? []).filter((party) => party !== legalEntity);
  if (others.length > 0) {
    const say = `Calls of ${others.join(', ')} cannot be taken under the contract of ${legalEntity}; each party applies for itself.`;
    return refused('order.oneParty', say);
  }
  if (order.company === '' || order.reportTo.length === 0) {
    const say = 'Say which company name the operators give, and at least one address for their reports.';
    return refused('order.noAnswering', say);
  }
  const shared = (order.answers ?? []).find((one) => context.answeredFor?.(one, legalEntity) === true);
  if (shared !== undefined && order.approved !== true) {
    const say = `${shared} is answered for another company already; two companies on one number need a special approval. Ask for it first.`;
    return refused('order.sharedNumber', say);
  }
  if (order.startsOn !== undefined && startDay(order.startsOn, context) === undefined) {
    const say = `"${order.startsOn}" is not one exact day from today on; write it as 2026-08-03, or leave it out: then service starts when the number is notified.`;
    return refused('order.startDate', say);
  }
  if (order.trial !== true) return ok(null);
  if (trialDays === 0)
    return refused('order.noTrial', 'This service has no free trial; contract from the start.');
  if (order.campaign === true) {
    const say =
      'There is no trial for use tied to an event or a recruiting advertisement; contract from the start.';
    return refused('order.trialCampaign', say);
  }
  if (context.hadTrial?.(legalEntity) === true) {
    const say = `${legalEntity} has had its trial; there is one for each legal entity. Contract from the start.`;
    return refused('order.trialOnce', say);
  }
  return ok(null);
}

/** First days of the parts of a month. */
const PARTS = { early: 1, middle: 11, late: 21 } as const;

/**
 * The registered first day: the day itself, or the first business day of a vague part of a month, as "early August" was
 * registered as Monday the 3rd. Undefined for anything else and for what is over. [S4-023] [S4-024]
 */
export function startDay(
  wish: string | undefined,
  { now, calendar }: Pick<OrderContext, 'now' | 'calendar'>,
): string | undefined {
  if (wish === undefined) return undefined;
  const vague = /^(\d{4})-(0[1-9]|1[0-2]) (early|middle|late)$/.exec(wish);
  if (vague === null) return isDayFrom(wish, now) ? wish : undefined;
  const [, year, month, part] = vague;
  const first = PARTS[part as keyof typeof PARTS];
  const from = japanMidnight(Number(year), Number(month), first);
  const day = japanDate(dueDay(from, 0, calendar));
  return isDayFrom(day, now) ? day : undefined;
}

/** A day of the calendar, written whole, that is not over. */
export function isDayFrom(text: string, now: Instant): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (parts === null) return false;
  const [year, month, day] = parts.slice(1).map(Number);
  const at = japanMidnight(year ?? 0, month ?? 0, day ?? 0);
  return japanDate(at) === text && text >= japanDate(now);
}
