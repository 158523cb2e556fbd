import type { Socket } from 'node:net';
import { LabError } from './lab-error.ts';
import { qmpCommand, readQmpLine } from './qmp-lines.ts';
import { connectSoon } from './talk.ts';

const ANSWER_LIMIT_MS = 20_000;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: LabError): void;
}

/** QEMU's monitor: the machine as its power supply and its plugs see it. */
export class Qmp {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners: ((name: string, data: Readonly<Record<string, unknown>>) => void)[] = [];
  #rest = '';
  #nextId = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (piece: string) => this.#take(piece));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new LabError('the emulated machine is off'));
      this.#waiting.clear();
    });
  }

  static async open(path: string): Promise<Qmp> {
    const qmp = new Qmp(await connectSoon(path));
    await qmp.ask('qmp_capabilities');
    return qmp;
  }

  /** Rejects with QEMU's own sentence. */
  ask(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new LabError(`QEMU does not answer ${command}`));
      }, ANSWER_LIMIT_MS);
      this.#waiting.set(id, {
        resolve: (value) => {
          clearTimeout(limit);
          resolve(value);
        },
        reject: (error) => {
          clearTimeout(limit);
          reject(error);
        },
      });
      this.#socket.write(qmpCommand(id, command, args));
    });
  }

  /** Events such as `RESET`, `SHUTDOWN`, `WATCHDOG`. */
  onEvent(listener: (name: string, data: Readonly<Record<string, unknown>>) => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves with the next event of that name. */
  async event(name: string, limitMs: number): Promise<Readonly<Record<string, unknown>>> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(
        () => reject(new LabError(`QEMU told of no ${name} within ${Math.round(limitMs / 1_000)} s`)),
        limitMs,
      );
      this.onEvent((told, data) => {
        if (told !== name) return;
        clearTimeout(limit);
        resolve(data);
      });
    });
  }

  /** Where a device of this kind stands in QEMU's tree. */
  async find(kind: string): Promise<string> {
    for (const parent of ['/machine/unattached', '/machine', '/machine/peripheral']) {
      const children = (await this.ask('qom-list', { path: parent })) as readonly {
        name: string;
        type: string;
      }[];
      const found = children.find(({ type }) => type === `child<${kind}>`);
      if (found !== undefined) return `${parent}/${found.name}`;
    }
    throw new LabError(`the emulated machine has no ${kind}`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(piece: string): void {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const said = readQmpLine(line);
      if (said.kind === 'event') for (const listener of this.#listeners) listener(said.name, said.data);
      if (said.kind === 'answer') this.#settle(said.id)?.resolve(said.value);
      if (said.kind === 'refusal') this.#settle(said.id)?.reject(new LabError(`QEMU: ${said.say}`));
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}
