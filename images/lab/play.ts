import type { Lab } from './lab.ts';
import type { Figures, Story } from './story.ts';

/** How a story went. */
export interface Played {
  readonly name: string;
  readonly ok: boolean;
  readonly tookMs: number;
  /** What did not happen. */
  readonly why?: string;
  readonly figures: Figures;
}

/** The longest one restarts the box three times and waits for a probation without the service. */
const STORY_LIMIT_MS = 1_500_000;

/** Plays stories one after the other; one that fails costs the others nothing but a fresh start. */
export async function play(
  stories: readonly Story[],
  lab: Lab,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly Played[]> {
  const played: Played[] = [];
  for (const story of stories) {
    if (signal.aborted) break;
    say(`${story.name}: ${story.about}`);
    const fromMs = performance.now();
    const outcome = await limited(story.run(lab), signal).then(
      (figures) => ({ ok: true, figures: figures ?? {} }),
      (error: unknown) => ({ ok: false, figures: {}, why: wordsOf(error) }),
    );
    if (!outcome.ok) await lab.off().catch(() => undefined);
    const one = { name: story.name, tookMs: Math.round(performance.now() - fromMs), ...outcome };
    played.push(one);
    say(line(one));
  }
  return played;
}

/** One line of the table. */
export function line({ name, ok, tookMs, why, figures }: Played): string {
  const told = Object.entries(figures).map(([key, value]) => `${key} ${value}`);
  const head = `${ok ? 'OK  ' : 'FAIL'} ${name.padEnd(22)} ${(tookMs / 1_000).toFixed(0).padStart(4)} s`;
  return [head, ok ? told.join(', ') : (why ?? '')].join('  ').trimEnd();
}

/** The closing words: table, figures as one JSON document, and the count, which is the last line. */
export function report(played: readonly Played[], figures: Figures): string {
  const passed = played.filter(({ ok }) => ok).length;
  const all = {
    v: 1,
    figures,
    stories: played.map(({ name, ok, tookMs, figures: own }) => ({ name, ok, tookMs, figures: own })),
  };
  return [
    ...played.map(line),
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
