import type { CodedError, Result } from '../../lib/base/errors.ts';
import type { FaxFact, ReportedConfig } from '../../lib/contract/facts.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { WholeWarning } from '../health/index.ts';
import type { AgentStatus, CallStatus, LineStatus, Warning } from '../status.ts';

/** What the local API shows. Called on every request: cheap, and never throws. */
export interface LocalApiSource {
  status(): AgentStatus;
  lines(): readonly LineStatus[];
  /** Of all desk phones that the configuration knows, as calls and warnings name them. */
  phonePorts(): readonly number[];
  /** As `Office.calls`. */
  calls(): readonly CallStatus[];
  /** The last faxes, newest first. */
  faxes(): readonly FaxFact[];
  /** The running configuration; its passwords are hidden by the API. */
  config(): SiteConfig | undefined;
  /** Null where DHCP is off or the box has no LAN. */
  dhcp(): DhcpView | null;
  leases(): readonly LeaseView[];
  /** What was done with the last DHCP packets of a device, oldest first. */
  why(mac: MacAddress): readonly WhyLine[];
  /** Desk phones and what looks like one. */
  phones(): PhonesView;
  /** What was done with a device's last requests for files, oldest first. */
  whyFetch(mac: MacAddress): readonly WhyLine[];
  /** Registers a listener for any change of the above. */
  onChange(listener: () => void): void;
}

/** `GET /v1/lines` */
export interface LinesAnswer {
  readonly v: 1;
  readonly lines: readonly LineStatus[];
  /** The warnings, so that a reader of this route alone can say why a line is down. */
  readonly warnings: readonly Warning[];
}

/** One thing that is wrong now, and whom it hurts. */
export type WarningView = WholeWarning;

/** `GET /v1/warnings`: errors first, then by age. */
export interface WarningsAnswer {
  readonly v: 1;
  readonly warnings: readonly WarningView[];
}

/** `GET /v1/calls` */
export interface CallsAnswer {
  readonly v: 1;
  readonly limit: number;
  readonly calls: readonly CallStatus[];
}

/** `GET /v1/faxes` */
export interface FaxesAnswer {
  readonly v: 1;
  /** Newest first, a hundred at most; none of them runs any more. */
  readonly faxes: readonly FaxFact[];
}

/** DHCP on the LAN. Times are epoch ms. */
export interface DhcpView {
  readonly mode: string;
  readonly device: string;
  /** `mute`, `optionsOnly`, `looking`, `phonesOnly`, `serving` or `steppedDown`. */
  readonly standing: string;
  /** A whole round of looking for other servers has ended since the start. */
  readonly looked: boolean;
  readonly bound: number;
  readonly foreign: readonly {
    readonly address: string;
    /** By which its maker can be found; null while the LAN has not told it. */
    readonly mac: string | null;
    readonly firstHeardAt: number;
    readonly lastHeardAt: number;
    readonly router: string | null;
    readonly leaseS: number | null;
    /** Options with which phones find their configuration (66, 67, 43, 150, 159, 160), as far as it gives them. */
    readonly provisioning: readonly number[];
  }[];
  /** Address of the phones' files on this box, to be put into another server's option 66; null while nothing listens. */
  readonly phonesUrl: string | null;
  /** How often each rule decided. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface LeaseView {
  readonly address: string;
  /** `offered`, `bound`, `free` or `quarantined`. */
  readonly state: string;
  readonly mac: string | null;
  readonly hostName: string | null;
  readonly vendorClass: string | null;
  /** Epoch ms. */
  readonly until: number | null;
}

/** One packet of a device and what came of it. */
export interface WhyLine {
  readonly atMs: number;
  readonly message: string;
  readonly done: string;
  readonly rule: string;
  readonly say: string;
}

/** `GET /v1/dhcp` */
export interface DhcpAnswer {
  readonly v: 1;
  readonly dhcp: DhcpView | null;
}

/** `GET /v1/dhcp/leases` */
export interface LeasesAnswer {
  readonly v: 1;
  readonly leases: readonly LeaseView[];
}

/** `GET /v1/why/<mac>` */
export interface WhyAnswer {
  readonly v: 1;
  readonly mac: string;
  readonly dhcp: readonly WhyLine[];
  /** Its requests for its files, by HTTP and by multicast (SIP PnP). */
  readonly provisioning: readonly WhyLine[];
  readonly lease: LeaseView | null;
}

/** One desk phone, or a device that looks like one. Times are epoch ms. No password is in it. */
export interface PhoneView {
  readonly mac: string;
  /** `unknown`, `unassigned`, `waiting`, `approved`, `registered` or `stale`. */
  readonly state: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly address: string | null;
  readonly label: string | null;
  readonly extension: string | null;
  readonly serviceId: string | null;
  readonly keys: number;
  /** At the box's registrar, now. */
  readonly registered: boolean;
  /** Where it is registered from, `192.168.1.20:5060 udp`; null while it is not. */
  readonly sipSource: string | null;
  /** Calls that it has now. */
  readonly calls: number;
  readonly heard: {
    readonly dhcp?: number;
    readonly pnp?: number;
    readonly http?: number;
    readonly sip?: number;
  };
  readonly setUpAt: number | null;
  /** How its later files are protected: whether it logs in, and whether it was found to read encrypted ones. */
  readonly files: {
    readonly login: boolean;
    readonly encryption: 'open' | 'trying' | 'md5' | 'sha256' | 'failed';
  };
  /** When its window closes; null when it is not open. */
  readonly windowUntil: number | null;
  readonly lastFetch: {
    readonly file: string;
    readonly hash: string | null;
    readonly atMs: number;
    readonly refused: { readonly rule: string; readonly say: string } | null;
  } | null;
}

/** Desk phones, and how they are served. */
export interface PhonesView {
  /** Where phones find their files; null while nothing listens, as on a box without a LAN. */
  readonly url: string | null;
  readonly secure: boolean;
  readonly pnp: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly phones: readonly PhoneView[];
}

/** `GET /v1/phones` */
export interface PhonesAnswer extends PhonesView {
  readonly v: 1;
}

/** `GET /v1/phones/<mac>`, `POST /v1/phones/<mac>/approve` and `…/reprovision` */
export interface PhoneAnswer {
  readonly v: 1;
  readonly phone: PhoneView;
  readonly provisioning: readonly WhyLine[];
}

/** What may be done to a desk phone from here. */
export interface PhoneTools {
  /** Opens its window: it may fetch its password once. */
  approve(mac: MacAddress, minutes: number): Promise<Result<unknown, CodedError>>;
  /** Tells it to fetch its files again. */
  reprovision(mac: MacAddress): Promise<Result<unknown, CodedError>>;
}

/** `GET /v1/config` */
export interface ConfigAnswer {
  readonly v: 1;
  readonly reported: ReportedConfig;
  /** Null when the box has none yet. */
  readonly config: SiteConfig | null;
}

/** One line of `GET /v1/watch`: the first at once, then one after every change and at least every 10 s. */
export interface WatchLine {
  readonly v: 1;
  readonly at: number;
  readonly status: AgentStatus;
  readonly calls: readonly CallStatus[];
  /** Changes that were folded into this line because the reader was slow. */
  readonly skipped: number;
}

/** `POST /v1/lines/N/…`: what was found or begun on the line. */
export interface LineAnswer {
  readonly v: 1;
  readonly line: object;
}

/** Every answer that is not 200. */
export interface ApiError {
  readonly v: 1;
  readonly code: string;
  readonly say: string;
}
