import type { Instant } from '../../../lib/base/clock.ts';
import type { CodedError } from '../../../lib/base/errors.ts';
import type { ContractId, GatewayId, PortNumber, ServiceId } from '../../../lib/base/ids.ts';
import type { MicroYen } from '../../../lib/base/units.ts';
import type { RingGroupConfig } from '../../../lib/contract/site-config.ts';
import type { BilingualName, Catalogue, ProductId } from '../../catalogue/index.ts';
import type { Areas } from '../areas.ts';
import type { Calendar } from '../calendar.ts';
import type { BookEntry, DeskPhone, DhcpChange, HabitsChange, PhoneChange, PhoneKey } from '../desk.ts';
import type { AnswerMode, IdFeatures, NumberFeatures, RingGroup } from '../features.ts';
import type { LineChange } from '../line.ts';
import type { ContractRule } from '../rule-table.ts';
import type { GroupForwarding, IdentityCheck, LoanNumber } from '../services.ts';
import type { TollFreeNumber } from '../toll-free.ts';
import type { Address, Contract, DevicePower, NumberKind } from '../types.ts';
import type { OrderRule } from './rule-table.ts';

/** A number in an order. The first number of an application is the contract number. */
export interface NumberOrder {
  readonly number: string;
  readonly kind?: NumberKind;
  /** Absent: every ID that the contract has then, reception-only ones left out. */
  readonly rings?: readonly ServiceId[];
  /** Brought along from another carrier. [S0-029] [S0-205] */
  readonly portIn?: boolean;
}

/** An ID in an order. The first ID of an application is the base ID. [S0-063] */
export interface IdOrder {
  readonly id: ServiceId;
  readonly device: string;
  readonly port?: PortNumber;
  readonly extension: string;
  readonly label?: string;
  /** Absent: the contract number; in the old model the ID's direct number. [S0-089] [S0-090] */
  readonly presents?: string;
  readonly ownNumber?: string;
  readonly handset?: string;
  /** Of an ID on a port of an adapter. */
  readonly line?: LineChange;
  /** Of an ID on a desk phone. */
  readonly phone?: PhoneChange;
}

/** A device in an order, by the model's name in the catalogue. */
export interface DeviceOrder {
  readonly id: string;
  readonly model: string;
  readonly gateway?: GatewayId;
  readonly power?: DevicePower;
  /** What an adapter is for. [S0-179] [S0-180] */
  readonly connects?: 'analogPhone' | 'fax' | 'multifunction' | 'businessPhone' | 'notAnalog';
  /** The hardware of a desk phone, as on its label: `C0:74:AD:00:00:01`. Absent until it is known. [S0-176] */
  readonly phone?: DeskPhone;
}

/** An option in an order. */
export interface OptionOrder {
  readonly item: string;
  readonly on: string;
}

/** A set in an application, and what it is on where there is a choice. [S0-031] */
export interface SetOrder {
  readonly set: string;
  /** Absent: the contract number. */
  readonly number?: string;
}

/** A toll-free number in an order. New ones come from the operator's stock: only the prefix is chosen. [S0-147] */
export interface TollFreeOrder {
  readonly prefix: '0120' | '0800';
  /** As the operator drew it, or the number that is ported in. */
  readonly number: string;
  readonly portIn?: boolean;
  /** Digits that the customer asks for: always refused for a new number. [S0-147] */
  readonly wishes?: string;
  readonly answeredBy: string;
  readonly setting?: TollFreeChange;
  /** Catalogue items of its optional functions. [S2-030]…[S2-039] */
  readonly options?: readonly string[];
}

/** Settings of a toll-free number that can be changed. */
export type TollFreeChange = Partial<
  Pick<TollFreeNumber, 'accepts' | 'acceptsMobile' | 'guidance' | 'answerNumbers' | 'groups' | 'presents'>
>;

/** What the operators are told. [S0-153] [S4-005] */
export interface AnsweringOrder {
  readonly company: string;
  readonly reportTo: readonly string[];
  readonly refusesSales?: boolean;
  readonly outOfHours?: boolean;
  readonly campaign?: boolean;
  /** `2026-08-03`; a vague wish is written `2026-08 early`, `middle` or `late`. [S4-023] [S4-024] */
  readonly startsOn?: string;
  readonly trial?: boolean;
  readonly loanNumbers?: readonly Pick<LoanNumber, 'number' | 'use'>[];
  /** Parties whose calls are to be taken; one contract is for one. [S4-008] */
  readonly parties?: readonly string[];
  /** Numbers of the customer whose calls are forwarded to the operators. */
  readonly answers?: readonly string[];
  /** The provider's approval for numbers that another company uses as well. [S4-010] */
  readonly approved?: boolean;
}

/** The first order: everything that is to begin with. */
export interface Application {
  readonly kind: 'apply';
  readonly contract: ContractId;
  readonly product: ProductId;
  readonly model?: 'current' | 'legacy';
  readonly name: BilingualName;
  readonly legalEntity: string;
  readonly business?: boolean;
  readonly address?: Address;
  readonly emergency?: 'supported' | 'refused';
  readonly numbers: readonly NumberOrder[];
  readonly ids: readonly IdOrder[];
  readonly devices: readonly DeviceOrder[];
  readonly options?: readonly OptionOrder[];
  readonly sets?: readonly SetOrder[];
  readonly tollFree?: readonly TollFreeOrder[];
  readonly answering?: AnsweringOrder;
  readonly groups?: readonly RingGroup[];
}

/** Switches of a number in simple mode. */
export type SwitchName = 'forwarding' | 'afterHours' | 'bot' | 'ivr';

/** Everything a customer or the operator can order. */
export type Order =
  | Application
  | { readonly kind: 'addNumber'; readonly number: NumberOrder }
  | { readonly kind: 'cancelNumber'; readonly number: string }
  /** A number from another carrier takes the place of one of the contract. */
  | { readonly kind: 'portIn'; readonly number: string; readonly replaces: string }
  | {
      readonly kind: 'addId';
      readonly id: IdOrder;
      readonly device?: DeviceOrder;
      /** In the old model every ID comes with one. [S0-070] */
      readonly directNumber?: string;
      /** Numbers that ring it from the start. [S0-056] */
      readonly rungBy?: readonly string[];
    }
  | { readonly kind: 'cancelId'; readonly id: ServiceId }
  | { readonly kind: 'addDevice'; readonly device: DeviceOrder }
  | { readonly kind: 'cancelDevice'; readonly device: string }
  | { readonly kind: 'moveId'; readonly id: ServiceId; readonly device: string; readonly port?: PortNumber }
  | {
      readonly kind: 'addOption';
      readonly item: string;
      readonly on: string;
      readonly answering?: AnsweringOrder;
    }
  | {
      readonly kind: 'cancelOption';
      readonly item: string;
      readonly on: string;
      /** The provider may take an option away, with a reason. [S0-095] */
      readonly by?: 'customer' | 'provider';
      readonly reason?: string;
    }
  /** Always refused once the application is complete. [S0-031] [S0-039] */
  | { readonly kind: 'set'; readonly action: 'add' | 'change' | 'cancel'; readonly set: string }
  | { readonly kind: 'switch'; readonly number: string; readonly what: SwitchName; readonly on: boolean }
  | { readonly kind: 'answerMode'; readonly number: string; readonly answer: AnswerMode }
  | {
      readonly kind: 'changeNumber';
      readonly number: string;
      readonly rings?: readonly ServiceId[];
      readonly change?: Partial<Omit<NumberFeatures, 'answer'>>;
    }
  | {
      readonly kind: 'changeId';
      readonly id: ServiceId;
      readonly label?: string;
      readonly extension?: string;
      readonly presents?: string;
      readonly change?: Partial<Omit<IdFeatures, 'line' | 'phone'>>;
    }
  /** How the analog line of an ID behaves; what is not named stays. [S0-056] [S0-089] */
  | { readonly kind: 'changeLine'; readonly id: ServiceId; readonly change: LineChange }
  /** The hardware of a desk phone, once it is known or when another one takes its place; where it stands. [S0-176] */
  | {
      readonly kind: 'changeDevice';
      readonly device: string;
      readonly phone?: DeskPhone;
      readonly gateway?: GatewayId;
    }
  /** How the desk phone of an ID behaves; what is not named stays. [S0-056] [S0-089] */
  | { readonly kind: 'changePhone'; readonly id: ServiceId; readonly change: PhoneChange }
  /** One key of a desk phone, counted from 1; null takes it away, and those after it move up. [S0-081] */
  | {
      readonly kind: 'changeKey';
      readonly id: ServiceId;
      readonly key: number;
      readonly to: PhoneKey | null;
    }
  /** What a gateway does on its LAN; what is not named stays, lists are whole. [S0-178] */
  | {
      readonly kind: 'changeLan';
      readonly gateway: GatewayId;
      readonly dhcp?: DhcpChange;
      readonly habits?: HabitsChange;
      /** All of them, with an extension each. [S0-078] */
      readonly groups?: readonly RingGroupConfig[];
    }
  /** The office's phone book: `replace` is all of it; a number that is added again gets the new name. [S0-191] [S0-192] */
  | {
      readonly kind: 'changeBook';
      readonly replace?: readonly BookEntry[];
      readonly add?: readonly BookEntry[];
      readonly remove?: readonly string[];
    }
  | { readonly kind: 'changeGroups'; readonly groups: readonly RingGroup[] }
  | { readonly kind: 'verifyIdentity'; readonly method: IdentityCheck['method'] }
  | { readonly kind: 'applyTollFree'; readonly tollFree: TollFreeOrder }
  | {
      readonly kind: 'changeTollFree';
      readonly number: string;
      readonly change: TollFreeChange;
      /** `customer`: through customer control. [S2-038] */
      readonly by?: 'operator' | 'customer';
    }
  | { readonly kind: 'cancelTollFree'; readonly number: string }
  /** Unlocking a customer-control login after three wrong passwords. [S2-011] [S2-049] */
  | { readonly kind: 'unlockControl'; readonly number: string }
  | { readonly kind: 'ceiling'; readonly limitMicroYen: MicroYen; readonly warnPercent?: number }
  | {
      readonly kind: 'deposit';
      readonly item: string;
      readonly on: string;
      readonly amountMicroYen: MicroYen;
    }
  | {
      readonly kind: 'mobileMode';
      readonly action: 'start' | 'cancel';
      readonly billingStation?: boolean;
      /** Handsets of the contract that are registered with the other business service. [S3-027] */
      readonly registeredElsewhere?: readonly string[];
    }
  | {
      readonly kind: 'phoneBook';
      readonly action: 'set' | 'cancel';
      readonly administrator?: ServiceId;
      readonly messages?: readonly ServiceId[];
    }
  | {
      readonly kind: 'groupForwarding';
      readonly action: 'start' | 'cancel';
      readonly scope?: GroupForwarding['scope'];
      /** A single user or number: always refused. [S1-017] */
      readonly only?: string;
    }
  | { readonly kind: 'forwardingTargets'; readonly number: string; readonly extra: number }
  | { readonly kind: 'trial'; readonly action: 'convert' | 'stop' }
  | {
      readonly kind: 'loanNumber';
      readonly action: 'add' | 'changeUse' | 'return';
      readonly number: string;
      readonly use?: LoanNumber['use'];
    }
  | { readonly kind: 'changeAnswering'; readonly change: Partial<AnsweringOrder> }
  | { readonly kind: 'acceptManyRepresentatives' }
  /** The registered place, to which the base ID is tied. [S0-064] */
  | { readonly kind: 'changeAddress'; readonly address: Address }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'cancelContract' };

/** What an order is judged by. */
export interface OrderContext {
  readonly now: Instant;
  readonly catalogue: Catalogue;
  readonly calendar: Calendar;
  readonly areas?: Areas;
  /** Whether a legal entity had a trial in any contract before. */
  hadTrial?(legalEntity: string): boolean;
  /** Whether a number belongs to another contract now. */
  taken?(number: string): boolean;
  /** Whether operators answer a number for another legal entity. [S4-010] */
  answeredFor?(number: string, legalEntity: string): boolean;
  /** A construction fee once for an application, or for every function. */
  readonly construction?: 'perApplication' | 'perFunction';
}

/** Something that happened along with an order. */
export interface OrderNote {
  readonly facts: readonly string[];
  readonly say: string;
}

/** What the operator promises with an order. */
export interface OrderPromise {
  readonly what: 'shipped' | 'tollFreeOpens';
  readonly on: string;
  /** The beginning of the last day, in Japan. */
  readonly by: Instant;
  readonly businessDays: number;
  readonly facts: readonly string[];
}

/** An order that was accepted. */
export interface OrderOutcome {
  readonly contract: Contract;
  readonly notes: readonly OrderNote[];
  readonly promises: readonly OrderPromise[];
}

/** Why an order is not accepted. Nothing is changed by it. */
export interface OrderRefusal extends CodedError {
  readonly code: OrderRule | ContractRule;
  readonly fault: 'caller';
  readonly facts: readonly string[];
}
