import type { CallId, ContractId, ServiceId } from '../../lib/base/ids.ts';
import type { ProductId } from '../catalogue/index.ts';
import type {
  Ceiling,
  IdFeatures,
  NumberFeatures,
  NumberKind,
  RingGroup,
  TollFreeNumber,
} from '../contracts/index.ts';
import type { NetworkWord } from '../numbering/index.ts';
import type {
  CallManner,
  CallMedia,
  DialledChange,
  OutgoingNotes,
  RoutingAlert,
  TollFreeCall,
  Turn,
} from './call-attributes.ts';
import type { ParkedCall } from './park.ts';
import type { RoutePlan } from './plan.ts';

export type * from './call-attributes.ts';
export type { ParkedCall } from './park.ts';
export type * from './plan.ts';

/** Class of a caller or of a dialled number, from the numbering plan. */
export type NumberClass =
  | 'geographic'
  | 'mobile'
  | 'ip050'
  | 'tollFree'
  | 'naviDial'
  | 'premium'
  | 'emergency'
  | 'special1xy'
  | 'international'
  | 'm2m'
  | 'unknown';

/** The device that a call comes from or goes to; prices differ by it. [S0-045] [S0-046] */
export type DeviceClass = 'adapter' | 'deskPhone' | 'app';

/** One ID of a contract. */
export interface IdView {
  readonly id: ServiceId;
  readonly contract: ContractId;
  readonly role: 'base' | 'additional';
  readonly device: DeviceClass;
  /** The number presented when this ID calls out. [S0-089] */
  readonly presents: string;
  /** Registered at the switch at this moment. */
  readonly reachable: boolean;
  readonly extension?: string;
  /** Settings of the ID; absent in snapshots made by hand: `emptyIdFeatures()`. */
  readonly features?: IdFeatures;
  /** Catalogue items of the options that it holds at this moment: `option.tenMinutes`. */
  readonly options?: readonly string[];
  /** The number that outside targets of the terminal's relay see; null: a configuration error. [S1-014] */
  readonly relayPresents?: string | null;
}

/** One number of a contract. [S0-054] */
export interface NumberView {
  readonly number: string;
  readonly contract: ContractId;
  readonly role: 'contract' | 'additional';
  /** The IDs whose devices it rings. [S0-056] */
  readonly rings: readonly ServiceId[];
  /** Absent: `shared`. */
  readonly kind?: NumberKind;
  /** Settings of the number; absent in snapshots made by hand: `emptyFeatures()`. */
  readonly features?: NumberFeatures;
  /** Catalogue items of the options that it holds at this moment: `option.voicemail`. */
  readonly options?: readonly string[];
  /** Additional forwarding targets that were ordered for it. [S1-016] */
  readonly extraTargets?: number;
  /** Whether it may take faxes; absent where it is not set to. [S0-106] [S0-107] */
  readonly faxEntitled?: boolean;
}

/** One contract. */
export interface ContractView {
  readonly id: ContractId;
  readonly state: 'active' | 'suspended' | 'ended';
  /** Simultaneous calls = number of IDs. [S0-059] */
  readonly channels: number;
  /** Calls that hold a channel at this moment. */
  readonly busyChannels: number;
  readonly emergency: 'supported' | 'refused';
  /** Absent: `cloudPhone`. */
  readonly product?: ProductId;
  readonly model?: 'current' | 'legacy';
  /** Forwarding waits for it. [S0-144] */
  readonly identityVerified?: boolean;
  readonly groups?: readonly RingGroup[];
  readonly ceiling?: Ceiling;
  /** Calls may be sent and taken in mobile mode. [S3-027] */
  readonly mobileMode?: boolean;
  /** The contract number; absent in snapshots made by hand. */
  readonly mainNumber?: string;
  /** Its toll-free numbers. */
  readonly tollFreeNumbers?: readonly string[];
  /** Numbers on loan from the answering service that calls are forwarded to. [S4-015] */
  readonly answeringNumbers?: readonly string[];
  /** Members outside may ring in its groups. Absent in snapshots made by hand: they may. [S1-017] */
  readonly groupForwarding?: boolean;
}

/** One toll-free number and whose it is. [S0-145] */
export interface TollFreeView {
  readonly contract: ContractId;
  readonly setting: TollFreeNumber;
  /** Catalogue items of the options that it holds at this moment: `calleePays.busyDetour`. */
  readonly options: readonly string[];
}

/** Everything `decide` may look at. */
export interface RoutingSnapshot {
  contract(id: ContractId): ContractView | undefined;
  number(number: string): NumberView | undefined;
  id(id: ServiceId): IdView | undefined;
  tollFree?(number: string): TollFreeView | undefined;
  /** Where percentages stand, by {@link Turn.key}; undefined: at the beginning. [S2-033] */
  turn?(key: string): Turn | undefined;
  /** Chargeable use of the running period, without tax. Absent: not known, nothing is refused by it. */
  spentMicroYen?(contract: ContractId): number;
  /** Calls that an ID has made today in Japan, without the one that asks. */
  callsOutToday?(id: ServiceId): number;
  /** The call that waits in a slot of a contract. Absent: none does. [S0-081] */
  parked?(contract: ContractId, slot: string): ParkedCall | undefined;
  /** The call that an ID has on hold at the exchange. [S0-081] */
  holding?(id: ServiceId): CallId | undefined;
  /** The IDs behind each gateway of a contract. */
  boxes?(contract: ContractId): readonly (readonly ServiceId[])[];
  /** The ID that the other lines of a contract dial so. [S0-082] */
  extension?(contract: ContractId, extension: string): ServiceId | undefined;
}

/** A call that asks for a route. */
export type CallRequest =
  | {
      readonly call: CallId;
      readonly direction: 'in';
      readonly from: string;
      readonly withheld: boolean;
      readonly to: string;
      /** As the network says it, whether the number is withheld or not. */
      readonly origin?: NetworkWord;
      /** Absent: `voice`. [S2-027] */
      readonly media?: CallMedia;
    }
  | {
      readonly call: CallId;
      readonly direction: 'out';
      readonly id: ServiceId;
      readonly dialled: string;
      readonly manner?: CallManner;
    };

/** One step of the reasoning: the rule, its requirement, and what it saw. */
export interface TraceLine {
  readonly rule: string;
  /** Requirement or ambiguity numbers, for example `S0-059`. */
  readonly facts: readonly string[];
  readonly say: string;
}

/** A plan and why. */
export interface Decision {
  readonly plan: RoutePlan;
  readonly trace: readonly TraceLine[];
  /** A call to a toll-free number: the office pays. */
  readonly tollFree?: TollFreeCall;
  /** To be kept and handed in with the next call to the same group, before that is decided. [S2-033] */
  readonly nextTurn?: Turn;
  readonly outgoing?: OutgoingNotes;
  readonly change?: DialledChange;
  readonly alerts?: readonly RoutingAlert[];
}
