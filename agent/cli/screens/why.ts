import type { WhyCallAnswer, WhyNumberAnswer } from '../../local-api/index.ts';
import type { CallStatus } from '../../status.ts';
import { type Look, rowLines, type Verdict, worst } from '../screen.ts';
import { clean, japanTime, stopwatch } from '../text.ts';
import { endWord } from './words.ts';

const DIRECTION: Record<CallStatus['direction'], string> = {
  out: 'call out',
  in: 'call in',
  internal: 'call inside',
};

/** `engawa why CALL`: what became of a call, step by step. */
export function whyCallScreen(answer: WhyCallAnswer, look: Look): readonly string[] {
  const legs = answer.legs.flatMap((leg) =>
    rowLines({ verdict: legVerdict(leg), name: DIRECTION[leg.direction], say: legSay(leg) }, look),
  );
  const because = [...new Set(answer.legs.flatMap((leg) => (leg.because ? [leg.because] : [])))];
  const steps = answer.story.flatMap((line) =>
    rowLines({ verdict: line.verdict, name: japanTime(line.atMs).slice(11), say: clean(line.say) }, look),
  );
  const more =
    answer.left === 0
      ? []
      : rowLines({ verdict: '--', name: '', say: `${answer.left} more steps were not kept` }, look);
  const none =
    answer.story.length > 0
      ? []
      : rowLines({ verdict: '--', name: 'steps', say: 'none kept: it was before the last start' }, look);
  return [
    ...rowLines({ verdict: '--', name: 'call', say: clean(answer.call) }, look),
    ...legs,
    ...because.flatMap((say) => rowLines({ verdict: '', name: 'because', say: clean(say) }, look)),
    ...steps,
    ...more,
    ...none,
  ];
}

/** A call that did not come to what it was for. */
export function whyCallVerdict(answer: WhyCallAnswer): Verdict {
  return worst(answer.legs.map(legVerdict));
}

function legVerdict(leg: CallStatus): Verdict {
  if (leg.state !== 'ended') return 'OK';
  return ['refused', 'unreachable', 'interrupted', 'noChannel'].includes(leg.end ?? '') ? 'WARN' : '--';
}

function legSay(leg: CallStatus): string {
  const talk =
    leg.answeredAt === null ? '' : `, talk ${stopwatch((leg.endedAt ?? leg.answeredAt) - leg.answeredAt)}`;
  const end = leg.state === 'ended' ? endWord(leg.end ?? 'ended') : leg.state;
  const sound =
    leg.sound === undefined ? '' : `, MOS ${leg.sound.mos.toFixed(1)}, loss ${leg.sound.lossPercent} %`;
  const when = japanTime(leg.startedAt).slice(5, 19);
  return `line ${leg.line}, ${when}, ${clean(leg.from) || '(withheld)'} -> ${clean(leg.to)}, ${end}${talk}${sound}`;
}

const OUTCOMES: Readonly<Record<WhyNumberAnswer['explained']['outcome'], string>> = {
  inside: 'stays in the office',
  outside: 'goes outside',
  code: 'is a code',
  refused: 'is refused',
  incomplete: 'is not complete',
};

/** `engawa why NUMBER`: what would become of it. */
export function whyNumberScreen({ explained, before }: WhyNumberAnswer, look: Look): readonly string[] {
  const steps = explained.steps.flatMap(({ step, verdict, say, rule }) =>
    rowLines({ verdict, name: step, say: `${clean(say)}${rule === undefined ? '' : ` (${rule})`}` }, look),
  );
  const past = before.flatMap((call) =>
    rowLines(
      {
        verdict: '--',
        name: 'before',
        say: `${legSay(call)}${call.because ? `: ${clean(call.because)}` : ''}`,
      },
      look,
    ),
  );
  const verdict = whyNumberVerdict({ v: 1, explained, before });
  return [
    ...rowLines(
      {
        verdict,
        name: 'number',
        say: `${explained.number} ${OUTCOMES[explained.outcome]}; nothing was called`,
      },
      look,
    ),
    ...steps,
    ...past,
  ];
}

/** FAIL where the call would not be made, WARN where it would have to wait. */
export function whyNumberVerdict({ explained }: WhyNumberAnswer): Verdict {
  return worst(explained.steps.map(({ verdict }) => verdict));
}
