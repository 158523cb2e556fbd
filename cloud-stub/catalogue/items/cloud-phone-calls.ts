import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { CURRENT_MODEL_FROM, priceList } from '../entry.ts';
import type { CallScope, CatalogueItem, PriceUnit } from '../types.ts';

const entry = priceList('cloudPhone', CURRENT_MODEL_FROM);

const per30s: PriceUnit = { of: 'time', ms: 30_000 };
const per60s: PriceUnit = { of: 'time', ms: 60_000 };
const per3min: PriceUnit = { of: 'time', ms: 180_000 };

const onDevices = { deskPhone: 'deviceCalls', adapter: 'deviceCalls' } as const;
const onApp = { app: 'appCalls' } as const;
const onAll = { ...onApp, ...onDevices } as const;
const free = { any: 'free' } as const;

function out(more: Pick<CallScope, 'farEnds' | 'categories' | 'tenMinutes'> & Partial<CallScope>): CallScope {
  return { direction: 'out', ...more };
}

/** Calls that a device of the office makes. [S0-045]…[S0-053] */
const outgoing: readonly CatalogueItem[] = [
  entry('call.app', ['アプリ発信', 'Call from the app'], ['S0-045', 'A-10'], 'usage', 20, 'call', {
    unit: per30s,
    call: out({ farEnds: ['geographic', 'ip050', 'mobile'], categories: onApp, tenMinutes: true }),
  }),
  // A fax machine on an adapter makes such calls.
  entry('call.device.fixed', ['固定電話への発信', 'Call to a fixed line'], ['S0-046'], 'usage', 8, 'call', {
    unit: per3min,
    call: out({ farEnds: ['geographic'], categories: onDevices, tenMinutes: false }),
  }),
  entry('call.device.mobile', ['携帯電話への発信', 'Call to a mobile'], ['S0-046'], 'usage', 17.5, 'call', {
    unit: per60s,
    call: out({ farEnds: ['mobile'], categories: onDevices, tenMinutes: false }),
  }),
  // The lists give no price for 050 from a desk phone or adapter: priced as mobile, as the forwarded leg is.
  entry(
    'call.device.ip050',
    ['050番号への発信', 'Call to an 050 number'],
    ['S0-047', 'A-61'],
    'usage',
    17.5,
    'call',
    {
      basis: 'chosen',
      unit: per60s,
      call: out({ farEnds: ['ip050'], categories: onDevices, tenMinutes: false }),
    },
  ),
  entry('call.naviDial', ['ナビダイヤル', 'Navi-dial'], ['S0-048'], 'usage', 20, 'call', {
    unit: per30s,
    call: out({ farEnds: ['naviDial'], categories: onAll, tenMinutes: false }),
  }),
  entry(
    'call.directory104',
    ['番号案内 104', 'Directory enquiry 104'],
    ['S0-049', 'A-11'],
    'usage',
    265,
    'call',
    {
      unit: { of: 'call' },
      validUntil: japanMidnight(2026, 4, 1),
      call: out({ farEnds: ['special1xy'], numbers: ['104'], categories: onAll, tenMinutes: false }),
    },
  ),
  entry(
    'call.tollFree',
    ['着信課金番号への発信', 'Call to a toll-free number'],
    ['A-10'],
    'usage',
    0,
    'call',
    {
      basis: 'chosen',
      unit: { of: 'call' },
      call: out({ farEnds: ['tollFree'], categories: free, tenMinutes: false }),
    },
  ),
  entry('call.emergency', ['緊急通報', 'Emergency call'], ['A-36', 'A-37'], 'usage', 0, 'call', {
    basis: 'chosen',
    unit: { of: 'call' },
    call: out({ farEnds: ['emergency'], categories: free, tenMinutes: false }),
  }),
  entry('call.internal', ['内線通話', 'Internal call'], ['S0-050'], 'usage', 0, 'call', {
    unit: { of: 'call' },
    call: { direction: 'internal', farEnds: [], categories: free, tenMinutes: false },
  }),
];

/** Legs that the service makes on the customer's behalf. */
const forwarded: readonly CatalogueItem[] = [
  entry(
    'call.forwarded.fixed',
    ['固定電話への転送', 'Forwarded to a fixed line'],
    ['S0-047'],
    'usage',
    8,
    'call',
    {
      unit: per3min,
      call: {
        direction: 'forwarded',
        farEnds: ['geographic'],
        categories: { any: 'forwardedLegs' },
        // [S0-093]
        tenMinutes: false,
      },
    },
  ),
  entry(
    'call.forwarded.mobile',
    ['携帯電話・050番号への転送', 'Forwarded to a mobile or 050 number'],
    ['S0-047'],
    'usage',
    17.5,
    'call',
    {
      unit: per60s,
      call: {
        direction: 'forwarded',
        farEnds: ['mobile', 'ip050'],
        categories: { any: 'forwardedLegs' },
        // [S0-093]
        tenMinutes: false,
      },
    },
  ),
  entry(
    'call.forwarded.answering',
    ['電話秘書への転送', 'Forwarded to the answering service'],
    ['S0-052'],
    'usage',
    8,
    'call',
    {
      unit: per3min,
      call: {
        direction: 'forwardedToAnswering',
        // Loan numbers are 03 or 050 numbers, and the price is one. [S4-012] [S4-026]
        farEnds: ['geographic', 'ip050'],
        categories: { any: 'forwardedLegs' },
        tenMinutes: false,
      },
    },
  ),
];

function tollFreeIn(farEnds: CallScope['farEnds']): CallScope {
  return { direction: 'tollFreeIn', farEnds, categories: { any: 'tollFreeIn' }, tenMinutes: false };
}

/** Calls to a toll-free number of the office, paid by the office. */
const tollFree: readonly CatalogueItem[] = [
  entry(
    'call.tollFreeIn.fixed',
    ['固定電話からの着信', 'Toll-free call from a fixed line'],
    ['S0-051'],
    'usage',
    7,
    'call',
    {
      unit: per60s,
      call: tollFreeIn(['geographic']),
    },
  ),
  entry(
    'call.tollFreeIn.mobile',
    ['携帯電話・PHSからの着信', 'Toll-free call from a mobile or PHS'],
    ['S0-051'],
    'usage',
    20,
    'call',
    {
      unit: per60s,
      call: tollFreeIn(['mobile']),
    },
  ),
  // The list has no price for a caller with an 050 number: priced as mobile.
  entry(
    'call.tollFreeIn.ip050',
    ['050番号からの着信', 'Toll-free call from an 050 number'],
    ['S0-051', 'A-61'],
    'usage',
    20,
    'call',
    {
      basis: 'chosen',
      unit: per60s,
      call: tollFreeIn(['ip050']),
    },
  ),
  entry(
    'call.tollFreeIn.payphone',
    ['公衆電話からの着信', 'Toll-free call from a payphone'],
    ['S0-051'],
    'usage',
    30,
    'call',
    {
      unit: per60s,
      call: tollFreeIn(['payphone']),
    },
  ),
];

/** Cloud fax, by time of transmission. [S0-013] [S0-014] */
const fax: readonly CatalogueItem[] = [
  entry('fax.receive', ['クラウドFAX 受信', 'Cloud fax, receiving'], ['S0-013'], 'usage', 0, 'fax', {
    unit: per30s,
    usage: 'cloudFax',
    use: 'faxReceive',
  }),
  entry('fax.send', ['クラウドFAX 送信', 'Cloud fax, sending'], ['S0-014', 'A-44'], 'usage', 20, 'fax', {
    unit: per30s,
    usage: 'cloudFax',
    use: 'faxSend',
  }),
];

/** Cloud phone: calls and fax. [S0-053] needs no entry: which number a call shows is no part of any price here. */
export const cloudPhoneCallItems: readonly CatalogueItem[] = [...outgoing, ...forwarded, ...tollFree, ...fax];
