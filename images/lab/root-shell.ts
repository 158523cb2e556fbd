import { LabError } from './lab-error.ts';
import type { Talk } from './talk.ts';

const LIMIT_MS = 60_000;
const ASK_AGAIN_MS = 2_000;
/** What a terminal takes in one line, with room to spare (its limit is 4,095 bytes). */
const LINE_LIMIT = 3_500;

/** What a command in the box said, and how it ended. */
export interface RootAnswer {
  readonly status: number;
  readonly output: string;
}

/** The root shell that a support token opens on the third console of the box. One command at a time. */
export class RootShell {
  readonly #talk: Talk;
  #count = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(talk: Talk) {
    this.#talk = talk;
  }

  /** Waits until the shell answers: after a start, and after a restart of the box. Rejects at once when the box goes off. */
  async ready(limitMs: number): Promise<void> {
    const end = performance.now() + limitMs;
    while (performance.now() < end && !this.#talk.closed) {
      const mark = `ready${++this.#count}`;
      this.#talk.send(`stty -echo -onlcr 2>/dev/null; PS1=; PS2=; echo ${mark}":$((40+2))"`);
      const answered = await this.#talk.expect(new RegExp(`${mark}:42`), ASK_AGAIN_MS).catch(() => undefined);
      if (answered !== undefined) return;
    }
    const how = this.#talk.closed
      ? 'is gone: the box is off'
      : `does not answer after ${Math.round(limitMs / 1_000)} s`;
    throw new LabError(`the root shell of the box ${how}. It said:\n${this.#talk.tail()}`);
  }

  /** Runs a command of the shell and waits for its end. Rejects when that takes longer than `limitMs`. */
  async run(command: string, limitMs = LIMIT_MS): Promise<RootAnswer> {
    if (command.length > LINE_LIMIT || command.includes('\n')) {
      throw new LabError(`a command is one line of at most ${LINE_LIMIT} characters`);
    }
    const turn = this.#last.then(() => this.#run(command, limitMs));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** As {@link run}, and rejects when the command fails. */
  async get(command: string, limitMs = LIMIT_MS): Promise<string> {
    const { status, output } = await this.run(command, limitMs);
    if (status !== 0) throw new LabError(`in the box, ${command} ended with ${status}:\n${output}`);
    return output;
  }

  /** Starts a command that ends the shell, such as a restart. */
  send(command: string): void {
    this.#talk.send(command);
  }

  async #run(command: string, limitMs: number): Promise<RootAnswer> {
    const mark = `m${++this.#count}x`;
    // The mark is put together by the shell: where the terminal echoes what is typed, the echo does not hold it.
    this.#talk.send(`echo "begin:"${mark}; { ${command}\n} </dev/null 2>&1; echo "end:"${mark}":$?:"`);
    await this.#talk.expect(new RegExp(`begin:${mark}\n`), limitMs);
    const end = await this.#talk.expect(new RegExp(`([\\s\\S]*?)end:${mark}:([0-9]+):`), limitMs);
    return { output: (end[1] ?? '').replace(/\n$/, ''), status: Number(end[2]) };
  }
}
