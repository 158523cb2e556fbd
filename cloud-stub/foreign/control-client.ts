import { connect, type Socket } from 'node:net';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';

/** A refusal on a control socket. */
export class ControlError extends Error {
  readonly code: string;

  constructor(code: string, say: string) {
    super(`${code}: ${say}`);
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One connection to a simulator's control socket. Every question rejects with {@link ControlError}. */
export class ControlClient {
  readonly #name: string;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #reader = new JsonLineReader();
  #nextId = 1;

  private constructor(name: string, socket: Socket) {
    this.#name = name;
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const waiting of this.#waiting.values()) waiting.reject(this.#gone());
      this.#waiting.clear();
    });
  }

  /** Connects to the unix socket at `path`. */
  static connect(name: string, path: string): Promise<ControlClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new ControlClient(name, socket));
      });
    });
  }

  ask(op: string, body: Readonly<Record<string, unknown>>): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(this.#gone());
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(jsonLine({ id, op, ...body }));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #gone(): ControlError {
    return new ControlError(`${this.#name}.gone`, `The ${this.#name} closed its control socket.`);
  }

  #take(chunk: Buffer): void {
    for (const line of this.#reader.push(chunk)) {
      if (line.kind !== 'value' || typeof line.value !== 'object' || line.value === null) continue;
      const answer = line.value as {
        id?: unknown;
        ok?: unknown;
        value?: unknown;
        code?: unknown;
        say?: unknown;
      };
      if (typeof answer.id !== 'number') continue;
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.ok === true) waiting?.resolve(answer.value);
      else waiting?.reject(new ControlError(String(answer.code), String(answer.say)));
    }
  }
}
