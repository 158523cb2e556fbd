import type { Instant } from '../../lib/base/clock.ts';
import type { ContractId, GatewayId, PortNumber, ServiceId } from '../../lib/base/ids.ts';
import type { MicroYen } from '../../lib/base/units.ts';
import type { BilingualName, ProductId, SoldNumberKind } from '../catalogue/index.ts';
import type { ContractView, DeviceClass } from '../routing/types.ts';
import type { BookEntry, DeskPhone, OfficeLan } from './desk.ts';
import type { IdFeatures, NumberFeatures, RingGroup } from './features.ts';
import type {
  Ceiling,
  ContractSet,
  Deposit,
  GroupForwarding,
  IdentityCheck,
  MobileMode,
  OperatorAnswering,
  SharedPhoneBook,
} from './services.ts';
import type { TollFreeNumber } from './toll-free.ts';

/** From when until when something belongs to a contract. */
export interface Held {
  /** The moment of the application: fees run from it, not from completion. [S0-162] */
  readonly from: Instant;
  /** Exclusive; null while it is held. */
  readonly until: Instant | null;
}

/**
 * What a number is in its model. `shared`: rings any device [S0-055]. `representative`, `direct`: the model before
 * 2021-06-26 [S0-067]. `standard`, `representativeOnly`, `ivr`: numbers of group forwarding [S1-008]. `ip050`: of the
 * 050 service. Absent: `shared`.
 */
export type NumberKind = SoldNumberKind;

/** A telephone number of a contract. [S0-054] */
export interface ContractNumber {
  readonly number: string;
  readonly role: 'contract' | 'additional';
  /** The IDs whose devices it rings. [S0-056] */
  readonly rings: readonly ServiceId[];
  /** Brought along from another carrier. [S0-029] */
  readonly portedIn: boolean;
  readonly held: Held;
  readonly kind?: NumberKind;
  /** The number whose place it took when it was ported in; the contract number's fee goes on. */
  readonly replaces?: string;
  /** Absent: as `emptyFeatures()`. */
  readonly features?: NumberFeatures;
}

/** One ID: the entitlement of one device or one analog line. [S0-062] [S0-063] [S0-066] */
export interface ContractServiceId {
  readonly id: ServiceId;
  readonly role: 'base' | 'additional';
  /** The device that uses it. */
  readonly device: string;
  /** The analog port, for an ID on an adapter. */
  readonly port: PortNumber | null;
  /** Dialled by the other lines of the office. */
  readonly extension: string;
  readonly label: string;
  /** The number presented when it calls out: always one of the contract's own. [S0-089] */
  readonly presents: string;
  readonly held: Held;
  /** Absent: as `emptyIdFeatures()`. */
  readonly features?: IdFeatures;
}

/** A device. Several IDs may sit on one adapter, one an analog port. */
export interface ContractDevice {
  readonly id: string;
  readonly kind: DeviceClass;
  /** The gateway that an adapter is part of, or on whose LAN a desk phone stands. */
  readonly gateway: GatewayId | null;
  /** Catalogue items of the device: one-time first. */
  readonly items: readonly string[];
  readonly held: Held;
  /** As orders name it: `panasonic`. */
  readonly model?: string;
  /** Where its power comes from, for a model that brings no adapter. [S0-174] */
  readonly power?: DevicePower;
  /** Of a desk phone that a gateway sets up; absent while its hardware address is not known. [S0-176] */
  readonly phone?: DeskPhone;
}

/** `poeHub`: the hub of the price list. `ownPoe`, `ownAc`: the customer's. [S0-175] */
export type DevicePower = 'supplied' | 'poeHub' | 'ownPoe' | 'ownAc';

/** Where the customer is. [S0-199] [S3-022] */
export interface Address {
  readonly inJapan: boolean;
  /** A base in Tokyo's 23 wards, which 03 numbers need. */
  readonly inTokyoWards: boolean;
  /** The shared office in Shibuya-ku serves as the base. [S0-200] */
  readonly sharedOffice: boolean;
}

/** An option of the catalogue on a number, an ID or the contract. */
export interface ContractOption {
  readonly items: readonly string[];
  /** The number, ID or contract that carries it. */
  readonly on: string;
  readonly held: Held;
}

/** One contract (契約) with all that it holds. */
export interface Contract {
  readonly id: ContractId;
  readonly name: BilingualName;
  readonly state: ContractView['state'];
  /** `current`: one contract number and additional ones. `legacy`: the model before 2021-06-26. */
  readonly model: 'current' | 'legacy';
  readonly emergency: ContractView['emergency'];
  /** Forwarding waits for it. [S0-144] */
  readonly identityVerified: boolean;
  readonly numbers: readonly ContractNumber[];
  readonly ids: readonly ContractServiceId[];
  readonly devices: readonly ContractDevice[];
  readonly options: readonly ContractOption[];
  /** The service whose rules and prices it has. Absent: `cloudPhone`. */
  readonly product?: ProductId;
  /** When the contract was applied for. Absent: when its first number is held from. */
  readonly held?: Held;
  /** Whoever signed; a trial is given to each once. */
  readonly legalEntity?: string;
  readonly address?: Address;
  /** Model before 2021-06-26: the operator has accepted the declared use of 4 or more representative numbers. [S0-072] */
  readonly manyRepresentatives?: boolean;
  readonly identity?: IdentityCheck;
  /** Ring groups by name: for numbers, menus, reception buttons. */
  readonly groups?: readonly RingGroup[];
  readonly tollFree?: readonly TollFreeNumber[];
  readonly sets?: readonly ContractSet[];
  readonly deposits?: readonly Deposit[];
  readonly ceiling?: Ceiling;
  readonly mobileMode?: MobileMode;
  readonly phoneBook?: SharedPhoneBook;
  /** The shared phone book of the IDs that have its option. [S0-191] [S0-194] */
  readonly officeBook?: readonly BookEntry[];
  /** What was ordered for the LANs of the gateways. */
  readonly lans?: readonly OfficeLan[];
  readonly answering?: OperatorAnswering;
  readonly groupForwarding?: GroupForwarding;
}

/** A thing that costs money, as billing sees it: a catalogue item, what it is on, and since when. */
export interface Subscription {
  readonly item: string;
  /** The number, ID or device: `0355550100`, `id-000001-1`. */
  readonly on: string;
  readonly from: Instant;
  readonly until: Instant | null;
  /** For a deposit, whose amount may be raised or lowered. [S0-152] */
  readonly amountMicroYen?: MicroYen;
}
