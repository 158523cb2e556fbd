import type { Lab } from './lab.ts';
import type { Figures, Story } from './story.ts';

/** How a story went. */
export interface Played {
  readonly name: string;
  readonly ok: boolean;
  readonly tookMs: number;
  /** What did not happen. */
  readonly why?: string;
  /** What did not happen at the first try, of a story that went well at the second. */
  readonly atFirst?: string;
  readonly figures: Figures;
}

/** How stories are played. */
export interface Playing {
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** No story begins later than that (`performance.now()`): a machine that is slow plays fewer of them. */
  readonly beginUntilMs: number;
}

/** The longest one restarts the box three times and waits for a probation without the service. */
const STORY_LIMIT_MS = 1_500_000;

/** More stories that fail are no bad luck. */
const SECOND_TRIES = 2;

/**
 * Plays stories one after the other; one that fails costs the others nothing but a fresh start, and is played once more:
 * an emulated processor stands still now and then, and waits for people and programs have an end.
 */
export async function play(stories: readonly Story[], lab: Lab, how: Playing): Promise<readonly Played[]> {
  const played: Played[] = [];
  let failed = 0;
  for (const story of stories) {
    if (!mayBegin(how)) break;
    const aside =
      story.waits === true ? workAhead(stories.slice(stories.indexOf(story) + 1), lab) : undefined;
    const one = await playOne(story, lab, how);
    await aside;
    if (one.ok || ++failed > SECOND_TRIES || !mayBegin(how)) {
      played.push(one);
      continue;
    }
    const again = await playOne(story, lab, how);
    played.push(again.ok ? { ...again, atFirst: one.why ?? '' } : again);
  }
  return played;
}

/** One after the other what later stories want done; what fails there they do themselves, and say why it fails. */
async function workAhead(later: readonly Story[], lab: Lab): Promise<void> {
  for (const story of later) await story.ahead?.(lab).catch(() => undefined);
}

function mayBegin({ signal, beginUntilMs }: Playing): boolean {
  return !signal.aborted && performance.now() < beginUntilMs;
}

async function playOne(story: Story, lab: Lab, { say, signal }: Playing): Promise<Played> {
  say(`${story.name}: ${story.about}`);
  const fromMs = performance.now();
  const outcome = await limited(story.run(lab), signal).then(
    (figures) => ({ ok: true, figures: figures ?? {} }),
    (error: unknown) => ({ ok: false, figures: {}, why: wordsOf(error) }),
  );
  const tookMs = Math.round(performance.now() - fromMs);
  const one = { name: story.name, tookMs, ...outcome };
  say(line(one));
  if (!outcome.ok) {
    say(`the box wrote last:\n${await lab.lastWords()}`);
    await lab.off().catch(() => undefined);
  }
  return one;
}

/** One line of the table. */
export function line({ name, ok, tookMs, why, atFirst, figures }: Played): string {
  const told = Object.entries(figures).map(([key, value]) => `${key} ${value}`);
  if (atFirst !== undefined) told.push(`at the second try; at the first: ${atFirst.split('\n')[0]}`);
  const head = `${ok ? 'OK  ' : 'FAIL'} ${name.padEnd(22)} ${(tookMs / 1_000).toFixed(0).padStart(4)} s`;
  return [head, ok ? told.join(', ') : (why ?? '')].join('  ').trimEnd();
}

/** The closing words: table, figures as one JSON document, and the count, which is the last line. */
export function report(played: readonly Played[], figures: Figures, left: readonly string[] = []): string {
  const passed = played.filter(({ ok }) => ok).length;
  const all = {
    v: 1,
    figures,
    stories: played.map(({ name, ok, tookMs, figures: own }) => ({ name, ok, tookMs, figures: own })),
  };
  return [
    ...played.map(line),
    ...(left.length === 0 ? [] : [`no time was left for ${left.join(', ')}`]),
    JSON.stringify(all),
    `${passed} passed, ${played.length - passed} failed`,
    '',
  ].join('\n');
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.constructor === Error || error.name !== 'Error'
    ? (error.stack ?? error.message)
    : error.message;
}

/** The work, unless it takes too long or somebody interrupts it: a story may stand in a long wait. */
function limited<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  let stop = (): void => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    const minutes = STORY_LIMIT_MS / 60_000;
    const limit = setTimeout(
      () => reject(new Error(`the story did not end in ${minutes} minutes`)),
      STORY_LIMIT_MS,
    );
    const interrupted = (): void => reject(new Error('interrupted'));
    signal.addEventListener('abort', interrupted);
    stop = () => {
      clearTimeout(limit);
      signal.removeEventListener('abort', interrupted);
    };
  });
  return Promise.race([work, ended]).finally(() => stop());
}
