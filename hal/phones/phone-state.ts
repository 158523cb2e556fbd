/** Who made the phone. */
export type Maker = 'grandstream' | 'panasonic';

/** How far a phone has come since it was switched on. */
export type Stage =
  /** Its processor starts. */
  | 'booting'
  /** No cable. */
  | 'noLink'
  /** Asks for an address. */
  | 'addressing'
  /** Asks by SIP PnP where its files are. */
  | 'asking'
  /** Fetches its files. */
  | 'fetching'
  /** Writes a new firmware; restarts by itself. */
  | 'upgrading'
  /** Has what it could get: registers, or has nothing to register with. */
  | 'ready';

/** What a lamp of a programmed key shows. */
export type Lamp = 'off' | 'green' | 'red' | 'blinkingGreen' | 'blinkingRed';

/** What a programmed key does. */
export type KeyUse = 'none' | 'line' | 'dial' | 'watch' | 'park';

export interface LeaseView {
  readonly server: string;
  readonly phase: 'bound' | 'renewing' | 'rebinding';
  readonly leaseS: number;
  readonly t1S: number;
  readonly t2S: number;
  readonly boundAtMs: number;
  /** What the server said besides, as text where it is text and as hex where it is not; by number. */
  readonly options: Readonly<Record<string, string>>;
}

/** One request for a file, and what became of it. */
export interface FetchView {
  readonly atMs: number;
  readonly url: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly bytes: number;
  /** Whether the phone took what was in it; `why` not, otherwise. */
  readonly taken: boolean;
  readonly why: string | null;
}

export interface AccountView {
  /** From 1. */
  readonly account: number;
  readonly user: string;
  readonly server: string;
  readonly label: string;
  readonly transport: 'udp' | 'tcp';
  readonly registered: boolean;
  /** Final status of the last REGISTER; 0 when nobody answered, null before the first. */
  readonly status: number | null;
  readonly untilMs: number | null;
  readonly messages: { readonly waiting: boolean; readonly fresh: number; readonly old: number };
}

export interface KeyView {
  /** From 1, as they go down the phone. */
  readonly key: number;
  readonly use: KeyUse;
  readonly account: number;
  readonly value: string;
  readonly label: string;
  readonly lamp: Lamp;
}

/** A call as the person at the phone sees it. */
export interface CallView {
  readonly call: string;
  readonly account: number;
  readonly direction: 'in' | 'out';
  /** Number of the other side, or what stands there for one that is withheld. */
  readonly number: string;
  /** From the phone's own book, or as sent; empty without. */
  readonly name: string;
  readonly state: 'dialling' | 'ringback' | 'ringing' | 'talking' | 'held' | 'ended';
  /** The other side has put us on hold. */
  readonly heldByOther: boolean;
  /** How it rings: `default`, or the number of the ring that Alert-Info chose. */
  readonly ring: string;
  /** Final status of a call that did not come up; null otherwise. */
  readonly status: number | null;
  /** Sound is encrypted. */
  readonly encrypted: boolean;
  readonly startedAtMs: number;
}

/** What is set on the phone, apart from secrets. */
export interface SettingsView {
  readonly language: string;
  readonly timeZone: string;
  readonly ntpServer: string;
  readonly webOpen: boolean;
  /** Its administrator's password is not the one from the factory. */
  readonly adminPasswordChanged: boolean;
  readonly syslogServer: string;
  readonly vlan: number | null;
  readonly codecs: readonly string[];
  readonly configUrl: string;
  /** Names of keys that it was sent and does not know. */
  readonly unknownKeys: readonly string[];
}

/** Answer to `state`. */
export interface PhoneState {
  readonly maker: Maker;
  readonly model: string;
  readonly mac: string;
  readonly firmware: string;
  readonly stage: Stage;
  readonly link: boolean;
  /** `192.168.22.100/24`. */
  readonly address: string | null;
  readonly router: string | null;
  readonly lease: LeaseView | null;
  /** How it learnt where its files are. */
  readonly source:
    | 'none'
    | 'static'
    | 'stored'
    | 'pnp'
    | 'option161'
    | 'option160'
    | 'option159'
    | 'option150'
    | 'option66'
    | 'option43';
  /** How often it has started since the program runs, and why the last time. */
  readonly boots: number;
  readonly bootedFor: string;
  /** Newest last, the last 100. */
  readonly fetches: readonly FetchView[];
  readonly accounts: readonly AccountView[];
  readonly keys: readonly KeyView[];
  readonly calls: readonly CallView[];
  readonly messageWaiting: boolean;
  /** The rows of its display. */
  readonly display: readonly string[];
  readonly phoneBook: number;
  readonly settings: SettingsView;
  /** Everything that was dropped or refused, by reason. */
  readonly counters: Readonly<Record<string, number>>;
}
