import type { Clock } from '../lib/base/clock.ts';
import { formatIpv4 } from '../lib/net/ipv4.ts';
import type { OfficeShell } from './calls/index.ts';
import type { HealthRegistry } from './health/index.ts';
import type { LanSide } from './lan-side.ts';
import type { DhcpView, LeaseView, LocalApiSource, PhonesView } from './local-api/index.ts';
import type { MediaClient } from './media/index.ts';
import type { MediaView } from './media-view.ts';
import { phonePorts } from './outside-bars.ts';
import type { DeskPhone } from './ports.ts';
import type { PhoneView } from './provisioning/index.ts';
import type { AgentStatus, BoxIdentity, LineStatus } from './status.ts';
import type { FaxLog } from './store/index.ts';
import type { Sync } from './sync/index.ts';
import { agentVersion } from './version.ts';

/** The rooms that the status is made of. */
interface Parts {
  readonly identity: () => BoxIdentity;
  /** Of the office, or of a board without one. */
  readonly lines: () => readonly LineStatus[];
  readonly startedMs: number;
  readonly clock: Clock;
  readonly health: HealthRegistry;
  readonly office: OfficeShell;
  readonly media: MediaClient;
  readonly view: MediaView;
  readonly sync: Sync;
  readonly faxes: FaxLog;
  readonly lan: LanSide;
}

/** Faxes that are shown; the store keeps more. */
const FAXES_SHOWN = 100;

/** The one typed status that CLI, LEDs and cloud render. */
export function statusSource(parts: Parts): LocalApiSource {
  const { clock, health, office, media, view, sync } = parts;
  const version = agentVersion();
  return {
    status: (): AgentStatus => ({
      v: 1,
      gateway: parts.identity().gateway,
      identity: parts.identity(),
      office: sync.running()?.office ?? null,
      version,
      now: clock.now(),
      upMs: Math.round(clock.monotonicMs() - parts.startedMs),
      board: view.board,
      media: { connected: media.connected, sessions: view.sessions },
      cloud: sync.cloud(),
      config: sync.reported(),
      lines: parts.lines(),
      calls: { now: office.callsNow(), limit: sync.running()?.calls.channels ?? 0 },
      warnings: health.list(),
      memory: { agentBytes: process.memoryUsage.rss(), mediaBytes: view.rssBytes },
    }),
    lines: parts.lines,
    phonePorts: () => phonePorts(office.state),
    calls: () => office.calls(),
    faxes: () => parts.faxes.list(FAXES_SHOWN),
    config: () => sync.running(),
    dhcp: () => dhcpView(parts),
    leases: () => leaseViews(parts),
    why: (mac) => parts.lan.dhcp.why(mac),
    phones: () => phonesView(parts.lan),
    whyFetch: (mac) =>
      parts.lan.provisioning.why(mac).map(({ asked, ...line }) => ({ ...line, message: asked })),
    onChange(listener) {
      health.onChange(listener);
      office.onChange(listener);
      sync.onChange(listener);
    },
  };
}

/** Monotonic times mean nothing outside of the agent: they become times of day. */
function wallClock(clock: Clock): (monotonicMs: number) => number {
  const shiftMs = clock.now() - clock.monotonicMs();
  return (monotonicMs) => Math.round(monotonicMs + shiftMs);
}

function dhcpView({ lan: { dhcp, provisioning }, clock }: Parts): DhcpView | null {
  const { status } = dhcp;
  if (status === null) return null;
  const at = wallClock(clock);
  const { standing } = status;
  return {
    mode: status.mode,
    device: status.device,
    standing: standing.at,
    looked: status.looked,
    bound: status.bound,
    foreign: status.foreign.map((server) => ({
      address: formatIpv4(server.serverId),
      mac: server.mac,
      firstHeardAt: at(server.firstHeardMs),
      lastHeardAt: at(server.lastHeardMs),
      router: server.router === null ? null : formatIpv4(server.router),
      leaseS: server.leaseS,
      provisioning: server.provisioning,
    })),
    phonesUrl: provisioning.status.url,
    counts: status.counts,
  };
}

function phonesView({ provisioning, deskPhones }: LanSide): PhonesView {
  const here = new Map(deskPhones.map((each) => [each.mac, each]));
  const phones = provisioning.phones().map((phone) => ({
    mac: phone.mac,
    state: phone.state,
    vendor: phone.vendor,
    model: phone.model,
    firmware: phone.firmware,
    address: phone.address,
    label: phone.config?.label ?? null,
    extension: phone.config?.extension ?? null,
    serviceId: phone.config?.serviceId ?? null,
    keys: phone.config?.keys.length ?? 0,
    registered: phone.registered,
    sipSource: sourceText(here.get(phone.mac)?.source ?? null),
    calls: here.get(phone.mac)?.calls ?? 0,
    heard: phone.heard,
    setUpAt: phone.setUpAtMs,
    files: { login: phone.loginTold, encryption: encryptionOf(phone) },
    windowUntil: phone.windowUntilMs,
    lastFetch: phone.lastFetch,
  }));
  return { ...provisioning.status, phones };
}

function encryptionOf({
  trial,
}: Pick<PhoneView, 'trial'>): PhonesView['phones'][number]['files']['encryption'] {
  return trial.at === 'proved' ? trial.digest : trial.at;
}

function sourceText(source: DeskPhone['source']): string | null {
  return source === null ? null : `${source.host}:${source.port} ${source.transport}`;
}

function leaseViews({ lan: { dhcp }, clock }: Parts): readonly LeaseView[] {
  const at = wallClock(clock);
  return dhcp.leases().map((lease) => ({
    address: formatIpv4(lease.address),
    state: lease.at,
    mac: lease.at === 'quarantined' ? null : lease.traits.mac,
    hostName: lease.at === 'quarantined' ? null : lease.traits.hostName,
    vendorClass: lease.at === 'quarantined' ? null : lease.traits.vendorClass,
    until: lease.at === 'free' ? null : at(lease.untilMs),
  }));
}
