import type { KeyUse } from '../phone-state.ts';

export type SrtpMode = 'off' | 'optional' | 'required';
export type Codec = 'PCMU' | 'PCMA' | 'G722' | 'G729' | 'G726-32';

/** One account of a phone, whichever maker's words it came in. */
export interface AccountSettings {
  /** From 1. */
  readonly account: number;
  readonly user: string;
  readonly authUser: string;
  readonly password: string;
  readonly label: string;
  readonly displayName: string;
  /** SIP domain: what stands behind the @. */
  readonly domain: string;
  /** Where requests go: `host` or `host:port`; the outbound proxy if there is one. */
  readonly server: string;
  /** Whether that is an outbound proxy, which stands in a Route header. */
  readonly routed: boolean;
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly registers: boolean;
  readonly expiresS: number;
  readonly codecs: readonly Codec[];
  readonly dtmfPayload: number;
  readonly srtp: SrtpMode;
  /** Asked for on its own calls; null: it does not ask, but answers one who does. */
  readonly sessionS: number | null;
  readonly leastSessionS: number;
  readonly watchesMessages: boolean;
  readonly voicemail: string;
  readonly pickupPrefix: string;
  /** How the key of a ringing colleague takes the call. */
  readonly pickupBy: 'prefix' | 'replaces' | 'off';
  readonly answersItself: boolean;
  readonly ignoresAlertInfo: boolean;
  readonly ring: string;
  /** Word of Alert-Info → ring. */
  readonly rings: ReadonlyMap<string, string>;
}

export interface KeySettings {
  readonly key: number;
  readonly use: KeyUse;
  readonly account: number;
  readonly value: string;
  readonly label: string;
}

/** When a phone looks for its files by itself. */
export type Schedule =
  | { readonly when: 'never' }
  | { readonly when: 'every'; readonly minutes: number }
  /** Once a day between two hours of its own time zone, or at a minute of the day. */
  | { readonly when: 'daily'; readonly fromMinute: number; readonly toMinute: number };

/** Everything that a configuration changes in a phone. */
export interface PhoneSettings {
  readonly accounts: readonly AccountSettings[];
  readonly keys: readonly KeySettings[];
  readonly callWaiting: boolean;
  readonly adminPassword: string;
  readonly webOpen: boolean;
  readonly ntpServer: string;
  /** As the maker writes it. */
  readonly timeZone: string;
  /** Minutes east of Greenwich. */
  readonly zoneMinutes: number;
  readonly language: string;
  readonly syslogServer: string;
  readonly vlan: number | null;
  readonly phoneBookUrl: string;
  readonly phoneBookMinutes: number;
  readonly schedule: Schedule;
  /** Another try after files that could not be had. */
  readonly retryMinutes: number;
  /** A NOTIFY that makes it fetch must log in. */
  readonly notifyMustLogIn: boolean;
  /** Event of such a NOTIFY, where the maker lets it be chosen. */
  readonly resyncEvent: string;
  readonly usesPnp: boolean;
  /** DHCP options that may say where its files are, the strongest first. */
  readonly usesOptions: readonly number[];
  /** Where its files are when nobody says so: stored from the last file, or typed in. */
  readonly configUrls: readonly string[];
  readonly fileLogin: { readonly user: string; readonly password: string } | null;
  readonly fileKey: string;
  readonly firmware: { readonly url: string; readonly version: string | null } | null;
}

/** What reading a file gives: names and values in the maker's own words, or why the phone drops it. */
export type ConfigFile =
  | {
      readonly kind: 'good';
      readonly values: ReadonlyMap<string, string>;
      readonly ignored: readonly string[];
    }
  | { readonly kind: 'dropped'; readonly why: string };

/** `host:port`, `host`; undefined for anything else. */
export function hostPort(text: string): { readonly host: string; readonly port: number } | undefined {
  const found = /^([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?$/.exec(text.trim());
  const port = Number(found?.[2] ?? 5_060);
  return found?.[1] === undefined || port < 1 || port > 65_535 ? undefined : { host: found[1], port };
}
