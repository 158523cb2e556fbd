import { type Controlled, type ControlReply, failed } from '../foreign/index.ts';
import type { App } from './app.ts';
import type { AppCall } from './app-call.ts';
import { type AppRequest, appRequest } from './control-protocol.ts';

/** What an app's control socket can be asked: what a thumb would do. */
export class AppControlled implements Controlled<AppRequest> {
  readonly name = 'app';
  readonly requests = appRequest;
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  onEvent(listener: (event: unknown) => void): () => void {
    return this.#app.onChange((view) => listener({ event: 'call', call: view }));
  }

  async answer(request: AppRequest): Promise<ControlReply> {
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
    case 'hold':
      return { status: await call.hold(request.on) };
    case 'hear':
      return call.voice.hear(request.ms);
  }
}
