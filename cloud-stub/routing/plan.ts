import type { CallId, ContractId, ServiceId } from '../../lib/base/ids.ts';
import type { NumberClass } from './types.ts';

/**
 * What to do with a call: a small tree that the switch executes from its root and a person can read. A verb either ends
 * the call or goes on in one of its continuations; there is no way back up, so every plan ends.
 *
 * Channels: a call holds one channel of its contract while it is in a verb with `takesChannel`, and none while it is in
 * the others: voicemail, announcements, menus and faxes are sessions of the cloud. [S0-059] A channel is taken
 * when the verb is entered, kept when the next verb takes one too, and given back when that one takes none.
 */
export type RoutePlan =
  | RingPlan
  | RelayPlan
  | ForwardPlan
  | PlayPlan
  | CollectPlan
  | VoicemailPlan
  | BotPlan
  | FaxPlan
  | RecordPlan
  | TonePlan
  | RejectPlan
  | NetworkPlan
  | ParkPlan
  | TakePlan;

/** Somebody outside who is called over the telephone network, on the contract's account. [S1-009] */
export interface OutsideLeg {
  /** National form: `09012345678`. */
  readonly external: string;
  /** The number that he sees: the one that was called, not the caller's. [S0-137] [S1-013] */
  readonly presents: string;
  readonly destination: NumberClass;
  /** It ends at the operators of the contract's answering service, which has a price of its own. [S0-052] [S0-159] */
  readonly answering?: true;
}

/** Who is rung. */
export type PlanMember = { readonly id: ServiceId } | OutsideLeg;

/** A prompt played to one side or both after the answer, before they are connected. [S2-024] */
export interface Guidance {
  readonly prompt: string;
  readonly to: 'caller' | 'callee' | 'both';
}

/** Ways on from a verb that calls somebody. */
interface Continuations {
  /**
   * Nobody answered within `forMs`, everybody refused, or nobody could be reached. Absent: the call ends, with 480 before
   * and a release after the caller was answered.
   */
  readonly onNoAnswer?: RoutePlan;
  /** Everybody who was called is busy. Absent: as `onNoAnswer`. [S2-032] */
  readonly onBusy?: RoutePlan;
  /**
   * No channel was free when the verb was entered. Present where something comes before the verb; a plan that begins with
   * the verb was made with a channel free. Absent: 486 with cause 34. [S0-074]
   */
  readonly onNoChannel?: RoutePlan;
  readonly guidance?: Guidance;
}

/**
 * Ring together; the first answer wins and the others stop. When two answer at the same moment, the one that stands first
 * in `members` wins: desk phones do. [S0-056] [S0-078] [S1-007]
 */
export interface RingPlan extends Continuations {
  readonly verb: 'ring';
  readonly contract: ContractId;
  /** The number that was called, shown to the members beside the caller. [S0-061] */
  readonly called: string;
  readonly members: readonly ServiceId[];
  /** Members outside, rung together with the others. [S1-009] */
  readonly externals?: readonly OutsideLeg[];
  /** These ring at once, the others `ms` later or as soon as all of these have failed. */
  readonly headStart?: { readonly members: readonly ServiceId[]; readonly ms: number };
  readonly forMs: number;
  readonly takesChannel: true;
}

/** Ring step after step; a step ends after its time or as soon as everybody in it has failed. [S1-007] [S1-010] */
export interface RelayPlan extends Continuations {
  readonly verb: 'relay';
  readonly contract: ContractId;
  readonly called: string;
  readonly steps: readonly { readonly members: readonly PlanMember[]; readonly forMs: number }[];
  /** False where gateways are asked for a parked call, which has its channel. */
  readonly takesChannel: boolean;
  /** Each member is asked, at its gateway, for the call that is parked in a slot there; nobody rings. [S0-081] */
  readonly park?: { readonly slot: string; readonly presents: string };
}

/** Send on to a number outside, whoever is registered. Never recorded. [S0-135] [S0-139] [S0-133] */
export interface ForwardPlan extends Continuations {
  readonly verb: 'forward';
  readonly contract: ContractId;
  readonly called: string;
  /** The target sees the called number; the record keeps the original caller for the history. [S0-137] [S0-138] */
  readonly to: OutsideLeg;
  readonly forMs: number;
  /** By policy. */
  readonly takesChannel: boolean;
  /** The line where a toll-free number ends: the leg is part of the call, which is paid as a whole. [S2-019] */
  readonly partOfCall?: true;
}

/** Play a stored prompt. */
export interface PlayPlan {
  readonly verb: 'play';
  readonly contract: ContractId;
  readonly called: string;
  /** Name of the stored prompt: `default.busy`. [S0-075] [S0-117] */
  readonly prompt: string;
  readonly times: number;
  /** False: as early media, without answering the call, so that the caller is not charged. */
  readonly answers: boolean;
  /** Null: the call is released. [S2-037] */
  readonly next: RoutePlan | null;
  /** Release before the answer: cause and status of the refusal that follows the prompt. */
  readonly release?: { readonly status: number; readonly cause: number };
}

/** A menu of a {@link CollectPlan}. */
export interface PlanMenu {
  readonly id: string;
  readonly prompt: string;
  /** By digit: `0`…`9`, `*`, `#`. */
  readonly keys: Readonly<Record<string, MenuBranch>>;
  /** Waited for a digit after the prompt. */
  readonly waitMs: number;
  /** How often the prompt is played before `otherwise`. */
  readonly tries: number;
  readonly otherwise: MenuBranch;
}

/** What a digit leads to: a plan, or a menu of the same {@link CollectPlan} by id. */
export type MenuBranch = RoutePlan | { readonly verb: 'menu'; readonly menu: string };

/** Answer, play a menu, and branch by the digit that is pushed. [S0-083] */
export interface CollectPlan {
  readonly verb: 'collect';
  readonly contract: ContractId;
  readonly called: string;
  /** The first one answers. */
  readonly menus: readonly [PlanMenu, ...PlanMenu[]];
  /** Menus that one call may enter, the first included; then the call is released. It makes every call end. */
  readonly turns: number;
}

/** Take a message in the cloud. [S0-119] */
export interface VoicemailPlan {
  readonly verb: 'voicemail';
  readonly contract: ContractId;
  readonly called: string;
  /** Name of a stored prompt. */
  readonly greeting: string;
}

/** The answering bot takes the matter. [S0-123] */
export interface BotPlan {
  readonly verb: 'bot';
  readonly contract: ContractId;
  readonly called: string;
  /** By policy. [A-06] [S0-097] */
  readonly takesChannel: boolean;
  readonly onNoChannel?: RoutePlan;
}

/** Receive a fax in the cloud. [S0-098] */
export interface FaxPlan {
  readonly verb: 'fax';
  readonly contract: ContractId;
  readonly called: string;
  /** Answers and listens so long for a fax tone, uncharged; null: every call is a fax. [A-15] [S0-102] */
  readonly listenMs: number | null;
  /** Goes on here without a fax tone. Null exactly when `listenMs` is. */
  readonly onVoice: RoutePlan | null;
  /** An ID on an adapter to which the server sends the received fax again. [S0-112] */
  readonly relayTo: ServiceId | null;
}

/**
 * Record `plan`, whatever becomes of it, except for its legs to the outside. Menus and talk with devices of the office
 * are recorded. [S0-129] [S0-133]
 */
export interface RecordPlan {
  readonly verb: 'record';
  readonly contract: ContractId;
  readonly called: string;
  /** `externalLegs`: nothing that goes outside. `forwardedLegs`: what `forward` sends on; outside members are recorded. */
  readonly except: 'externalLegs' | 'forwardedLegs';
  readonly plan: RoutePlan;
}

/** Play a tone to a caller who was answered already, then release. Before the answer a `reject` says the same. */
export interface TonePlan {
  readonly verb: 'tone';
  readonly tone: 'busy' | 'congestion';
  readonly forMs: number;
  readonly rule: string;
  /** Q.850 cause of the release. */
  readonly cause: number;
  readonly say: string;
  readonly contract?: ContractId;
}

/** Refuse a call that was not answered yet. */
export interface RejectPlan {
  readonly verb: 'reject';
  readonly rule: string;
  /** SIP status. */
  readonly status: number;
  /** Q.850 cause. */
  readonly cause: number;
  readonly say: string;
  /** Whose call was refused, when that is known, so that the refusal stands among its calls. */
  readonly contract?: ContractId;
}

/** Hand a call of the office to the telephone network. */
export interface NetworkPlan {
  readonly verb: 'network';
  readonly contract: ContractId;
  readonly id: ServiceId;
  readonly number: string;
  readonly presents: string;
  readonly withheld: boolean;
  readonly destination: NumberClass;
  readonly takesChannel: boolean;
  readonly emergency: boolean;
}

/** Put a call that the caller has on hold into a slot of his office; the caller is let go. [S0-081] */
export interface ParkPlan {
  readonly verb: 'park';
  readonly contract: ContractId;
  /** `1` to `9`. */
  readonly slot: string;
  readonly call: CallId;
}

/** Join the caller with the call that waits in a slot. [S0-081] */
export interface TakePlan {
  readonly verb: 'take';
  readonly contract: ContractId;
  readonly slot: string;
  readonly call: CallId;
}
