import type { CallerClass, Classified } from '../numbering/index.ts';
import type { CallMedia, CallMode } from '../routing/types.ts';
import type { ProductId } from './types.ts';

/** Callers or calls that are not taken, and why. */
export interface CallRefusal<Kind extends string> {
  readonly of: readonly Kind[];
  readonly facts: readonly string[];
  /** For a person, after "the call is not taken:". */
  readonly say: string;
}

/** Numbers that a service does not call. */
export interface NumberBlock {
  /** Last part of the rule's name: `out.blocked.docomoRemote`. */
  readonly id: string;
  /** What it matches: first digits of the national number, or a special kind of the numbering plan. */
  readonly numbers: { readonly begin: readonly string[] } | { readonly special: Classified['special'] };
  /** Blocked only so; absent: always. */
  readonly mode?: CallMode;
  readonly facts: readonly string[];
  readonly say: string;
}

/** What the calls of a service may be. Data: routing never asks for a service by name. */
export interface CallRules {
  readonly product: ProductId;
  /** Callers that its toll-free numbers do not take, whatever their region. */
  readonly tollFreeRefuses: readonly CallRefusal<CallerClass>[];
  readonly tollFreeRefusesMedia: readonly CallRefusal<CallMedia>[];
  /** Numbers that it does not call. The first that matches speaks. */
  readonly blocks: readonly NumberBlock[];
  /** Emergency numbers: as the contract and the device allow, or never. */
  readonly emergency: 'byContract' | 'refused';
  /** How its calls can be made; the first is what a call is when nothing is said. */
  readonly modes: readonly [CallMode, ...CallMode[]];
  /** 050 numbers of providers that are on no list of partners are not called. [S3-010] */
  readonly partnersOnly: boolean;
  /** Whether 0120, 0800 and 0570 numbers accept its callers differs by number. [S3-008] */
  readonly acceptanceDiffers: boolean;
  /** Apps older than these do not reach such numbers, by their system. [S3-009] */
  readonly appLeast: Readonly<Partial<Record<'android' | 'ios', string>>>;
}

const plain: Omit<CallRules, 'product'> = {
  tollFreeRefuses: [],
  tollFreeRefusesMedia: [],
  blocks: [],
  emergency: 'byContract',
  modes: ['ip'],
  partnersOnly: false,
  acceptanceDiffers: false,
  appLeast: {},
};

/** Numbers that an 050 number of the business service does not call. [S3-003]…[S3-013] */
const ip050Blocks: readonly NumberBlock[] = [
  block(
    'threeDigit',
    { begin: ['1'] },
    ['S3-003'],
    'three-digit numbers cannot be called from an 050 number',
  ),
  block('m2m', { begin: ['020'] }, ['S3-004'], 'numbers that begin with 020 cannot be called'),
  block(
    'docomoRemote',
    { special: 'docomoRemote' },
    ['S3-005'],
    "docomo's remote-control numbers cannot be called",
  ),
  block(
    'softbankService',
    { special: 'softbankService' },
    ['S3-006'],
    "SoftBank's numbers for forwarding, voicemail and call notice cannot be called",
  ),
  block(
    'messageDial',
    { begin: ['0170'] },
    ['S3-007', 'S3-012'],
    'message dial cannot be called from an 050 number',
  ),
  // What is left of the 0XX0 family in IP mode: Free Dial (0120, 0800), Navi-dial (0570) and Teledome (0180).
  block(
    'zeroFamily',
    { begin: ['0990', '0910'] },
    ['S3-007', 'S3-012'],
    'numbers of the 0XX0 kind cannot be called from an 050 number',
  ),
  {
    ...block(
      'mobileMode',
      { begin: ['0120', '0800', '0570', '0180'] },
      ['S3-012'],
      'toll-free numbers, Navi-dial and Teledome cannot be called in mobile mode',
    ),
    mode: 'mobile',
  },
  {
    ...block(
      'satellite',
      { special: 'satellite' },
      ['S3-013'],
      'satellite telephones cannot be called in mobile mode',
    ),
    mode: 'mobile',
  },
  {
    ...block('ship', { special: 'ship' }, ['S3-013'], 'ship telephones cannot be called in mobile mode'),
    mode: 'mobile',
  },
];

function block(
  id: string,
  numbers: NumberBlock['numbers'],
  facts: readonly string[],
  say: string,
): NumberBlock {
  return { id, numbers, facts, say };
}

const noInternational: CallRefusal<CallerClass> = {
  of: ['international'],
  facts: ['S0-151', 'A-34'],
  say: 'international calls cannot reach a toll-free number',
};

/** The calls of the five services. */
export const callRules: readonly CallRules[] = [
  { ...plain, product: 'cloudPhone', tollFreeRefuses: [noInternational] },
  { ...plain, product: 'groupForwarding' },
  {
    ...plain,
    product: 'calleePays',
    tollFreeRefuses: [
      {
        // Ships and aircraft call by satellite.
        of: ['ip050', 'international', 'satellite'],
        facts: ['S2-026', 'A-34'],
        say: 'calls from 050, abroad, satellites, ships and aircraft cannot reach this toll-free number',
      },
    ],
    tollFreeRefusesMedia: [
      {
        of: ['video', 'highQualityAudio', 'dataConnect'],
        facts: ['S2-017', 'S2-027'],
        say: 'this toll-free number takes ordinary voice calls only',
      },
    ],
  },
  {
    ...plain,
    product: 'ip050',
    blocks: ip050Blocks,
    emergency: 'refused',
    modes: ['ip', 'mobile'],
    partnersOnly: true,
    acceptanceDiffers: true,
    appLeast: { android: '1.8.0', ios: '1.7.0' },
  },
  { ...plain, product: 'answering' },
];

const byProduct = new Map(callRules.map((rules) => [rules.product, rules]));

/** What the calls of a service may be. */
export function callRulesOf(product: ProductId): CallRules {
  const rules = byProduct.get(product);
  if (rules === undefined) throw new Error(`no call rules for the product ${product}`);
  return rules;
}
