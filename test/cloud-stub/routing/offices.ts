import type {
  Contract,
  IdFeatures,
  IvrMenu,
  NumberFeatures,
  RingGroup,
} from '../../../cloud-stub/contracts/index.ts';
import { emptyFeatures, emptyIdFeatures, exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import type { NumberKind } from '../../../cloud-stub/contracts/types.ts';
import type { DeviceClass } from '../../../cloud-stub/routing/types.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { ServiceId } from '../../../lib/base/ids.ts';
import { CONTRACT, MAIN } from './world.ts';

const held = { from: instant(0), until: null };

/** One ID of a made-up office: `a` is `id-000001-1`, `b` is `id-000001-2` and so on. */
export interface MadeId {
  readonly device?: DeviceClass;
  readonly extension?: string;
  readonly features?: Partial<IdFeatures>;
  readonly options?: readonly string[];
}

/** One number of a made-up office. */
export interface MadeNumber {
  readonly number: string;
  /** Letters of the IDs: `abe`. */
  readonly rings: string;
  readonly kind?: NumberKind;
  readonly features?: Partial<NumberFeatures>;
  /** Absent: every option there is. */
  readonly options?: readonly string[];
}

export interface MadeOffice {
  readonly ids: readonly MadeId[];
  /** The first is the contract number. */
  readonly numbers: readonly MadeNumber[];
  readonly groups?: readonly RingGroup[];
  readonly more?: Partial<Contract>;
}

/** Every option of a number except the bot, which voicemail cannot stand beside. [S0-125] */
export const OPTIONS = [
  'option.voicemail',
  'option.fax',
  'option.forwarding',
  'option.recording',
  'option.ivr',
  'option.afterHours',
];

/** The service id of a letter. */
export function idOf(letter: string): ServiceId {
  return `id-000001-${letter.charCodeAt(0) - 96}` as ServiceId;
}

export function idsOf(letters: string): readonly ServiceId[] {
  return [...letters].map(idOf);
}

/** A contract as its description says; not checked, so that routing can be shown what orders would refuse. */
export function makeOffice({ ids, numbers, groups, more }: MadeOffice): Contract {
  const letters = ids.map((_, index) => String.fromCharCode(97 + index));
  return {
    ...exampleOffice,
    identityVerified: true,
    devices: ids.map(({ device = 'deskPhone' }, index) => ({
      id: `device-${letters[index]}`,
      kind: device,
      gateway: null,
      items: [],
      held,
    })),
    ids: ids.map(({ extension, features }, index) => ({
      id: idOf(letters[index] ?? ''),
      role: index === 0 ? ('base' as const) : ('additional' as const),
      device: `device-${letters[index]}`,
      port: null,
      extension: extension ?? `${11 + index}`,
      label: letters[index] ?? '',
      presents: numbers[0]?.number ?? MAIN,
      held,
      features: { ...emptyIdFeatures(), ...features },
    })),
    numbers: numbers.map(({ number, rings, kind, features }, index) => ({
      number,
      role: index === 0 ? ('contract' as const) : ('additional' as const),
      rings: idsOf(rings),
      portedIn: false,
      held,
      ...(kind === undefined ? {} : { kind }),
      features: { ...emptyFeatures(), ...features },
    })),
    options: [
      ...numbers.map(({ number, options = OPTIONS }) => ({ items: options, on: number, held })),
      ...ids.map(({ options = [] }, index) => ({ items: options, on: idOf(letters[index] ?? ''), held })),
    ],
    groups: groups ?? [],
    ...more,
    id: CONTRACT,
  };
}

/** A desk phone and an app that one number rings, with settings of that number. */
export function deskAndApp(features: Partial<NumberFeatures> = {}, more: Partial<MadeNumber> = {}): Contract {
  return makeOffice({
    ids: [{ device: 'deskPhone' }, { device: 'app' }],
    numbers: [{ number: MAIN, rings: 'ab', features, ...more }],
  });
}

/** Switches of a number, all off but the named ones. */
export function switches(
  on: Partial<Record<'forwarding' | 'afterHours' | 'bot' | 'ivr', boolean>>,
): NumberFeatures['answer'] {
  return { mode: 'toggles', forwarding: false, afterHours: false, bot: false, ivr: false, ...on };
}

export const VOICEMAIL = { afterMs: 20_000, greeting: 'default.voicemail' } as const;

/** A menu with keys, that is played twice. */
export function menu(
  id: string,
  keys: IvrMenu['keys'],
  otherwise: IvrMenu['otherwise'] = { do: 'hangUp' },
): IvrMenu {
  return { id, prompt: `prompt.${id}`, keys, waitMs: 5_000, tries: 2, otherwise };
}

/** External members for the whole company, with additional targets by number. [S1-016] [S1-017] */
export function companyForwarding(extraTargets: Readonly<Record<string, number>> = {}) {
  return { held, scope: 'everything' as const, extraTargets };
}
