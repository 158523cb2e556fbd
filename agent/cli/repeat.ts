import type { ApiFailure, ApiResult } from './api-client.ts';
import type { CliIo } from './io.ts';
import { japanTime } from './text.ts';

/** How often a document that is watched is asked for. */
const EVERY_MS = 1_000;

/** What is asked again, and how it is shown. */
export interface Watched<Answer> {
  ask(): Promise<ApiResult<Answer>>;
  screen(answer: Answer): readonly string[];
  /** Without what is another at every look, such as the time. Default: the answer. */
  still?(answer: Answer): unknown;
  readonly json: boolean;
}

/**
 * Shows a document, and again whenever it is another one and looks different, until `io.signal`: a time and the screen, or with `json` one
 * document a line. Resolves with the reason when the agent went away, else with nothing.
 */
export async function repeat<Answer>(
  io: CliIo,
  { ask, screen, still = (answer) => answer, json }: Watched<Answer>,
): Promise<ApiFailure | undefined> {
  let before = { text: '', still: '' };
  while (!io.signal.aborted) {
    const answer = await ask();
    if (!answer.ok) return answer.error;
    const text = json ? JSON.stringify(answer.value) : screen(answer.value).join('\n');
    const now = { text, still: JSON.stringify(still(answer.value)) };
    if (now.text !== before.text && now.still !== before.still) {
      io.out(json ? `${text}\n` : `${heading(io)}${text}\n`);
      before = now;
    }
    await pause(io.signal, EVERY_MS);
  }
  return undefined;
}

function heading(io: CliIo): string {
  return `-- ${japanTime(io.now()).slice(11, 19)}\n`;
}

/** Waits so long, or until `signal`. */
export function pause(signal: AbortSignal, forMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, forMs);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
