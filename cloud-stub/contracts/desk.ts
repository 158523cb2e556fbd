import {
  type DhcpConfig,
  dhcpConfig,
  type LanConfig,
  lanConfig,
  type PhoneConfig,
  type PhoneKey,
} from '../../lib/contract/lan-config.ts';

import type { RingGroupConfig } from '../../lib/contract/site-config.ts';

export type { PhoneKey } from '../../lib/contract/lan-config.ts';

/** The hardware of a desk phone that a box sets up: its address on the LAN and what its maker calls it. [S0-170] [S0-176] */
export interface DeskPhone {
  /** Twelve lower-case hex digits: `c074ad000001`. */
  readonly mac: string;
  /** `GRP2612`, `KX-HDV230N`; those that a box can set up stand in `lib/contract/phone-models.ts`. */
  readonly type: string;
}

/** How a desk phone behaves and what its keys do; ranges are those of the box's configuration. [S0-056] [S0-081] [S0-089] */
export type PhoneSettings = Readonly<
  Pick<PhoneConfig, 'presentable' | 'rings' | 'keys' | 'language' | 'callWaiting'>
>;

/** What is said about a phone; the rest is as usual. */
export type PhoneChange = Partial<PhoneSettings>;

/** A phone about which nothing was ever said. */
const USUAL_PHONE: PhoneSettings = {
  presentable: [],
  rings: [],
  keys: [],
  language: 'ja',
  callWaiting: true,
};

/** All settings of a phone. */
export function phoneSettings(said: PhoneChange | undefined): PhoneSettings {
  return { ...USUAL_PHONE, ...said };
}

/** What the box does with DHCP on the LAN. Options for single devices are not ordered: the box makes those that phones need. */
export type DhcpChange = Partial<Omit<DhcpConfig, 'rules'>>;
/** What all desk phones of a LAN have in common. */
export type HabitsChange = Partial<LanConfig['phoneHabits']>;

/** The LAN of one gateway: what was said about it; the rest is as usual. [S0-178] */
export interface OfficeLan {
  readonly gateway: string;
  readonly dhcp?: DhcpChange;
  readonly habits?: HabitsChange;
  /** Ring groups that work inside the office, with and without the service (内線グループ). */
  readonly groups?: readonly RingGroupConfig[];
}

/** An entry of the office's shared phone book (Web電話帳). [S0-191] */
export type BookEntry = Readonly<LanConfig['phoneBook'][number]>;

/** DHCP and habits of a LAN, whole. */
export function lanSettings(said: OfficeLan | undefined): Pick<LanConfig, 'dhcp' | 'phoneHabits'> {
  const usual = lanConfig.parse({});
  return {
    dhcp: { ...dhcpConfig.parse({}), ...said?.dhcp },
    phoneHabits: { ...usual.phoneHabits, ...said?.habits },
  };
}

/** The same for other extensions: keys that watch one that is gone go with it. */
export function withPhoneExtensions(
  said: PhoneChange,
  rename: (extension: string) => string | null,
): PhoneChange {
  if (said.keys === undefined) return said;
  return {
    ...said,
    keys: said.keys.flatMap((key): PhoneKey[] => {
      if (key.does !== 'watch') return [key];
      const extension = rename(key.extension);
      return extension === null ? [] : [{ ...key, extension }];
    }),
  };
}
