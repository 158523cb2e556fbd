import { connect, type Socket } from 'node:net';
import type { PhoneEvent, PhoneRequest } from '../../hal/phones/control-protocol.ts';
import type { PhoneState } from '../../hal/phones/phone-state.ts';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';
import type { Window } from '../demo/hearing.ts';

type Op = PhoneRequest['op'];
type FieldsOf<Name extends Op> = Omit<Extract<PhoneRequest, { op: Name }>, 'op' | 'id'>;

/** Longer than any wait that the callers ask for. */
const ANSWER_LIMIT_MS = 120_000;
const SLICE_MS = 500;

/** What a person at a simulated desk phone does and sees. Methods reject with the phone's own sentence. */
export class PhoneClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  readonly events: PhoneEvent[] = [];
  #nextId = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Connects; rejects when nobody listens at `path`. */
  static async connect(path: string): Promise<PhoneClient> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const client = new PhoneClient(socket);
    client.#listen();
    return client;
  }

  async state(): Promise<PhoneState> {
    return (await this.ask('state', {})) as PhoneState;
  }

  /** Waits until it is so; rejects when it is not in time. */
  async wait(
    until: FieldsOf<'wait'>['until'],
    timeoutMs: number,
    lamp?: { readonly key: number; readonly lamp: FieldsOf<'wait'>['lamp'] },
  ): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const leftMs = Math.max(0, endMs - performance.now());
      try {
        // In slices: what became so without an event is seen at the next one.
        await this.ask('wait', { until, timeoutMs: Math.round(Math.min(SLICE_MS, leftMs)), ...lamp });
        return;
      } catch (error) {
        if (leftMs <= SLICE_MS) throw error;
      }
    }
  }

  async dial(to: string): Promise<void> {
    await this.ask('dial', { to });
  }

  async answer(): Promise<void> {
    await this.ask('answer', {});
  }

  async hangUp(): Promise<void> {
    await this.ask('hangUp', {});
  }

  async speak(hz: number | null): Promise<void> {
    await this.ask('speak', { hz });
  }

  /** What the ear hears in the next `ms`. */
  async hear(ms: number): Promise<readonly Window[]> {
    return ((await this.ask('hear', { ms })) as { windows: readonly Window[] }).windows;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Any request of the control socket. */
  ask<Name extends Op>(op: Name, fields: Partial<FieldsOf<Name>>): Promise<unknown> {
    const id = this.#nextId++;
    let limit: NodeJS.Timeout | undefined;
    const answer = new Promise((resolve, reject) => {
      limit = setTimeout(() => reject(new Error(`the phone does not answer ${op}`)), ANSWER_LIMIT_MS);
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(jsonLine({ id, op, ...fields }));
    });
    return answer.finally(() => clearTimeout(limit));
  }

  #listen(): void {
    const reader = new JsonLineReader();
    this.#socket.on('data', (chunk: Buffer) => {
      for (const line of reader.push(chunk)) if (line.kind === 'value') this.#take(line.value as WireMessage);
    });
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      for (const { reject } of this.#waiting.values())
        reject(new Error('the phone closed its control socket'));
      this.#waiting.clear();
    });
  }

  #take(message: WireMessage): void {
    if (message.event !== undefined) {
      this.events.push(message as unknown as PhoneEvent);
      return;
    }
    const waiting = this.#waiting.get(message.id ?? -1);
    this.#waiting.delete(message.id ?? -1);
    if (message.ok === true) waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.say ?? 'refused'));
  }
}

/** What comes from a phone; it is a program of this tree, so the shape is taken on trust. */
interface WireMessage {
  readonly id?: number;
  readonly event?: string;
  readonly ok?: boolean;
  readonly value?: unknown;
  readonly say?: string;
}
