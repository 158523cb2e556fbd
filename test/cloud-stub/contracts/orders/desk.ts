import { catalogue } from '../../../../cloud-stub/catalogue/index.ts';
import { japanCalendar } from '../../../../cloud-stub/contracts/calendar.ts';
import type { NumberFeatures } from '../../../../cloud-stub/contracts/features.ts';
import { applyOrder } from '../../../../cloud-stub/contracts/orders/apply-order.ts';
import type {
  Application,
  IdOrder,
  Order,
  OrderContext,
  OrderNote,
  OrderPromise,
} from '../../../../cloud-stub/contracts/orders/types.ts';
import { featuresOf } from '../../../../cloud-stub/contracts/rules/features.ts';
import { subscriptionsOf } from '../../../../cloud-stub/contracts/subscriptions.ts';
import type { Contract } from '../../../../cloud-stub/contracts/types.ts';
import { type Instant, instant } from '../../../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../../../lib/base/ids.ts';
import { japanMidnight } from '../../../../lib/base/japan-time.ts';

/** Monday 2026-11-16, 10:00 in Japan. */
export const MONDAY = instant(japanMidnight(2026, 11, 16) + 10 * 3_600_000);
export const MAIN = '0355550100';
export const SECOND = '0355550101';
export const THIRD = '0355550102';
export const OUTSIDE = '09012345678';

export function context(now: Instant = MONDAY, more: Partial<OrderContext> = {}): OrderContext {
  return { now, catalogue, calendar: japanCalendar(), ...more };
}

export function id(index: number): ServiceId {
  return `id-000001-${index}` as ServiceId;
}

/** An office of smartphones: `ids` IDs on apps, and numbers from {@link MAIN} on. */
export function application(
  ids = 1,
  numbers: readonly string[] = [MAIN],
  more: Partial<Application> = {},
): Application {
  const orders = Array.from(
    { length: ids },
    (_, index): IdOrder => ({
      id: id(index + 1),
      device: `app-${index + 1}`,
      extension: String((ids > 90 ? 1_001 : 11) + index),
    }),
  );
  return {
    kind: 'apply',
    contract: 'c-000001' as ContractId,
    product: 'cloudPhone',
    name: { ja: '縁側商店', en: 'Engawa Shoten' },
    legalEntity: '縁側商店株式会社',
    address: { inJapan: true, inTokyoWards: true, sharedOffice: false },
    numbers: numbers.map((number) => ({ number })),
    ids: orders,
    devices: orders.map(({ device }) => ({ id: device, model: 'app' })),
    ...more,
  };
}

/** A contract at the counter: orders are put to it one after the other. */
export class Desk {
  #contract: Contract | null = null;
  now: Instant;
  notes: readonly OrderNote[] = [];
  promises: readonly OrderPromise[] = [];
  readonly more: Partial<OrderContext>;

  constructor(now: Instant = MONDAY, more: Partial<OrderContext> = {}) {
    this.now = now;
    this.more = more;
  }

  static with(
    order: Application = application(),
    now: Instant = MONDAY,
    more: Partial<OrderContext> = {},
  ): Desk {
    return new Desk(now, more).takes(order);
  }

  get contract(): Contract {
    if (this.#contract === null) throw new Error('nothing has been applied for');
    return this.#contract;
  }

  /** An order that must be accepted. */
  takes(...orders: readonly Order[]): this {
    for (const order of orders) {
      const done = applyOrder(this.#contract, order, context(this.now, this.more));
      if (!done.ok) throw new Error(`${done.error.code}: ${done.error.say}`);
      this.#contract = done.value.contract;
      this.notes = done.value.notes;
      this.promises = done.value.promises;
    }
    return this;
  }

  /** The code and facts of a refusal; the contract is as before. */
  refuses(order: Order): string {
    const before = JSON.stringify(this.#contract);
    const done = applyOrder(this.#contract, order, context(this.now, this.more));
    if (done.ok) return 'accepted';
    if (JSON.stringify(this.#contract) !== before) throw new Error('a refused order changed the contract');
    if (!/[.!]$/.test(done.error.say)) throw new Error(`no sentence: ${done.error.say}`);
    return `${done.error.code} ${done.error.facts.join(' ')}`;
  }

  later(days: number): this {
    this.now = instant(this.now + days * 86_400_000);
    return this;
  }

  features(number = MAIN): NumberFeatures {
    const found = this.contract.numbers.find((one) => one.number === number && one.held.until === null);
    if (found === undefined) throw new Error(`${number} is not there`);
    return featuresOf(found);
  }

  /** `option.voicemail 0355550100` of everything that is paid for now. */
  paysFor(): readonly string[] {
    return subscriptionsOf(this.contract)
      .filter((one) => one.from <= this.now && (one.until === null || this.now < one.until))
      .map((one) => `${one.item} ${one.on}`);
  }

  /** Monthly fees and discounts of everything held now, in yen; deposits and one-time fees left out. */
  monthlyYen(): number {
    const items = this.paysFor().map((one) => one.split(' ')[0]);
    return items.reduce((sum, item) => {
      const entry = catalogue.items.find((one) => one.id === item);
      const monthly = entry?.kind === 'recurring' || entry?.kind === 'discount';
      return sum + (monthly && entry !== undefined ? entry.priceMicroYen / 1_000_000 : 0);
    }, 0);
  }
}

export function option(item: string, on: string = MAIN): Order {
  return { kind: 'addOption', item, on };
}

export function cancel(item: string, on: string = MAIN): Order {
  return { kind: 'cancelOption', item, on };
}

export function turn(what: 'forwarding' | 'afterHours' | 'bot' | 'ivr', on: boolean, number = MAIN): Order {
  return { kind: 'switch', number, what, on };
}

export const verified: Order = { kind: 'verifyIdentity', method: 'icChip' };
