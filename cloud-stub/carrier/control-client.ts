import { ControlClient, type Heard } from '../foreign/index.ts';
import type { CarrierCallState, CarrierCallView } from './call-view.ts';
import type { OutsideCall } from './carrier.ts';
import type { FaxOutcome } from './fax-habits.ts';
import type { FaxHabitsGiven, FaxToSend } from './fax-room.ts';

/** The carrier's control socket, typed: for the demo and the tests. Every verb rejects with a `ControlError`. */
export class CarrierControl {
  readonly #client: ControlClient;

  private constructor(client: ControlClient) {
    this.#client = client;
  }

  /** Connects to the unix socket at `path`. */
  static async connect(path: string): Promise<CarrierControl> {
    return new CarrierControl(await ControlClient.connect('carrier', path));
  }

  /** Makes an outside caller; resolves with the call's name once the INVITE is on its way. */
  async call(outside: OutsideCall): Promise<string> {
    const { call } = (await this.#client.ask('call', { ...outside })) as { readonly call: string };
    return call;
  }

  async state(call: string): Promise<CarrierCallView> {
    return (await this.#client.ask('state', { call })) as CarrierCallView;
  }

  /** Resolves when the call has passed through `state`; rejects when that does not happen within `timeoutMs`. */
  async wait(call: string, state: CarrierCallState, timeoutMs: number): Promise<CarrierCallView> {
    return (await this.#client.ask('wait', { call, state, timeoutMs })) as CarrierCallView;
  }

  /** What the carrier's party hears in the next `ms`. */
  async hear(call: string, ms: number): Promise<Heard> {
    return (await this.#client.ask('hear', { call, ms })) as Heard;
  }

  async hangUp(call: string): Promise<void> {
    await this.#client.ask('hangUp', { call });
  }

  /** Every call, newest last, those that came from the service too. */
  async calls(): Promise<readonly CarrierCallView[]> {
    return (await this.#client.ask('calls', {})) as readonly CarrierCallView[];
  }

  /** Makes an outside caller who sends a fax; resolves with the call and the TIFF that is sent. */
  async faxSend(
    fax: Omit<OutsideCall, 'hz'> & FaxToSend,
  ): Promise<{ readonly call: string; readonly file: string }> {
    const value = await this.#client.ask('faxSend', { ...fax });
    return value as { readonly call: string; readonly file: string };
  }

  /** How the fax machine at one of the fax numbers behaves from its next call on. */
  async faxHabits(number: string, habits: FaxHabitsGiven): Promise<void> {
    await this.#client.ask('faxHabits', { number, habits });
  }

  /** How the fax of a call ended; rejects when it has not within `waitMs`. */
  async faxResult(call: string, waitMs: number): Promise<FaxOutcome> {
    return (await this.#client.ask('faxResult', { call, waitMs })) as FaxOutcome;
  }

  close(): void {
    this.#client.close();
  }
}
