import type { ToneProgramme } from '../foreign/index.ts';

/** How a number of the simulated telephone network behaves when it is called. */
export type NumberBehaviour =
  | {
      readonly kind: 'answers';
      readonly afterMs: number;
      readonly plays: ToneProgramme;
      /** A fax machine: takes T.38. */
      readonly fax?: boolean;
    }
  /** A fax machine that receives; how it behaves is said over the control socket. */
  | { readonly kind: 'fax'; readonly afterMs: number }
  | { readonly kind: 'ringsForEver' }
  | { readonly kind: 'refuses'; readonly status: number; readonly cause: number; readonly text: string };

/** A fixed line that rings for a second, answers and plays the melody. */
export const MELODY_NUMBER = '0355550123';
/** Always engaged. */
export const BUSY_NUMBER = '0355550199';
/** Never allocated. */
export const UNALLOCATED_NUMBER = '0355550404';
/** Rings and is never answered. */
export const SILENT_NUMBER = '0355550180';

/** A fax machine: answers at once with 2100 Hz, and takes T.38. */
export const FAX_NUMBER = '0355550130';

/** Fax machines that receive pages, each with habits of its own: 0355550160 and the nine after it. */
export const FAX_NUMBERS: readonly string[] = Array.from({ length: 10 }, (_, index) => `035555016${index}`);
/** A fax machine rings so long before it answers. */
const FAX_ANSWERS_AFTER_MS = 500;

const STEADY: ToneProgramme = { kind: 'steady', hz: 700 };
const UNALLOCATED: NumberBehaviour = {
  kind: 'refuses',
  status: 404,
  cause: 1,
  text: 'Unallocated number',
};

/** Every number that is not in this table is unallocated: the simulator serves its own plan and nothing else. */
const TABLE: ReadonlyMap<string, NumberBehaviour> = new Map<string, NumberBehaviour>([
  [MELODY_NUMBER, { kind: 'answers', afterMs: 1_000, plays: { kind: 'melody' } }],
  [BUSY_NUMBER, { kind: 'refuses', status: 486, cause: 17, text: 'User busy' }],
  [UNALLOCATED_NUMBER, UNALLOCATED],
  [SILENT_NUMBER, { kind: 'ringsForEver' }],
  ['0355550150', { kind: 'answers', afterMs: 0, plays: STEADY }],
  [FAX_NUMBER, { kind: 'answers', afterMs: 0, plays: { kind: 'steady', hz: 2_100 }, fax: true }],
  ...FAX_NUMBERS.map((number): [string, NumberBehaviour] => [
    number,
    { kind: 'fax', afterMs: FAX_ANSWERS_AFTER_MS },
  ]),
  ['09012345678', { kind: 'answers', afterMs: 0, plays: STEADY }],
]);

/** Police, coast guard, fire and ambulance. */
const EMERGENCY: ReadonlySet<string> = new Set(['110', '118', '119']);

/** True for 110, 118 and 119. */
export function isEmergency(number: string): boolean {
  return EMERGENCY.has(number);
}

/**
 * What happens when `number` is called. Emergency numbers are refused unless the operator of the simulator has said
 * that they may be simulated (decision 11): nobody must get used to a test network that answers them.
 */
export function behaviourOf(
  number: string,
  allow: { readonly simulateEmergency: boolean; readonly numbers?: ReadonlyMap<string, NumberBehaviour> },
): NumberBehaviour {
  if (isEmergency(number)) {
    return allow.simulateEmergency
      ? { kind: 'answers', afterMs: 0, plays: STEADY }
      : { kind: 'refuses', status: 403, cause: 21, text: 'Emergency numbers are not simulated' };
  }
  return allow.numbers?.get(number) ?? TABLE.get(number) ?? UNALLOCATED;
}
