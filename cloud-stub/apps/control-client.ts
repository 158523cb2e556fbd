import { ControlClient, type Heard } from '../foreign/index.ts';
import type { AppCallView } from './app-call.ts';

/** An app's control socket, typed. Every verb rejects with a `ControlError`. */
export class AppControl {
  readonly #client: ControlClient;

  private constructor(client: ControlClient) {
    this.#client = client;
  }

  /** Connects to the unix socket at `path`. */
  static async connect(path: string): Promise<AppControl> {
    return new AppControl(await ControlClient.connect('app', path));
  }

  /** Registers once more, or with 0 takes the registration back; the final status. */
  async register(expiresS: number): Promise<number> {
    return ((await this.#client.ask('register', { expiresS })) as { readonly status: number }).status;
  }

  /** Calls a number; resolves with the call's name. */
  async call(number: string, hz: number): Promise<string> {
    return ((await this.#client.ask('call', { number, hz })) as { readonly call: string }).call;
  }

  /** Every call that is remembered, newest last. */
  async calls(): Promise<readonly AppCallView[]> {
    return (await this.#client.ask('calls', {})) as readonly AppCallView[];
  }

  async answer(call: string, hz: number): Promise<AppCallView> {
    return (await this.#client.ask('answer', { call, hz })) as AppCallView;
  }

  async reject(call: string, status: number): Promise<AppCallView> {
    return (await this.#client.ask('reject', { call, status })) as AppCallView;
  }

  async hangUp(call: string): Promise<AppCallView> {
    return (await this.#client.ask('hangUp', { call })) as AppCallView;
  }

  /** Holds the other party, or takes it back; the final status. */
  async hold(call: string, on: boolean): Promise<number> {
    return ((await this.#client.ask('hold', { call, on })) as { readonly status: number }).status;
  }

  /** What the app hears in the next `ms`. */
  async hear(call: string, ms: number): Promise<Heard> {
    return (await this.#client.ask('hear', { call, ms })) as Heard;
  }

  close(): void {
    this.#client.close();
  }
}
