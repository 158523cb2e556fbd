/** What the load process is told to do. */
export interface LoadOrder {
  /** Where its sockets are, and the relay. */
  readonly host: string;
  readonly relayHost: string;
  /** One for each end of each call: its own port, and the relay's port towards it. */
  readonly streams: readonly { readonly localPort: number; readonly port: number }[];
  /** Counted; two more come before. */
  readonly seconds: number;
  /** Keys and salts in base64, for encrypted calls: what the load sends with, and the relay. */
  readonly srtp?: { readonly load: string; readonly relay: string } | undefined;
}

/** What came of it; times from a packet's sending to its arrival at the other end. */
export interface LoadResult {
  readonly sent: number;
  readonly arrived: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** A relay that is measured. */
export interface MeasuredRelay {
  readonly name: string;
  readonly host: string;
  /** Whose processor time counts; undefined for no relay at all. */
  readonly pid: number | undefined;
  readonly srtp: LoadOrder['srtp'];
  /** Opens calls between `host`'s ports, two after one another for each; answers the relay's port for each of them. */
  call(host: string, ports: readonly number[]): Promise<readonly number[]>;
  hangUp(): Promise<void>;
  stop(): Promise<void>;
}
