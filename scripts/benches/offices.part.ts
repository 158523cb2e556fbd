import type { ProductId } from '../../cloud-stub/catalogue/index.ts';
import {
  type Contract,
  emptyFeatures,
  emptyIdFeatures,
  exampleOffice,
  type NumberFeatures,
  type RingGroup,
} from '../../cloud-stub/contracts/index.ts';
import type { CallRequest, DeviceClass } from '../../cloud-stub/routing/types.ts';
import { instant } from '../../lib/base/clock.ts';
import type { CallId, ContractId, ServiceId } from '../../lib/base/ids.ts';
import { type Random, seededRandom } from '../../lib/base/random.ts';
import { productOf } from './mix.part.ts';

/** A call of the mix, and the service that it is a call of. */
export interface MixedCall {
  readonly product: ProductId;
  readonly request: CallRequest;
}

const held = { from: instant(0), until: null };
const CALLERS = ['09012345678', '0312345678', '0661234567', '05012345678', '08087654321', '0459876543'];
const DIALLED = ['0355550123', '09012345678', '0661234567', '05012345678', '0120123456', '0570012345', '110'];
const CALL = 'mhabcdef-0123456789abcdef' as CallId;

/** Offices of all five services, with as many settings in use as there are kinds of them. The same every time. */
export function seededOffices(count: number): readonly Contract[] {
  return Array.from({ length: count }, (_, n) => officeOf(n));
}

/** Calls in and out of these offices, toll-free ones for the callee-pays service. The same seed gives the same calls. */
export function seededCalls(seed: number, count: number, offices: readonly Contract[]): readonly MixedCall[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const office = pick(random, offices);
    return { product: office.product ?? 'cloudPhone', request: requestTo(office, random) };
  });
}

function requestTo(office: Contract, random: Random): CallRequest {
  const id = pick(random, office.ids);
  if (office.tollFree === undefined && random.fraction() < 0.4) {
    return { call: CALL, direction: 'out', id: id.id, dialled: pick(random, DIALLED) };
  }
  const to = office.tollFree?.[0]?.number ?? pick(random, office.numbers).number;
  const withheld = random.fraction() < 0.05;
  return { call: CALL, direction: 'in', from: pick(random, CALLERS), withheld, to };
}

function pick<Thing>(random: Random, list: readonly Thing[]): Thing {
  const one = list[Math.floor(random.fraction() * list.length)];
  if (one === undefined) throw new Error('nothing to choose from');
  return one;
}

function officeOf(n: number): Contract {
  const product = productOf(n);
  const contract = `c-${String(n).padStart(6, '0')}` as ContractId;
  const digits = String(n).padStart(4, '0');
  const main = product === 'ip050' ? `0503000${digits}` : `033000${digits}`;
  const second = `034000${digits}`;
  const ids = [0, 1, 2, 3].map((index) => `id-${String(n).padStart(6, '0')}-${index + 1}` as ServiceId);
  const groups = groupsOf(ids);
  const group = product === 'groupForwarding';
  const numbers = [
    { number: main, features: featuresOf(n, product) },
    ...(product === 'cloudPhone' ? [{ number: second, features: featuresOf(n + 3, product) }] : []),
  ];
  return {
    ...exampleOffice,
    id: contract,
    product,
    identityVerified: true,
    numbers: numbers.map(({ number, features }, index) => ({
      number,
      role: index === 0 ? 'contract' : 'additional',
      rings: index === 0 ? ids : ids.slice(0, 2),
      portedIn: false,
      held,
      ...(group ? { kind: 'representativeOnly' as const } : {}),
      features,
    })),
    ids: ids.map((id, index) => ({
      id,
      role: index === 0 ? 'base' : 'additional',
      device: `${id}-device`,
      port: null,
      extension: `${11 + index}`,
      label: '',
      presents: main,
      held,
      features: emptyIdFeatures(),
    })),
    devices: ids.map((id, index) => ({
      id: `${id}-device`,
      kind:
        (['deskPhone', 'app', 'adapter', 'app'] as const satisfies readonly DeviceClass[])[index] ?? 'app',
      gateway: null,
      items: [],
      held,
    })),
    options: numbers.map(({ number }) => ({ items: OPTIONS, on: number, held })),
    groups,
    ...(group ? { groupForwarding: { held, scope: 'everything' as const, extraTargets: {} } } : {}),
    ...(product === 'calleePays'
      ? { tollFree: [tollFreeOf(`0120${String(n).padStart(6, '0')}`, main)] }
      : {}),
  };
}

const OPTIONS = [
  'option.voicemail',
  'option.fax',
  'option.forwarding',
  'option.recording',
  'option.ivr',
  'option.afterHours',
];

function groupsOf(ids: readonly ServiceId[]): readonly RingGroup[] {
  const [first, second, third] = ids;
  if (first === undefined || second === undefined || third === undefined) throw new Error('too few IDs');
  return [
    {
      id: 'relay',
      how: 'relay',
      steps: [
        { members: [{ id: first }], forMs: 10_000 },
        { members: [{ external: '0312345678' }], forMs: 10_000 },
        { members: [{ external: '09012345678' }], forMs: 10_000 },
        { members: [{ id: second }], forMs: 10_000 },
      ],
    },
    {
      id: 'all',
      how: 'simultaneous',
      members: [{ id: first }, { id: third }],
      forMs: 20_000,
      deskFirstMs: 2_000,
    },
  ];
}

function featuresOf(n: number, product: ProductId): NumberFeatures {
  const empty = emptyFeatures();
  const off = { mode: 'toggles', forwarding: false, afterHours: false, bot: false, ivr: false } as const;
  const voicemail = { afterMs: 20_000, greeting: 'default.voicemail' };
  if (product === 'groupForwarding') return { ...empty, group: n % 2 === 0 ? 'relay' : 'all' };
  // The office's calls go on to the operators.
  if (product === 'answering')
    return { ...empty, answer: { ...off, forwarding: true }, forwardTo: '0366667777' };
  if (product !== 'cloudPhone') return empty;
  switch (n % 8) {
    case 0:
      return { ...empty, voicemail };
    case 1:
      return { ...empty, answer: { ...off, forwarding: true }, forwardTo: '09012345678' };
    case 2:
      return { ...empty, answer: { ...off, afterHours: true }, voicemail };
    case 3:
      return {
        ...empty,
        answer: { ...off, ivr: true },
        ivrMenu: 'main',
        menus: [
          {
            id: 'main',
            prompt: 'main',
            keys: { '1': { do: 'ring', group: null }, '2': { do: 'forward', to: '09012345678' } },
            waitMs: 5_000,
            tries: 2,
            otherwise: { do: 'hangUp' },
          },
        ],
      };
    case 4:
      return { ...empty, fax: { use: 'voiceAndFax', relayTo: null }, recording: true };
    case 5:
      return { ...empty, reject: [{ reject: 'number', number: '08087654321' }, { reject: 'withheld' }] };
    case 6:
      return {
        ...empty,
        answer: {
          mode: 'schedule',
          table: {
            intervals: [
              {
                on: { days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
                fromMinute: 540,
                untilMinute: 1_080,
                value: { do: 'ring', group: 'all' },
              },
            ],
            holidays: 'own',
            otherwise: { do: 'announce', announcement: 'closed' },
          },
        },
      };
    default:
      return empty;
  }
}

/** Callers of the east to the office itself, all others to lines outside in exact ratios. */
function tollFreeOf(number: string, own: string): NonNullable<Contract['tollFree']>[number] {
  return {
    number,
    prefix: '0120',
    portedIn: false,
    held,
    presents: false,
    accepts: [{ area: 'japan' }],
    acceptsMobile: true,
    guidance: { connection: 'caller', restriction: true, afterHours: false },
    answerNumbers: [own, '0661234567', '0669876543'].map((one) => ({ number: one, hours: null })),
    groups: [
      {
        id: 'tokyo',
        origins: [{ area: 'prefecture', name: '東京都' }],
        mobile: false,
        numbers: [own],
        distribution: { by: 'order' },
        busyDetour: ['0661234567'],
        destinationChange: null,
      },
      {
        id: 'rest',
        origins: 'rest',
        mobile: true,
        numbers: ['0661234567', '0669876543'],
        distribution: {
          by: 'percentage',
          shares: [
            { number: '0661234567', percent: 70 },
            { number: '0669876543', percent: 30 },
          ],
        },
        busyDetour: [],
        destinationChange: null,
      },
    ],
  };
}
