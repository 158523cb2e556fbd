import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type CarrierCallState, type CarrierCallView, carrierCallStates } from './call-view.ts';
import type { Carrier } from './carrier.ts';
import { type ControlAnswer, type ControlRequest, controlRequest } from './control-protocol.ts';

type Answered =
  | Omit<Extract<ControlAnswer, { ok: true }>, 'id'>
  | Omit<Extract<ControlAnswer, { ok: false }>, 'id'>;

const CONNECTION_LIMIT = 16;
/** A client that does not read is cut off at this much unsent answer. */
const UNSENT_LIMIT_BYTES = 4_194_304;

/** The control socket: JSON lines over a unix socket, for the demo, the tests and a person with `socat`. */
export class ControlServer {
  readonly #carrier: Carrier;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #connections = new Set<Socket>();
  #server: Server | undefined;

  constructor(carrier: Carrier, clock: Clock, log: Logger) {
    this.#carrier = carrier;
    this.#clock = clock;
    this.#log = log;
  }

  /** Listens at `path`; a socket file that a dead run left behind is replaced. */
  async start(path: string): Promise<void> {
    await rm(path, { force: true });
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(
          new StartupError({
            code: 'carrier.control',
            fault: 'environment',
            say: `The carrier cannot open its control socket ${path} (${error.message}).`,
          }),
        ),
      );
      server.listen(path, resolve);
    });
    server.on('error', (error) => this.#log.warn({ err: error }, 'control socket'));
  }

  async stop(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    const server = this.#server;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= CONNECTION_LIMIT) {
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    const reader = new JsonLineReader();
    const send = (value: unknown): void => {
      if (socket.destroyed) return;
      if (socket.writableLength > UNSENT_LIMIT_BYTES) socket.destroy();
      else socket.write(jsonLine(value));
    };
    const silence = this.#carrier.onChange((view) => send({ event: 'call', call: view }));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      silence();
      this.#connections.delete(socket);
    });
    socket.on('data', (chunk) => {
      for (const line of reader.push(chunk)) {
        if (line.kind === 'value') this.#serve(line.value, send);
        else
          send({ id: -1, ok: false, code: 'carrier.badLine', say: `A line was not taken: ${line.reason}.` });
      }
    });
  }

  #serve(value: unknown, send: (answer: ControlAnswer) => void): void {
    const request = controlRequest.safeParse(value);
    if (!request.success) {
      const say = request.error.issues[0]?.message ?? 'not a request';
      send({ id: idOf(value), ok: false, code: 'carrier.badRequest', say });
      return;
    }
    const { id } = request.data;
    this.#answer(request.data).then(
      (answer) => send({ id, ...answer }),
      (error: unknown) => send({ id, ok: false, code: 'carrier.failed', say: String(error) }),
    );
  }

  async #answer(request: ControlRequest): Promise<Answered> {
    if (request.op === 'calls') return { ok: true, value: this.#carrier.calls() };
    if (request.op === 'call') {
      const { from, to, hz } = request;
      const made = await this.#carrier.call({ from, to, hz });
      return made.ok
        ? { ok: true, value: { call: made.value.call } }
        : failed(made.error.code, made.error.say);
    }
    const view = this.#carrier.view(request.call);
    if (view === undefined) return failed('carrier.noCall', `There is no call ${request.call}.`);
    switch (request.op) {
      case 'state':
        return { ok: true, value: view };
      case 'hangUp':
        return { ok: true, value: { running: this.#carrier.hangUp(request.call) } };
      case 'hear': {
        const heard = await this.#carrier.hear(request.call, request.ms);
        return heard === undefined
          ? failed('carrier.noAudio', `Call ${request.call} has no audio now.`)
          : { ok: true, value: heard };
      }
      case 'wait':
        return this.#wait(view, request.state, request.timeoutMs);
    }
  }

  /** Answers as soon as the call has passed through `state`, or refuses when it can no longer do so in time. */
  #wait(view: CarrierCallView, state: CarrierCallState, timeoutMs: number): Promise<Answered> {
    return new Promise((resolve) => {
      const settle = (answer: Answered): void => {
        timer.cancel();
        silence();
        resolve(answer);
      };
      const look = (now: CarrierCallView): void => {
        if (now.call !== view.call) return;
        if (now.history.some((entry) => entry.state === state)) settle({ ok: true, value: now });
        else if (now.state === 'ended' || isPast(now.state, state)) {
          settle(failed('carrier.missed', `Call ${now.call} is ${now.state} and never was ${state}.`));
        }
      };
      const timer = this.#clock.after(timeoutMs, 'carrier wait', () =>
        settle(failed('carrier.timeout', `Call ${view.call} was not ${state} within ${timeoutMs} ms.`)),
      );
      const silence = this.#carrier.onChange(look);
      look(view);
    });
  }
}

function isPast(now: CarrierCallState, wanted: CarrierCallState): boolean {
  return carrierCallStates.indexOf(now) > carrierCallStates.indexOf(wanted);
}

function failed(code: string, say: string): Answered {
  return { ok: false, code, say };
}

function idOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || !('id' in value)) return -1;
  return typeof value.id === 'number' ? value.id : -1;
}
