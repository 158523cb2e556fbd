import type { WatchLine } from '../../local-api/index.ts';
import { type Look, spoken, type Verdict, verdictCell, verdictOf } from '../screen.ts';
import { clean, cut, japanTime, SCREEN_COLUMNS } from '../text.ts';
import { endWord, lineWord } from './words.ts';

/** A change for people. */
interface Change {
  readonly verdict: Verdict;
  readonly say: string;
}

/** What changed between two lines of the stream, a line each. The first line of all gives a summary. */
export function changeLines(before: WatchLine | undefined, now: WatchLine, look: Look): readonly string[] {
  const at = japanTime(now.at).slice(11);
  const said = before === undefined ? [summary(now)] : [...changes(before, now)];
  return said.map(({ verdict, say }) => {
    const line = `${at}  ${spoken(say, look)}`;
    return `${verdictCell(verdict, look)}${look.plain === true ? clean(line) : cut(line, ROOM)}`;
  });
}

/** Columns beside the verdict. */
const ROOM = SCREEN_COLUMNS - 6;

function summary({ status }: WatchLine): Change {
  const lines = status.lines.map((line) => `${line.port} ${lineWord(line.state)}`).join(', ');
  return note(
    `${status.gateway ?? 'not claimed'}: ${status.calls.now} calls, lines ${lines || 'none'}. Ctrl-C ends.`,
  );
}

function note(say: string): Change {
  return { verdict: '--', say };
}

function good(say: string): Change {
  return { verdict: 'OK', say };
}

function* changes(before: WatchLine, now: WatchLine): Generator<Change> {
  yield* lineChanges(before, now);
  yield* callChanges(before, now);
  const was = before.status;
  const is = now.status;
  if (was.cloud.connected !== is.cloud.connected) {
    yield is.cloud.connected ? good('service connected') : { verdict: 'WARN', say: 'service lost' };
  }
  if (was.board.up !== is.board.up) {
    yield is.board.up ? good('board is up') : { verdict: 'FAIL', say: `board: ${is.board.say}` };
  }
  if (was.config.appliedRev !== is.config.appliedRev) {
    yield good(`configuration ${is.config.appliedRev} runs`);
  }
  const known = new Set(was.warnings.map((warning) => warning.code));
  for (const warning of is.warnings) {
    if (known.has(warning.code)) continue;
    yield { verdict: verdictOf(warning.severity), say: `${warning.code} ${warning.say}` };
  }
  const present = new Set(is.warnings.map((warning) => warning.code));
  for (const warning of was.warnings) {
    if (!present.has(warning.code)) yield good(`${warning.code} is over`);
  }
}

function* lineChanges(before: WatchLine, now: WatchLine): Generator<Change> {
  const old = new Map(before.status.lines.map((line) => [line.port, line]));
  for (const line of now.status.lines) {
    const was = old.get(line.port);
    if (was === undefined) {
      yield note(`line ${line.port} is new: ${line.label}`);
      continue;
    }
    if (was.state !== line.state) {
      const why = line.because ? ` (${line.because})` : '';
      yield note(`line ${line.port}  ${lineWord(was.state)} -> ${lineWord(line.state)}${why}`);
    }
    if (was.registration.at !== line.registration.at) {
      yield note(
        `line ${line.port}  ${was.registration.at} -> ${line.registration.at} ${line.registration.say}`,
      );
    }
  }
}

function* callChanges(before: WatchLine, now: WatchLine): Generator<Change> {
  const old = new Map(before.calls.map((call) => [`${call.call}/${call.line}`, call]));
  for (const call of now.calls) {
    const was = old.get(`${call.call}/${call.line}`);
    if (was?.state === call.state) continue;
    const state = call.state === 'ended' ? `ended: ${endWord(call.end ?? '')}` : call.state;
    yield note(`call ${call.direction}  ${call.from || '(withheld)'} -> ${call.to}  ${state}`);
  }
}
