import { connect, type Socket } from 'node:net';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';
import type { Heard } from '../foreign/index.ts';
import type { CarrierCallState, CarrierCallView } from './call-view.ts';
import type { OutsideCall } from './carrier.ts';

/** A refusal on the control socket. */
export class CarrierControlError extends Error {
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

/** The carrier's control socket, typed: for the demo and the tests. Every verb rejects with {@link CarrierControlError}. */
export class CarrierControl {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #reader = new JsonLineReader();
  #nextId = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      const gone = new CarrierControlError('carrier.gone', 'The carrier closed its control socket.');
      for (const waiting of this.#waiting.values()) waiting.reject(gone);
      this.#waiting.clear();
    });
  }

  /** Connects to the unix socket at `path`. */
  static connect(path: string): Promise<CarrierControl> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new CarrierControl(socket));
      });
    });
  }

  /** Makes an outside caller; resolves with the call's name once the INVITE is on its way. */
  async call(outside: OutsideCall): Promise<string> {
    const { call } = (await this.#ask('call', { ...outside })) as { readonly call: string };
    return call;
  }

  async state(call: string): Promise<CarrierCallView> {
    return (await this.#ask('state', { call })) as CarrierCallView;
  }

  /** Resolves when the call has passed through `state`; rejects when that does not happen within `timeoutMs`. */
  async wait(call: string, state: CarrierCallState, timeoutMs: number): Promise<CarrierCallView> {
    return (await this.#ask('wait', { call, state, timeoutMs })) as CarrierCallView;
  }

  /** What the carrier's party hears in the next `ms`. */
  async hear(call: string, ms: number): Promise<Heard> {
    return (await this.#ask('hear', { call, ms })) as Heard;
  }

  async hangUp(call: string): Promise<void> {
    await this.#ask('hangUp', { call });
  }

  /** Every call, newest last, those that came from the service too. */
  async calls(): Promise<readonly CarrierCallView[]> {
    return (await this.#ask('calls', {})) as readonly CarrierCallView[];
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(op: string, body: Record<string, unknown>): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new CarrierControlError('carrier.gone', 'The carrier closed its control socket.'));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(jsonLine({ id, op, ...body }));
    });
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
      else waiting?.reject(new CarrierControlError(String(answer.code), String(answer.say)));
    }
  }
}
