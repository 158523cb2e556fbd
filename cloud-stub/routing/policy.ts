import { type Holidays, japanCalendar } from '../contracts/index.ts';
import type { DeviceClass, NumberClass } from './types.ts';

/** Why a class of numbers is not put through. */
export interface ClassBlock {
  readonly facts: readonly string[];
  readonly say: string;
}

/** Choices of the operator that routing obeys; the rest is the contract's. */
export interface RoutingPolicy {
  /** How long phones ring before a call in counts as not answered. */
  readonly ringForMs: number;
  /** How long a terminal rings before its own relay goes on. [S1-011] */
  readonly terminalForMs: number;
  /** Classes that are not put through, and why. */
  readonly blockedClasses: Readonly<Partial<Record<NumberClass, ClassBlock>>>;
  /** Numbers that are put through although their class is blocked: those that have a price of their own. */
  readonly openNumbers: readonly string[];
  /** Numbers by their first digits that are not put through, whatever their class. */
  readonly blockedPrefixes: readonly (ClassBlock & { readonly prefix: string })[];
  /** First digits of 0120, 0800 and 0570 numbers that are known not to accept 050 callers. [S3-008] [S3-009] */
  readonly notAccepting: readonly string[];
  /**
   * First digits of other providers' 050 numbers: called free of charge, or at a price. The lists are kept apart and are
   * the operator's; `every` until there is one. [S3-010] [S3-033] [S3-035]
   */
  readonly partners: { readonly free: readonly string[]; readonly paid: 'every' | readonly string[] };
  /** Calls a day of an ID with free minutes after which a person is told. */
  readonly callsADay: number;
  /** Devices whose place is known well enough for emergency calls. */
  readonly emergencyFrom: readonly DeviceClass[];
  /** Public holidays that schedules go by. */
  readonly holidays: Holidays;
  /** Desk phones ring before apps by the head start that the office chose, or everybody at once. */
  readonly deskPriority: 'headStart' | 'together';
  /** Every channel in use and voicemail there: it takes the call at once, or the caller gets busy tone. */
  readonly allBusyVoicemail: 'atOnce' | 'busyTone';
  /** Whether a session of the answering bot takes a channel. [A-06] [S0-097] */
  readonly botTakesChannel: boolean;
  /** A number for voice and fax: the cloud answers and listens first, or a call that is forwarded never is a fax. */
  readonly faxTone: 'listenFirst' | 'forwardingFirst';
  /** How long the cloud listens for a fax tone. */
  readonly faxListenMs: number;
  /** Whether a forwarded call takes a channel; if not, it goes through when every channel is in use. */
  readonly forwardTakesChannel: boolean;
  /** How long a number outside rings when calls are forwarded to it. */
  readonly forwardForMs: number;
  /** Forwarding works on every number that has the option, or on the contract number alone. */
  readonly forwardingOn: 'anyNumber' | 'contractNumber';
  /** What is left out of recordings: every leg outside, or only forwarded calls. */
  readonly unrecorded: 'externalLegs' | 'forwardedLegs';
  /** Members outside that one number may ring, by its kind; a kind that is not named has no limit. [S1-015] */
  readonly externalTargets: Readonly<Record<string, number>>;
  /** Menus that a call may enter before it is released. */
  readonly menuTurns: number;
  /** How long a busy tone is played to a caller who was answered already. */
  readonly toneForMs: number;
}

/** What holds unless the operator says otherwise. */
export const defaultPolicy: RoutingPolicy = {
  ringForMs: 60_000,
  terminalForMs: 20_000,
  blockedClasses: {
    international: {
      facts: ['A-10'],
      say: 'international calls are blocked until there is a tariff for them',
    },
    premium: { facts: ['A-10', 'S3-007'], say: 'premium-rate and message numbers are blocked' },
    m2m: { facts: ['S3-004'], say: 'numbers of machines and pagers cannot be called' },
    special1xy: { facts: ['S3-003', 'A-10'], say: 'this service number is not offered' },
  },
  // Directory enquiry had a price while it existed; the numbering plan ends it.
  openNumbers: ['104'],
  blockedPrefixes: [],
  notAccepting: [],
  partners: { free: [], paid: 'every' },
  callsADay: 30,
  emergencyFrom: ['adapter', 'deskPhone'],
  holidays: japanCalendar(),
  deskPriority: 'headStart',
  allBusyVoicemail: 'atOnce',
  botTakesChannel: true,
  faxTone: 'listenFirst',
  faxListenMs: 4_000,
  forwardTakesChannel: true,
  forwardForMs: 60_000,
  forwardingOn: 'anyNumber',
  unrecorded: 'externalLegs',
  externalTargets: { standard: 1, representativeOnly: 2, ivr: 2 },
  menuTurns: 20,
  toneForMs: 10_000,
};
