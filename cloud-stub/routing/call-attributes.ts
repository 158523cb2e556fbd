import type { ContractId, ServiceId } from '../../lib/base/ids.ts';

/** What a call wants to carry. [S2-017] [S2-027] */
export type CallMedia = 'voice' | 'video' | 'highQualityAudio' | 'dataConnect';

/** How an 050 number is used: over the internet, or over the handset's mobile line. [S3-007] [S3-012] */
export type CallMode = 'ip' | 'mobile';

/** How a device makes a call, where that matters. Everything absent: an ordinary call of an up-to-date client in Japan. */
export interface CallManner {
  readonly mode?: CallMode;
  /** The device is outside Japan. [S3-014] */
  readonly abroad?: boolean;
  /** Absent: `voice`. [S2-016] */
  readonly media?: CallMedia;
  /** A number to show in this call alone, chosen at the phone; checked like the one that is set. [S0-089] */
  readonly presents?: string;
  /** The app that calls. [S3-009] [S3-020] */
  readonly client?: { readonly os: 'android' | 'ios' | 'pc' | 'featurePhone'; readonly version: string };
}

/** What rating needs of a call to a toll-free number. [S2-019] [S0-051] */
export interface TollFreeCall {
  readonly number: string;
  /** Always, also for wrong numbers and nuisance. [S2-019] */
  readonly payer: 'callee';
  /** The far end as prices see it. */
  readonly callerClass: 'geographic' | 'mobile' | 'payphone' | 'ip050';
  readonly group: string;
  /** The answer number that is tried first; null: the call was not let through to any. */
  readonly answeredBy: string | null;
  /** Answer numbers outside that may be called: their legs are part of this call and cost nothing more. */
  readonly lines: readonly string[];
}

/** Where the percentage distribution of one answer group stands. [S2-033] */
export interface Turn {
  /** Toll-free number and group. */
  readonly key: string;
  /** The shares that are counted; with others the count begins again. */
  readonly shares: string;
  /** Calls of the running cycle that were given out. */
  readonly given: number;
  /** Calls that were ever given out: of two turns that are written down the later one is known by it. Absent: none yet. */
  readonly calls?: number;
}

/** What routing knows of a call out beyond its plan. */
export interface OutgoingNotes {
  /** Ten free minutes may cover it; never on desk phones and adapters. [S0-091] [S0-092] */
  readonly tenMinutes: boolean;
  /** To a provider whose 050 numbers are called free of charge. [S3-033] */
  readonly freePartner: boolean;
  readonly mode: CallMode;
}

/** A change of a setting that a caller dialled: whoever keeps the contracts makes it, as an order. [S2-015] */
export interface DialledChange {
  readonly change: 'presents';
  readonly contract: ContractId;
  readonly id: ServiceId;
  /** The number that the ID shows from now on. */
  readonly presents: string;
}

/** Something that a person should know; nothing follows by itself. */
export interface RoutingAlert {
  readonly alert: 'highFrequency' | 'ceilingWarning' | 'ceilingReached';
  readonly contract: ContractId;
  readonly facts: readonly string[];
  readonly say: string;
}
