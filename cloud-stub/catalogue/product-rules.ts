import type { Instant } from '../../lib/base/clock.ts';
import { japanMidnight } from '../../lib/base/japan-time.ts';
import type { ProductId } from './types.ts';

/** What a telephone number of a contract can be. */
export type SoldNumberKind =
  | 'shared'
  | 'representative'
  | 'direct'
  | 'standard'
  | 'representativeOnly'
  | 'ivr'
  | 'ip050';

/** How a service sells toll-free numbers. */
export interface TollFreeRules {
  /** Recurring first; the one-time ones after it. */
  readonly items: readonly string[];
  readonly portInItems: readonly string[];
  /** One-time item of a construction: once for an application, or for every function by policy. */
  readonly construction: string | null;
  /** IDs that the contract needs; 0: none. [S0-149] */
  readonly idsLeast: number;
  /** May be ordered together with the contract; otherwise only once that is complete. [S0-146] */
  readonly atApplication: boolean;
  /** The option that each function needs; a function without one is not sold. */
  readonly functions: Readonly<Partial<Record<TollFreeFunction, string>>>;
  readonly facts: readonly string[];
}

/** Optional functions of a toll-free number. [S2-030]…[S2-038] */
export type TollFreeFunction =
  | 'multiLine'
  | 'region'
  | 'busyDetour'
  | 'percentage'
  | 'destinationChange'
  | 'afterHours'
  | 'presentNumber';

/** What contracts of a service may hold. Read by the ordering rules, which never ask for a service by name. */
export interface ProductRules {
  readonly product: ProductId;
  /** Kinds of numbers by model; the first is what a number is when nothing is said. */
  readonly numberKinds: readonly SoldNumberKind[];
  /** Catalogue items of an ID by its role. */
  readonly idItems: Readonly<Record<'base' | 'additional', readonly string[]>>;
  /** Exactly one contract number and one base ID. [S0-054] [S0-063] */
  readonly mainNumberAndBaseId: boolean;
  /** Additional numbers: at most this many, and at most one for each additional ID. [S0-058] */
  readonly additionalNumbersMost: number;
  readonly tollFree: TollFreeRules | null;
  /** Options that can be ordered by their item. */
  readonly options: readonly string[];
  /** Of these, the ones that only an existing contract can order. [S0-134] */
  readonly optionsLater: readonly string[];
  /** The contractor must be a business. [S3-023] */
  readonly businessOnly: boolean;
  /** The contractor's address must be in Japan. [S3-022] */
  readonly inJapanOnly: boolean;
  /** Can be paused. [S3-022] */
  readonly pausable: boolean;
  /** Numbers in mobile mode; 0: no such mode. [S3-028] */
  readonly mobileModeNumbersMost: number;
  /** IDs that a shared phone book of the service needs; 0: it has none of that kind. [S3-059] */
  readonly phoneBookIdsLeast: number;
  /** The deposit that may be asked of a contract; null: none but those of options. [S3-031] */
  readonly depositItem: string | null;
  /** Days of a free trial; 0: none. [S4-018] */
  readonly trialDays: number;
  readonly facts: readonly string[];
}

const plain: Omit<ProductRules, 'product' | 'numberKinds' | 'facts'> = {
  idItems: { base: [], additional: [] },
  mainNumberAndBaseId: false,
  additionalNumbersMost: Number.MAX_SAFE_INTEGER,
  tollFree: null,
  options: [],
  optionsLater: [],
  businessOnly: false,
  inJapanOnly: false,
  pausable: true,
  mobileModeNumbersMost: 0,
  phoneBookIdsLeast: 0,
  depositItem: null,
  trialDays: 0,
};

/** The rules of the five services. */
export const productRules: readonly ProductRules[] = [
  {
    ...plain,
    product: 'cloudPhone',
    numberKinds: ['shared', 'representative', 'direct'],
    idItems: {
      base: ['id.base.initial', 'id.base'],
      additional: ['id.additional.initial', 'id.additional'],
    },
    mainNumberAndBaseId: true,
    additionalNumbersMost: 2,
    tollFree: {
      items: ['tollFree', 'tollFree.initial', 'tollFree.listing'],
      portInItems: ['tollFree.portIn', 'tollFree.portIn.initial'],
      construction: null,
      idsLeast: 2,
      atApplication: false,
      functions: { presentNumber: 'tollFree.presentNumber' },
      facts: ['S0-024', 'S0-026', 'S0-146', 'S0-149', 'A-58'],
    },
    options: [
      'option.afterHours',
      'option.voicemail',
      'option.fax',
      'option.faxUnlimited500',
      'option.tenMinutes',
      'option.phoneBook',
      'option.forwarding',
      'option.recording',
      'option.ivr',
      'option.receptionApp',
      'option.answerBot',
      'option.operator',
      'tollFree.presentNumber',
    ],
    optionsLater: ['option.recording'],
    facts: ['S0-054', 'S0-058', 'S0-063', 'A-01'],
  },
  {
    ...plain,
    product: 'groupForwarding',
    numberKinds: ['standard', 'representativeOnly', 'ivr'],
    facts: ['S1-008'],
  },
  {
    ...plain,
    product: 'calleePays',
    numberKinds: [],
    tollFree: {
      items: ['calleePays.basic'],
      portInItems: [],
      construction: 'calleePays.construction',
      idsLeast: 0,
      atApplication: true,
      functions: {
        multiLine: 'calleePays.multiLine',
        region: 'calleePays.region',
        busyDetour: 'calleePays.busyDetour',
        percentage: 'calleePays.percentage',
        destinationChange: 'calleePays.destinationChange',
        afterHours: 'calleePays.afterHours',
        presentNumber: 'calleePays.presentNumber',
      },
      facts: ['S2-002', 'S2-003', 'S2-004', 'S2-005', 'S2-006', 'S2-007', 'S2-008', 'S2-010', 'A-28'],
    },
    options: [
      'calleePays.multiLine',
      'calleePays.region',
      'calleePays.busyDetour',
      'calleePays.percentage',
      'calleePays.destinationChange',
      'calleePays.afterHours',
      'calleePays.control',
      'calleePays.presentNumber',
    ],
    facts: ['S2-002'],
  },
  {
    ...plain,
    product: 'ip050',
    numberKinds: ['ip050'],
    idItems: { base: ['ip050.app'], additional: ['ip050.app'] },
    businessOnly: true,
    inJapanOnly: true,
    pausable: false,
    mobileModeNumbersMost: 500,
    phoneBookIdsLeast: 30,
    depositItem: 'ip050.deposit',
    facts: ['S3-022', 'S3-023', 'S3-028', 'S3-059'],
  },
  { ...plain, product: 'answering', numberKinds: [], trialDays: 10, facts: ['S4-018'] },
];

const byProduct = new Map(productRules.map((rules) => [rules.product, rules]));

/** The rules of a service. */
export function rulesOf(product: ProductId): ProductRules {
  const rules = byProduct.get(product);
  if (rules === undefined) throw new Error(`no rules for the product ${product}`);
  return rules;
}

/** A device that is or was sold. [S0-170] [S0-171] */
export interface DeviceModel {
  /** As an order names it. */
  readonly model: string;
  readonly kind: 'adapter' | 'deskPhone' | 'app';
  /** Catalogue items: one-time first. */
  readonly items: readonly string[];
  /** `supplied`: an AC adapter is in the box. `asked`: the order must say where power comes from. [S0-173] [S0-174] */
  readonly power: 'supplied' | 'asked' | 'none';
  /** Whose desk phone it is. [S0-170] */
  readonly vendor?: 'grandstream' | 'panasonic';
  /** Exclusive end of sale. */
  readonly soldUntil: Instant | null;
  /** What it cannot do: run the app, make calls in mobile mode, show the shared phone book. */
  readonly lacks: readonly ('app' | 'mobileVoice' | 'phoneBook')[];
  readonly facts: readonly string[];
}

const handset = { kind: 'app', items: [], power: 'none', soldUntil: null } as const;

/** Devices by the name that orders use. */
export const deviceModels: readonly DeviceModel[] = [
  {
    model: 'grandstream',
    kind: 'deskPhone',
    vendor: 'grandstream',
    items: ['device.grandstream.purchase', 'device.grandstream'],
    power: 'supplied',
    soldUntil: null,
    lacks: ['mobileVoice'],
    facts: ['S0-006', 'S0-170', 'S0-173'],
  },
  {
    model: 'grandstream-gxp1628',
    kind: 'deskPhone',
    vendor: 'grandstream',
    items: ['device.grandstream.purchase', 'device.grandstream'],
    power: 'supplied',
    soldUntil: japanMidnight(2021, 9, 1),
    lacks: ['mobileVoice'],
    facts: ['S0-171'],
  },
  {
    model: 'panasonic',
    kind: 'deskPhone',
    vendor: 'panasonic',
    items: ['device.panasonic.purchase', 'device.panasonic'],
    power: 'asked',
    soldUntil: null,
    lacks: ['mobileVoice'],
    facts: ['S0-007', 'S0-170', 'S0-174', 'A-42'],
  },
  {
    model: 'adapter',
    kind: 'adapter',
    items: ['device.adapter.initial', 'device.adapter'],
    power: 'supplied',
    soldUntil: null,
    lacks: ['mobileVoice'],
    facts: ['S0-009', 'S0-179'],
  },
  { ...handset, model: 'app', lacks: [], facts: ['S0-062'] },
  { ...handset, model: 'ipad', lacks: ['mobileVoice'], facts: ['S0-182', 'S3-048'] },
  { ...handset, model: 'pc', lacks: ['mobileVoice'], facts: ['S3-020'] },
  {
    ...handset,
    model: 'androidTablet',
    lacks: ['mobileVoice', 'phoneBook'],
    facts: ['S3-048', 'S3-061'],
  },
  { ...handset, model: 'featurePhone', lacks: ['app', 'phoneBook'], facts: ['S3-046', 'S3-061'] },
];
