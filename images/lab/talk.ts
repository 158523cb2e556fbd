import { connect, type Socket } from 'node:net';
import { LabError } from './lab-error.ts';
import { Transcript } from './transcript.ts';

/** How often a socket is tried that its program has not made yet. */
const TRY_EVERY_MS = 50;
const CONNECT_LIMIT_MS = 20_000;
const TOLD_LINES = 15;

/** Connects to a unix socket that may not be there yet. */
export async function connectSoon(path: string, limitMs = CONNECT_LIMIT_MS): Promise<Socket> {
  const end = performance.now() + limitMs;
  for (;;) {
    const socket = connect(path);
    const trouble = await new Promise<Error | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('error', resolve);
    });
    if (trouble === undefined) return socket;
    if (performance.now() > end) throw new LabError(`nobody listens at ${path}: ${trouble.message}`);
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
  }
}

/** A terminal of the box as a person has it: lines go in, text comes out. Every wait has a limit, and its error the last lines. */
export class Talk {
  readonly name: string;
  readonly transcript = new Transcript();
  readonly #socket: Socket;
  #changed: () => void = () => undefined;
  #closed = false;

  private constructor(name: string, socket: Socket) {
    this.name = name;
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (piece: string) => {
      this.transcript.push(piece);
      this.#changed();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#closed = true;
      this.#changed();
    });
  }

  static async open(name: string, path: string): Promise<Talk> {
    return new Talk(name, await connectSoon(path));
  }

  /** Types a line and Enter. */
  send(line: string): void {
    this.type(`${line}\r`);
  }

  /** Types without Enter. */
  type(keys: string): void {
    this.#socket.write(keys);
  }

  /** Waits until `pattern` is said after what was read before. Rejects after `limitMs` with the last lines. */
  async expect(pattern: RegExp, limitMs: number): Promise<RegExpExecArray> {
    const end = performance.now() + limitMs;
    for (;;) {
      const found = this.transcript.take(pattern);
      if (found !== undefined) return found;
      const leftMs = end - performance.now();
      if (this.#closed || leftMs <= 0) {
        const how = this.#closed ? 'the box is off' : `not within ${Math.round(limitMs / 1_000)} s`;
        throw new LabError(`${this.name}: ${pattern} was not said (${how}). Last lines:\n${this.tail()}`);
      }
      await this.#next(leftMs);
    }
  }

  /** The box is off: nothing is said any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The last lines, indented, for an error. */
  tail(lines = TOLD_LINES): string {
    return this.transcript
      .last(lines)
      .map((line) => `    ${line}`)
      .join('\n');
  }

  close(): void {
    this.#socket.destroy();
  }

  #next(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const limit = setTimeout(resolve, limitMs);
      this.#changed = () => {
        clearTimeout(limit);
        resolve();
      };
    });
  }
}
