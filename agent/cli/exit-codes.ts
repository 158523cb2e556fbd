import type { ApiFailure } from './api-client.ts';
import type { Said } from './language.ts';

/** What the exit code of `engawa` means. The same numbers in every version. */
export const EXIT = {
  good: 0,
  /** Looked, and found something wrong. */
  fault: 1,
  usage: 2,
  timeOut: 3,
  /** A change was applied and is undone again. */
  undone: 4,
  /** Refused by a rule: a call is on the line. */
  refused: 5,
  notPermitted: 6,
  /** Board or other hardware absent. */
  noHardware: 7,
  notRunning: 8,
  noSuchThing: 10,
  /** A mistake of ours. */
  bug: 70,
} as const;

/** One of {@link EXIT}. */
export type ExitName = keyof typeof EXIT;

/** The table of help, man page and README. A code that is not here is never returned. */
export const EXIT_MEANINGS: Readonly<Record<ExitName, Said>> = {
  good: { en: 'good', ja: '正常' },
  fault: { en: 'looked and found something wrong (WARN or FAIL)', ja: '確認して異常あり (WARN または FAIL)' },
  usage: { en: 'the command was not understood', ja: '書き方の誤り' },
  timeOut: { en: 'no answer in time', ja: '時間切れ' },
  undone: { en: 'a change was tried and undone again', ja: '変更を試して元に戻した' },
  refused: { en: 'refused by a rule, such as a call on the line', ja: '規則により拒否 (回線が通話中など)' },
  notPermitted: { en: 'this user may not ask the agent', ja: '権限なし' },
  noHardware: { en: 'no board, or no LAN', ja: '基板または LAN なし' },
  notRunning: { en: 'the agent is not running', ja: 'エージェント停止中' },
  noSuchThing: { en: 'no such line, phone or code', ja: '該当する回線・電話機・コードなし' },
  bug: { en: 'a mistake of ours', ja: 'こちらの不具合' },
};

/** The names in the order of their numbers. */
export const EXIT_NAMES = (Object.keys(EXIT) as ExitName[]).sort((a, b) => EXIT[a] - EXIT[b]);

const OF_FAILURE: Readonly<Record<ApiFailure['code'], number>> = {
  'cli.notRunning': EXIT.notRunning,
  'cli.notPermitted': EXIT.notPermitted,
  'cli.silent': EXIT.timeOut,
  'cli.strange': EXIT.fault,
  'cli.refused': EXIT.fault,
};

/** Refusals of the agent that every verb tells in the same way. */
const OF_REFUSAL: Readonly<Record<string, number>> = {
  'call.none': EXIT.noSuchThing,
  'line.none': EXIT.noSuchThing,
  'api.badRequest': EXIT.usage,
  'reset.calls': EXIT.refused,
  'reset.records': EXIT.refused,
  'trial.none': EXIT.noSuchThing,
  'trial.noLine': EXIT.noSuchThing,
  'trial.running': EXIT.refused,
  'trial.emergency': EXIT.refused,
  'trial.refused': EXIT.refused,
  'update.busy': EXIT.refused,
  'update.model': EXIT.refused,
  'update.noBack': EXIT.refused,
  'update.noFile': EXIT.noSuchThing,
  'update.none': EXIT.refused,
  'update.notBundle': EXIT.refused,
  'update.notHere': EXIT.refused,
  'update.older': EXIT.refused,
  'update.signature': EXIT.refused,
};

/** How a verb ends that got no answer, or a refusal. */
export function exitOfFailure(failure: ApiFailure): number {
  return OF_REFUSAL[failure.refusal ?? ''] ?? OF_FAILURE[failure.code];
}
