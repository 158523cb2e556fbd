import type { Logger } from '../../lib/base/log.ts';
import { type Controlled, type ControlReply, ControlSocket } from '../foreign/index.ts';
import type { App } from './app.ts';
import type { AppCall } from './app-call.ts';
import { type AppRequest, appRequest } from './control-protocol.ts';

/** An app's control socket: what a thumb would do. */
export class AppControlServer implements Controlled {
  readonly name = 'app';
  readonly #app: App;
  readonly #socket: ControlSocket;

  constructor(app: App, log: Logger) {
    this.#app = app;
    this.#socket = new ControlSocket(this, log);
  }

  start(path: string): Promise<void> {
    return this.#socket.start(path);
  }

  stop(): Promise<void> {
    return this.#socket.stop();
  }

  onEvent(listener: (event: unknown) => void): () => void {
    return this.#app.onChange((view) => listener({ event: 'call', call: view }));
  }

  async answer(value: unknown): Promise<ControlReply> {
    const request = appRequest.safeParse(value);
    if (request.success) return this.#answer(request.data);
    return failed('app.badRequest', request.error.issues[0]?.message ?? 'not a request');
  }

  async #answer(request: AppRequest): Promise<ControlReply> {
    if (request.op === 'register') {
      return { ok: true, value: { status: await this.#app.register(request.expiresS) } };
    }
    if (request.op === 'calls') return { ok: true, value: this.#app.calls.map((each) => each.view) };
    if (request.op === 'call') {
      const made = await this.#app.call(request.number, request.hz);
      return { ok: true, value: { call: made.view.call } };
    }
    const call = this.#app.calls.find((each) => each.view.call === request.call);
    if (call === undefined) return failed('app.noCall', `There is no call ${request.call}.`);
    return { ok: true, value: await does(call, request) };
  }
}

type OnCall = Extract<AppRequest, { call: string }>;

async function does(call: AppCall, request: OnCall): Promise<unknown> {
  switch (request.op) {
    case 'answer':
      call.answer(request.hz);
      return call.view;
    case 'reject':
      call.reject(request.status);
      return call.view;
    case 'hangUp':
      call.hangUp();
      return call.view;
    case 'hear':
      return call.voice.hear(request.ms);
  }
}

function failed(code: string, say: string): ControlReply {
  return { ok: false, code, say };
}
