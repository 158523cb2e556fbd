/** States of the line machine in a technician's words. A state without one is shown as the machine names it. */
const LINE_WORDS: Readonly<Record<string, string>> = {
  onHook: 'idle',
  dialTone: 'dial tone',
  dialling: 'dialling',
  ringing: 'ringing',
  ringback: 'calling',
  calling: 'calling',
  talking: 'talking',
  busyTone: 'busy tone',
  congestion: 'reorder',
  howler: 'off hook',
  offHook: 'off hook',
  quiet: 'off hook',
  told: 'code',
};

/** One or two words for a line's state. */
export function lineWord(state: string): string {
  return Object.hasOwn(LINE_WORDS, state) ? (LINE_WORDS[state] ?? state) : state;
}

/** Why a call ended, in a few words. */
const END_WORDS: Readonly<Record<string, string>> = {
  answeredThenCallerHungUp: 'caller hung up',
  answeredThenCalleeHungUp: 'callee hung up',
  notAnswered: 'not answered',
  callerGaveUp: 'caller gave up',
  busy: 'busy',
  noChannel: 'no channel',
  refused: 'refused',
  unallocated: 'no such number',
  unreachable: 'unreachable',
  answeredElsewhere: 'taken elsewhere',
  interrupted: 'interrupted',
};

/** A few words for an end reason. */
export function endWord(end: string): string {
  return Object.hasOwn(END_WORDS, end) ? (END_WORDS[end] ?? end) : end;
}
