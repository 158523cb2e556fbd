import { type CarrierCallView, CarrierControl } from '../../cloud-stub/carrier/index.ts';
import { SimControl } from '../../hal/sim/control-client.ts';
import { requestJson } from '../launch/http-over-unix.ts';
import type { Layout } from '../launch/layout.ts';
import { everyWindow, shareOfTone, type Window } from './hearing.ts';
import { until } from './story.ts';

/** The example office. */
export const OFFICE_NUMBER = '0355550100';
export const CONTRACT = 'c-000001';
/** Its fax machine, and the number that rings it alone. */
export const FAX_PORT = 3;
export const FAX_LINE_NUMBER = '0355550109';

/** What the agent's local API says that the story looks at. */
export interface AgentView {
  readonly config: { readonly appliedRev: number; readonly state: string };
  readonly board: { readonly up: boolean };
  readonly cloud: { readonly connected: boolean; readonly outbox: number };
  readonly calls: { readonly now: number };
  readonly lines: readonly {
    readonly port: number;
    readonly state: string;
    readonly registration: { readonly at: string };
  }[];
  readonly memory: { readonly agentBytes: number; readonly mediaBytes: number };
}

/** Everything the story touches: the phones, the far side of the network, the box and the service. */
export class Stage {
  readonly phones: SimControl;
  readonly carrier: CarrierControl;
  readonly #layout: Layout;

  private constructor(phones: SimControl, carrier: CarrierControl, layout: Layout) {
    this.phones = phones;
    this.carrier = carrier;
    this.#layout = layout;
  }

  static async open(layout: Layout): Promise<Stage> {
    const phones = await SimControl.connect(layout.sockets.board);
    const carrier = await CarrierControl.connect(layout.sockets.carrier);
    return new Stage(phones, carrier, layout);
  }

  /** Where the fax machines keep their pages. */
  get faxFolder(): string {
    return this.#layout.fax;
  }

  close(): void {
    this.phones.close();
    this.carrier.close();
  }

  async agent(): Promise<AgentView> {
    return (await requestJson(this.#layout.sockets.agent, 'GET', '/v1/status')) as AgentView;
  }

  cloud(path: string): Promise<unknown> {
    return requestJson(this.#layout.sockets.cloud, 'GET', path);
  }

  /** What phone `port` hears in the next `ms`, every 100 ms of it. */
  async hear(port: number, ms: number): Promise<readonly Window[]> {
    return everyWindow((await this.phones.hear(port, ms)).windows, ms);
  }

  /** What the far party of `call` hears in the next `ms`. */
  async carrierHears(call: string, ms: number): Promise<readonly Window[]> {
    const heard = await this.carrier.hear(call, ms);
    return everyWindow(heard.windows, ms);
  }

  /** The newest call that the service handed to the network for `number`, once it has come up. */
  async answeredCall(number: string, limitMs: number): Promise<CarrierCallView | undefined> {
    return until(limitMs, async () =>
      (await this.carrier.calls()).findLast(
        (call) => call.direction === 'fromTrunk' && call.to === number && call.state === 'answered',
      ),
    );
  }

  /** Calls at the network so far, those of the office's fax machine left out. */
  async voiceCalls(): Promise<number> {
    const calls = await this.carrier.calls();
    return calls.filter((call) => call.from !== FAX_LINE_NUMBER && call.to !== FAX_LINE_NUMBER).length;
  }

  /** Waits until an ear hears the tone `hz`: a connection through takes a moment, and what counts is what comes after it. */
  async connected(hear: (ms: number) => Promise<readonly Window[]>, hz: number): Promise<void> {
    await until(30_000, async () => (shareOfTone(await hear(200), hz) === 1 ? true : undefined));
  }
}
