import { catalogue, type ProductId } from '../../cloud-stub/catalogue/index.ts';
import { allowanceOf } from '../../cloud-stub/rating/index.ts';
import type { Allowance, RatableCall, RatableUsage, RatedFarEnd } from '../../cloud-stub/rating/types.ts';
import type { DeviceClass } from '../../cloud-stub/routing/types.ts';
import { type Instant, instant } from '../../lib/base/clock.ts';
import { type Random, seededRandom } from '../../lib/base/random.ts';

/** One use of the mix, by the contract (counted from 0) that it belongs to. */
export interface MixedUse {
  readonly id: string;
  readonly contract: number;
  readonly product: ProductId;
  readonly usage: RatableUsage;
}

/** Of 100 uses, how many are of each service; none is under 10. */
const SHARES: readonly (readonly [ProductId, number])[] = [
  ['cloudPhone', 40],
  ['groupForwarding', 15],
  ['calleePays', 15],
  ['ip050', 15],
  ['answering', 15],
];
const IDS = 4;

/** What the mix is made of. */
export interface MixPlan {
  readonly seed: number;
  readonly uses: number;
  readonly contracts: number;
  readonly from: Instant;
  /** Exclusive. */
  readonly until: Instant;
}

/** The service of a contract: contracts are dealt out so that each service has its share of them. */
export function productOf(contract: number): ProductId {
  let slot = (contract * 37) % 100;
  for (const [product, share] of SHARES) {
    if (slot < share) return product;
    slot -= share;
  }
  return 'cloudPhone';
}

/** A month of all five services: the same seed gives the same uses, in order of their answers for each contract. */
export function seededMix(plan: MixPlan): readonly MixedUse[] {
  const random = seededRandom(plan.seed);
  const span = plan.until - plan.from;
  const uses: MixedUse[] = [];
  for (let n = 0; n < plan.uses; n++) {
    const contract = Math.floor(random.fraction() * plan.contracts);
    const product = productOf(contract);
    const at = instant(plan.from + Math.floor((span * n) / plan.uses));
    uses.push({ id: `mix-${n}`, contract, product, usage: useOf(product, contract, at, random) });
  }
  return uses;
}

/** What a contract of the mix has included: half of its IDs hold ten minutes and free sheets, its number bot and operators. */
export function mixAllowance(contract: number, from: Instant): Allowance {
  if (productOf(contract) !== 'cloudPhone') return allowanceOf(catalogue, []);
  const held = { from, until: null };
  const ids = Array.from({ length: IDS / 2 }, (_, id) => idOf(contract, id));
  return allowanceOf(catalogue, [
    ...ids.map((on) => ({ item: 'option.tenMinutes', on, ...held })),
    ...ids.map((on) => ({ item: 'option.faxUnlimited500', on, ...held })),
    { item: 'option.answerBot', on: numberOf(contract), ...held },
    { item: 'option.operator', on: numberOf(contract), ...held },
  ]);
}

function useOf(product: ProductId, contract: number, at: Instant, random: Random): RatableUsage {
  const id = idOf(contract, Math.floor(random.fraction() * IDS));
  switch (product) {
    case 'cloudPhone':
      return cloudPhoneUse(contract, id, at, random);
    case 'groupForwarding':
      return call('forwarded', 'app', pick(random, ['geographic', 'mobile', 'ip050']), id, false, at, random);
    case 'calleePays': {
      const from = pick<RatedFarEnd>(random, ['geographic', 'geographic', 'mobile', 'payphone']);
      return call('tollFreeIn', 'app', from, id, false, at, random);
    }
    case 'ip050': {
      const to = pick<RatedFarEnd>(random, ['geographic', 'mobile', 'ip050']);
      return call('out', 'app', to, id, random.fraction() < 0.3, at, random);
    }
    case 'answering':
      return {
        kind: 'answeredCall',
        number: numberOf(contract),
        at,
        refusedSales: random.fraction() < 0.2,
      };
  }
}

function cloudPhoneUse(contract: number, id: string, at: Instant, random: Random): RatableUsage {
  const dice = random.fraction();
  if (dice < 0.05) {
    const pages = 1 + Math.floor(random.fraction() * 5);
    return {
      kind: 'fax',
      direction: 'send',
      client: dice < 0.04 ? 'app' : 'browser',
      id,
      answeredAt: at,
      talkMs: 5_000 + pages * 20_000,
      pages,
      pagesConfirmed: random.fraction() < 0.95 ? pages : pages - 1,
    };
  }
  if (dice < 0.1) return { kind: 'botItem', number: numberOf(contract), at };
  const device = pick<DeviceClass>(random, ['app', 'app', 'deskPhone', 'adapter']);
  if (dice < 0.2) {
    return call('forwarded', device, pick(random, ['geographic', 'mobile']), id, false, at, random);
  }
  if (dice < 0.3) return call('tollFreeIn', device, 'mobile', id, false, at, random);
  if (dice < 0.45) return call('in', device, 'mobile', id, false, at, random);
  const to = pick<RatedFarEnd>(random, CALLED);
  return call('out', device, to, id, false, at, random);
}

const CALLED: readonly [RatedFarEnd, ...RatedFarEnd[]] = [
  ...(['geographic', 'geographic', 'mobile', 'mobile', 'ip050', 'naviDial', 'tollFree'] as const),
];

function call(
  kind: RatableCall['kind'],
  device: DeviceClass,
  destination: RatedFarEnd,
  id: string,
  freePartner: boolean,
  at: Instant,
  random: Random,
): RatableCall {
  const answered = random.fraction() < 0.85;
  // Mostly short, a few beyond ten minutes.
  const talkMs = answered ? Math.floor(-Math.log(1 - random.fraction()) * 150_000) : 0;
  return { kind, device, destination, answeredAt: answered ? at : null, talkMs, id, freePartner };
}

function idOf(contract: number, id: number): string {
  return `id-${String(contract).padStart(6, '0')}-${id + 1}`;
}

function numberOf(contract: number): string {
  return `03${String(50_000_000 + contract)}`;
}

function pick<Value>(random: Random, from: readonly [Value, ...Value[]]): Value {
  return from[Math.floor(random.fraction() * from.length)] ?? from[0];
}
