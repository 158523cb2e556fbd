import type { ServiceId } from '../../lib/base/ids.ts';
import type { NumberClass } from '../routing/types.ts';
import type { PhoneChange } from './desk.ts';
import type { LineChange } from './line.ts';
import type { TimeTable } from './time-table.ts';

/** Callers that a number does not take. The list of kinds is ours. [S0-077] */
export type RejectEntry =
  | { readonly reject: 'number'; readonly number: string }
  | { readonly reject: 'withheld' }
  | { readonly reject: 'class'; readonly class: NumberClass | 'payphone' };

/** What a number does with faxes. [S0-098] [S0-102] */
export interface FaxSetting {
  /** `voiceAndFax`: the cloud listens for a fax tone first. `faxOnly`: every call is a fax. */
  readonly use: 'off' | 'voiceAndFax' | 'faxOnly';
  /** An ID on an adapter to which the server sends a received fax again; null keeps it in the cloud only. [S0-112] */
  readonly relayTo: ServiceId | null;
}

/** Voicemail of a number. [S0-119] */
export interface VoicemailSetting {
  /** How long the phones ring first; never 0. [S0-120] */
  readonly afterMs: number;
  /** Name of a stored prompt. */
  readonly greeting: string;
}

/** Whether the office is open. */
export type OpenOrClosed = 'open' | 'closed';

/** After-hours announcement of a number. [S0-115] */
export interface AfterHoursSetting {
  readonly hours: TimeTable<OpenOrClosed>;
  /** Name of a stored prompt. [S0-117] */
  readonly announcement: string;
}

/** What a number does with a call that is let in. Voicemail follows `announce` and `ring` where it is contracted. */
export type AnswerAction =
  /** A ring group of the contract by name; null: the number's own group. [S0-084] */
  | { readonly do: 'ring'; readonly group: string | null }
  | { readonly do: 'forward'; readonly to: string }
  | { readonly do: 'announce'; readonly announcement: string }
  | { readonly do: 'ivr'; readonly menu: string }
  | { readonly do: 'bot' };

/**
 * How a number decides what to do. `toggles`: switches of which forwarding excludes after-hours and the bot; the last
 * one switched on wins and nothing comes back by itself. `schedule`: each interval is one action. [A-16] [A-17] [S0-142]
 */
export type AnswerMode =
  | {
      readonly mode: 'toggles';
      readonly forwarding: boolean;
      readonly afterHours: boolean;
      readonly bot: boolean;
      readonly ivr: boolean;
    }
  | { readonly mode: 'schedule'; readonly table: TimeTable<AnswerAction> };

/** What a pushed digit leads to; `menu` is another announcement with digits of its own. [S0-083] */
export type MenuAction =
  | AnswerAction
  | { readonly do: 'voicemail' }
  | { readonly do: 'menu'; readonly menu: string }
  | { readonly do: 'repeat' };

/** One menu of an IVR. [S0-083] */
export interface IvrMenu {
  readonly id: string;
  /** Name of the stored prompt that tells the choices. */
  readonly prompt: string;
  /** By pushed digit: `0`…`9`, `*`, `#`. */
  readonly keys: Readonly<Record<string, MenuAction>>;
  /** Waited for a digit after the prompt. */
  readonly waitMs: number;
  /** How often the prompt is played before `otherwise`. */
  readonly tries: number;
  /** No digit, or one without meaning, after all tries. */
  readonly otherwise: MenuAction | { readonly do: 'hangUp' };
}

/** Somebody who is rung: an ID of the contract, or a number outside. [S1-009] */
export type RingMember = { readonly id: ServiceId } | { readonly external: string };

/** Members that ring together for a time. */
export interface RingStep {
  readonly members: readonly RingMember[];
  readonly forMs: number;
}

/** A group by name. `simultaneous` has everybody ring together; `relay` one step after the other. [S1-007] */
export type RingGroup =
  | {
      readonly id: string;
      readonly how: 'simultaneous';
      readonly members: readonly RingMember[];
      readonly forMs: number;
      /** By how much desk phones ring before apps; 0 rings all at once. [A-05] [S0-078] */
      readonly deskFirstMs: number;
    }
  | { readonly id: string; readonly how: 'relay'; readonly steps: readonly RingStep[] };

/** All settings of one number. What it has contracted stands in the contract's options; these are the switches. */
export interface NumberFeatures {
  readonly reject: readonly RejectEntry[];
  readonly fax: FaxSetting;
  readonly answer: AnswerMode;
  /** Where forwarded calls go; they show the number that was called. [S0-135] [S0-137] */
  readonly forwardTo: string | null;
  readonly afterHours: AfterHoursSetting;
  /** Null: not contracted or switched off. */
  readonly voicemail: VoicemailSetting | null;
  /** Play the busy message when every channel is taken; of no effect with voicemail. [S0-074] [S0-076] */
  readonly busyMessage: boolean;
  /** Every call of the number is recorded. [S0-129] [S0-130] */
  readonly recording: boolean;
  /** The menu that answers first; null: none. */
  readonly ivrMenu: string | null;
  readonly menus: readonly IvrMenu[];
  /** The ring group by name; null: the IDs in `rings` together, desk phones first by {@link deskFirstMs}. */
  readonly group: string | null;
  readonly deskFirstMs: number;
}

/** Head start of desk phones unless the office chooses another. */
export const DESK_FIRST_MS = 2_000;

/** Names of the prompts that everybody has. [S0-075] [S0-117] */
export const PROMPTS = {
  afterHours: 'default.afterHours',
  busy: 'default.busy',
  voicemail: 'default.voicemail',
} as const;

/** Mon–Fri 09:00–18:00, closed on public holidays. */
export const OFFICE_HOURS: TimeTable<OpenOrClosed> = {
  intervals: [
    { on: { days: ['mon', 'tue', 'wed', 'thu', 'fri'] }, fromMinute: 540, untilMinute: 1_080, value: 'open' },
  ],
  holidays: 'own',
  otherwise: 'closed',
};

/** Settings of a number about which nothing was ever said: it rings, that is all. */
export function emptyFeatures(): NumberFeatures {
  return {
    reject: [],
    fax: { use: 'off', relayTo: null },
    answer: { mode: 'toggles', forwarding: false, afterHours: false, bot: false, ivr: false },
    forwardTo: null,
    afterHours: { hours: OFFICE_HOURS, announcement: PROMPTS.afterHours },
    voicemail: null,
    busyMessage: false,
    recording: false,
    ivrMenu: null,
    menus: [],
    group: null,
    deskFirstMs: DESK_FIRST_MS,
  };
}

/** A button of the reception app and the group that it calls. [S0-087] [S0-183] */
export interface ReceptionButton {
  readonly label: string;
  readonly group: string;
}

/** The reception app on an ID; the ID serves nothing else then. [S0-182] [S0-186] */
export interface ReceptionApp {
  readonly layout: 'oneButton' | 'twoButtons' | 'list';
  readonly buttons: readonly ReceptionButton[];
}

/** All settings of one ID. */
export interface IdFeatures {
  readonly reception: ReceptionApp | null;
  /** Where a call to this terminal goes on when it is not answered (relay from terminal to terminal). [S1-007] [S1-011] */
  readonly relay: readonly RingStep[];
  /** The terminal's own outside number: a standard number, a direct number of the old model, an 050 number. [S1-014] */
  readonly ownNumber: string | null;
  /** The mobile number paired with an 050 number. [S3-021] */
  readonly handset: string | null;
  /** What was ordered for its analog line; the rest, or all where it is absent, is as usual. */
  readonly line?: LineChange;
  /** What was ordered for its desk phone: keys, ringing, language. They go along to another phone. */
  readonly phone?: PhoneChange;
}

/** Settings of an ID about which nothing was ever said. */
export function emptyIdFeatures(): IdFeatures {
  return { reception: null, relay: [], ownNumber: null, handset: null };
}
