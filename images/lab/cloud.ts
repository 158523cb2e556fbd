import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CarrierControl } from '../../cloud-stub/carrier/index.ts';
import { type Child, startChild } from '../../scripts/launch/child.ts';
import { requestJson } from '../../scripts/launch/http-over-unix.ts';
import { layoutOf } from '../../scripts/launch/layout.ts';
import { GATEWAY } from '../../scripts/launch/office.ts';
import { LabError } from './lab-error.ts';
import type { LabNetwork } from './network.ts';
import { PLACES } from './places.ts';

/** The contract of the example office. */
const CONTRACT = 'c-000001';

/** A call as the service keeps it, of which the stories look at little. */
export interface CallRecord {
  readonly call: string;
  readonly startedAt: number;
  readonly switch: {
    readonly to: string;
    readonly endedAt: number | null;
    readonly interrupted: boolean;
  } | null;
  /** What boxes recorded of it. */
  readonly boxes: readonly {
    readonly direction: 'out' | 'in' | 'internal';
    readonly line: number;
    readonly to: string;
    readonly talkMs: number;
    readonly interrupted: boolean;
  }[];
}

/** How the service sees the box. */
export interface GatewayView {
  readonly id: string;
  /** SHA-256 of the key that the box has, hex. */
  readonly keyFingerprint: string | null;
  readonly online: boolean;
  readonly desiredRev: number;
  readonly reported: { readonly appliedRev: number; readonly state: string } | null;
}

/** The service on the internet of the laboratory, as its operator has it, and the telephone network behind it. */
export class LabCloud {
  readonly gateway = GATEWAY;
  /** People on the telephone network. */
  readonly carrier: CarrierControl;
  readonly #socket: string;
  readonly #service: Child;

  private constructor(carrier: CarrierControl, socket: string, service: Child) {
    this.carrier = carrier;
    this.#socket = socket;
    this.#service = service;
  }

  /** Starts it; `state` keeps its database, keys and logs. */
  static async open(root: string, state: string, network: LabNetwork): Promise<LabCloud> {
    const layout = layoutOf(root, state, PLACES.internet.net);
    // The database's own user must be able to pass.
    mkdirSync(state, { recursive: true, mode: 0o711 });
    const service = await startChild({
      name: 'service',
      command: [
        ...network.at('service'),
        ...[process.execPath, '--import', 'tsx', join(root, 'images/lab/service-main.ts')],
        ...['--follow-stdin', '--root', root, '--state', state],
      ],
      logFile: join(state, 'service.log'),
      ready: 'event',
      readyLimitMs: 180_000,
    });
    const carrier = await CarrierControl.connect(layout.sockets.carrier);
    return new LabCloud(carrier, layout.sockets.cloud, service);
  }

  /** The operator's API, and its socket for `engawa-cloud`. */
  get api(): string {
    return this.#socket;
  }

  get(path: string): Promise<unknown> {
    return requestJson(this.#socket, 'GET', path);
  }

  post(path: string, body: unknown = {}): Promise<unknown> {
    return requestJson(this.#socket, 'POST', path, body);
  }

  /** A claim code as it stands on the order. */
  async claimCode(): Promise<string> {
    const { code } = (await this.post(`/gateways/${GATEWAY}/claim`)) as { readonly code?: string };
    if (code === undefined) throw new LabError('the service gave no claim code');
    return code;
  }

  /** Calls of the example office since `ms`. */
  async records(sinceMs: number): Promise<readonly CallRecord[]> {
    const answer = await this.get(`/contracts/${CONTRACT}/records?since=${Math.floor(sinceMs)}`);
    return (answer as { readonly records: readonly CallRecord[] }).records;
  }

  /** How it sees the box. */
  async view(): Promise<GatewayView> {
    const { gateways } = (await this.get('/gateways')) as { readonly gateways: readonly GatewayView[] };
    const found = gateways.find(({ id }) => id === GATEWAY);
    if (found === undefined) throw new LabError(`the service knows no ${GATEWAY}`);
    return found;
  }

  async stop(): Promise<void> {
    this.carrier.close();
    await this.#service.stop(9_000);
  }
}
