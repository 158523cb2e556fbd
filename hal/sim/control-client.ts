import { connect, type Socket } from 'node:net';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';
import type { SimBoardState } from './board-state.ts';
import type { DisplayState } from './display-phone.ts';
import type { Heard } from './ear.ts';
import type { FaxHabits, FaxState } from './fax-device.ts';
import type { LineCondition } from './line-faults.ts';
import type { BellMoment, DialMethod } from './phone.ts';

/** What an ear heard, as it comes over the control socket. */
export type HeardAnswer = Omit<Heard, 'samples'>;

/** Ring voltage on or off at a port; `atMs` is the simulator's own monotonic clock. */
export interface RingEvent {
  readonly port: number;
  readonly on: boolean;
  readonly atMs: number;
}

/** A fax to send: a TIFF, or pages drawn into `folder`; whatever is left out is as of a plain G3 machine with ECM. */
export interface FaxToSend extends Partial<FaxHabits> {
  /** Left out: the line is through already. */
  readonly number?: string;
  readonly file?: string;
  readonly pages?: readonly string[];
  readonly resolution?: 'standard' | 'fine';
  readonly folder?: string;
}

/** How the machine answers the next call. */
export interface FaxToReceive extends Partial<FaxHabits> {
  readonly folder: string;
  /** Answers at this ring, 2 when left out. */
  readonly rings?: number;
}

/** A request that the simulator refused, or a connection that broke. */
export class SimControlError extends Error {
  readonly code: string;

  constructor(code: string, say: string) {
    super(say);
    this.code = code;
  }
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: SimControlError): void;
}

/** Commands the simulated board and its phones over the control socket. Methods reject with {@link SimControlError}. */
export class SimControl {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ringListeners: ((event: RingEvent) => void)[] = [];
  #nextId = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Connects; rejects when nobody listens at `path`. */
  static async connect(path: string): Promise<SimControl> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error) => reject(new SimControlError('control.unreachable', error.message)));
    });
    const client = new SimControl(socket);
    client.#listen();
    return client;
  }

  async lift(port: number): Promise<void> {
    await this.#ask('lift', { port });
  }

  async hangUp(port: number): Promise<void> {
    await this.#ask('hangUp', { port });
  }

  /** Resolves when the hook switch is released again. */
  async flash(port: number, ms: number): Promise<void> {
    await this.#ask('flash', { port, ms });
  }

  /** Resolves when the last digit is dialled. */
  async dial(port: number, digits: string, by: DialMethod = 'dtmf'): Promise<void> {
    await this.#ask('dial', { port, digits, by });
  }

  /** A steady tone into the microphone; `null` for silence. */
  async speak(port: number, hz: number | null, levelDbm0 = -15): Promise<void> {
    await this.#ask('speak', { port, hz, levelDbm0 });
  }

  /** What the ear hears in the next `ms`. */
  async hear(port: number, ms: number): Promise<HeardAnswer> {
    return (await this.#ask('hear', { port, ms })) as HeardAnswer;
  }

  async ringing(port: number): Promise<{ ringing: boolean; history: readonly BellMoment[] }> {
    return (await this.#ask('ringing', { port })) as { ringing: boolean; history: readonly BellMoment[] };
  }

  /** The fax machine lifts, dials, sends and hangs up by itself; resolves with the TIFF once it has begun. */
  async faxSend(port: number, fax: FaxToSend): Promise<{ readonly file: string }> {
    return (await this.#ask('faxSend', { port, ...fax })) as { readonly file: string };
  }

  /** The fax machine answers the next call; resolves at once with the TIFF that will hold the pages. */
  async faxReceive(port: number, fax: FaxToReceive): Promise<{ readonly file: string }> {
    return (await this.#ask('faxReceive', { port, ...fax })) as { readonly file: string };
  }

  /** What the machine does, as soon as its fax is over or after `waitMs`. */
  async faxResult(port: number, waitMs = 0): Promise<FaxState> {
    return (await this.#ask('faxResult', { port, waitMs })) as FaxState;
  }

  /** Breaks off what the machine does. */
  async faxStop(port: number): Promise<void> {
    await this.#ask('faxStop', { port });
  }

  /** What the phone's display showed, newest last. */
  async display(port: number): Promise<DisplayState> {
    return (await this.#ask('display', { port })) as DisplayState;
  }

  /** Gives the phone a display, or takes it away. */
  async numberDisplay(port: number, on: boolean): Promise<void> {
    await this.#ask('numberDisplay', { port, on });
  }

  /** Sets what is wrong with the wires; `null` mends everything. */
  async lineFault(port: number, fault: Partial<LineCondition> | null): Promise<void> {
    await this.#ask('lineFault', { port, fault });
  }

  async vanish(ms: number): Promise<void> {
    await this.#ask('vanish', { ms });
  }

  async restart(): Promise<void> {
    await this.#ask('restart', {});
  }

  async garbage(bytes: number): Promise<void> {
    await this.#ask('garbage', { bytes });
  }

  async state(): Promise<SimBoardState> {
    return (await this.#ask('state', {})) as SimBoardState;
  }

  onRing(listener: (event: RingEvent) => void): void {
    this.#ringListeners.push(listener);
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const reader = new JsonLineReader();
    this.#socket.on('data', (chunk: Buffer) => {
      for (const line of reader.push(chunk))
        if (line.kind === 'value') this.#onMessage(line.value as WireMessage);
    });
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      const error = new SimControlError('control.closed', 'The simulated board closed the control socket.');
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
    });
  }

  #onMessage(message: WireMessage): void {
    if (message.event === 'ring') {
      for (const listener of this.#ringListeners) listener(message as unknown as RingEvent);
      return;
    }
    const waiting = this.#waiting.get(message.id ?? -1);
    this.#waiting.delete(message.id ?? -1);
    if (message.ok === true) waiting?.resolve(message.value);
    else waiting?.reject(new SimControlError(message.code ?? 'control.unknown', message.say ?? 'refused'));
  }

  #ask(op: string, fields: Readonly<Record<string, unknown>>): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (!this.#socket.writable) {
        reject(new SimControlError('control.closed', 'The control socket is closed.'));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(jsonLine({ id, op, ...fields }));
    });
  }
}

/** What comes from the simulator; it is our own program, so the shape is taken on trust. */
interface WireMessage {
  readonly id?: number;
  readonly event?: string;
  readonly ok?: boolean;
  readonly value?: unknown;
  readonly code?: string;
  readonly say?: string;
}
