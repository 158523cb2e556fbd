import type { Instant } from '../../lib/base/clock.ts';
import type { MicroYen } from '../../lib/base/units.ts';
import type { UsageCategory } from '../rating/types.ts';
import type { DeviceClass, NumberClass } from '../routing/types.ts';

/** The five services that are sold. A service is data: nothing outside this room asks which one it is. */
export type ProductId = 'cloudPhone' | 'groupForwarding' | 'calleePays' | 'ip050' | 'answering';

/** Whether consumption tax is inside a price. */
export type TaxBasis = 'exclusive' | 'inclusive';

/** A name on invoices and screens. */
export interface BilingualName {
  readonly ja: string;
  readonly en: string;
}

/** What one price buys. */
export type PriceUnit =
  | { readonly of: 'month' }
  | { readonly of: 'once' }
  /** Every started `ms` of a call or of a fax transmission. */
  | { readonly of: 'time'; readonly ms: number }
  | { readonly of: 'call' }
  /** Every started block of `size` pieces once the included ones are used up. */
  | { readonly of: 'block'; readonly size: number }
  /** One printing of a directory. */
  | { readonly of: 'issue' };

/** What an item is counted by. */
export type PricedPer =
  | 'contract'
  | 'number'
  | 'id'
  | 'device'
  | 'order'
  | 'call'
  | 'fax'
  | 'set'
  | 'listing'
  | 'target';

/** How a price reaches an invoice. */
export type ChargeKind =
  /** Every period in which the subscription exists, whole. */
  | 'recurring'
  /** Once, in the period of the application. */
  | 'initial'
  /** A thing that is sold, once. */
  | 'purchase'
  /** By use, from rated facts. */
  | 'usage'
  /** Money held for the customer: a liability, never taxed. */
  | 'deposit'
  /** A fixed monthly reduction (a set). */
  | 'discount';

/** The far end as a price sees it; a payphone shows only in toll-free origin. [S0-051] */
export type FarEnd = NumberClass | 'payphone';

/** Which calls a usage price is for. */
export interface CallScope {
  /** `forwarded`: the leg to a forwarding target. `tollFreeIn`: the callee pays by the caller's class. */
  readonly direction: 'out' | 'forwarded' | 'forwardedToAnswering' | 'tollFreeIn' | 'internal';
  readonly farEnds: readonly FarEnd[];
  /** The devices it holds for, each with the invoice category that it is summed under. */
  readonly categories: Readonly<Partial<Record<DeviceClass | 'any', UsageCategory>>>;
  /** Only these numbers of the far-end classes. */
  readonly numbers?: readonly string[];
  /** Holds only when this is known of the far end: on the list of providers whose 050 numbers are free. [S3-033] */
  readonly only?: 'freePartner';
  /** The ten free minutes of an ID may cover it. [S0-048] [S0-049] [S0-093] */
  readonly tenMinutes: boolean;
}

/** What a usage price without a call is for: a fax, or a piece that is counted. */
export type PricedUse =
  | 'faxSend'
  | 'faxReceive'
  /** One message that the answer bot took. [S0-023] */
  | 'botItem'
  /** One call that an operator answered. [S0-028] */
  | 'answeredCall'
  /** One printing in a directory. [S2-012] */
  | 'listing';

/** What comes with an item each period. */
export interface Included {
  readonly count: number;
  readonly of:
    | 'faxSheets'
    | 'botItems'
    | 'answeredCalls'
    | 'secondsPerCall'
    | 'listings'
    | 'targets'
    /** Everything of the service is free for so many days. [S4-003] */
    | 'trialDays';
}

/** One price. A change of price is another entry with the same id and later dates, never an edit. */
export interface CatalogueItem {
  readonly id: string;
  readonly product: ProductId;
  readonly name: BilingualName;
  /** Where the figure comes from: requirement and ambiguity numbers. */
  readonly facts: readonly string[];
  /** `printed`: in a price list. `chosen`: ours, where the lists are silent; the facts say by what analogy. */
  readonly basis: 'printed' | 'chosen';
  readonly kind: ChargeKind;
  readonly priceMicroYen: MicroYen;
  readonly taxBasis: TaxBasis;
  readonly unit: PriceUnit;
  readonly per: PricedPer;
  /** May be counted by this as well, at the same price. */
  readonly alsoPer?: PricedPer;
  readonly validFrom: Instant;
  /** Exclusive; null while the price is open. */
  readonly validUntil: Instant | null;
  /** Exclusive end of sale for new orders; existing ones keep the price. */
  readonly soldUntil?: Instant;
  readonly call?: CallScope;
  readonly usage?: UsageCategory;
  /** What a usage price that is not for calls is for. */
  readonly use?: PricedUse;
  readonly included?: Included;
}

/** A bundle with a fixed discount, bought with the first application only. [S0-031] */
export interface OptionSet {
  readonly id: string;
  readonly product: ProductId;
  readonly name: BilingualName;
  readonly facts: readonly string[];
  /** Catalogue items of one month each. */
  readonly members: readonly string[];
  readonly listMicroYen: MicroYen;
  readonly setMicroYen: MicroYen;
  /** Members whose fee the list calls waived: what the discount would be if the printed price did not count. */
  readonly waives: readonly string[];
  /** The catalogue item that carries the discount (negative). */
  readonly discountItem: string;
  /** How many of it one application may hold. [S0-040] [S0-041] */
  readonly atMost: 'one' | 'onePerNumber';
  readonly soldFrom: Instant;
  readonly soldUntil: Instant | null;
}

/** One service. */
export interface Product {
  readonly id: ProductId;
  readonly name: BilingualName;
  /** Last day of a billing period. [S0-160] */
  readonly closingDay: 25;
  /** Chargeable use in a month at which new calls are refused, where the product has such a ceiling. */
  readonly ceilingMicroYen?: MicroYen;
  readonly facts: readonly string[];
}

/** Two things that do not go together, or one that needs another. */
export interface Relation {
  readonly kind: 'excludes' | 'requires';
  readonly item: string;
  readonly other: string;
  /** `automaticOff`: switching one on switches the other off instead of refusing. [S0-140] */
  readonly how: 'refuse' | 'automaticOff';
  /** `contracted` (unless said): holding both. `switchedOn`: having both switched on; holding both is fine. */
  readonly level?: 'contracted' | 'switchedOn';
  readonly scope: 'number' | 'id' | 'contract';
  readonly facts: readonly string[];
  readonly say: string;
}

/** A rate of consumption tax and the day from which it holds. */
export interface TaxRate {
  readonly percent: number;
  readonly validFrom: Instant;
}

/** All that is sold, as data. */
export interface Catalogue {
  readonly products: readonly Product[];
  readonly items: readonly CatalogueItem[];
  readonly sets: readonly OptionSet[];
  readonly relations: readonly Relation[];
  /** Oldest first. */
  readonly taxRates: readonly TaxRate[];
}
