import type { Clock } from '../lib/base/clock.ts';
import { LAN_REPORT_LIMITS, type LanReport, type PhoneFact } from '../lib/contract/lan-facts.ts';
import { formatIpv4 } from '../lib/net/ipv4.ts';
import type { HealthRegistry } from './health/index.ts';
import type { LanSide } from './lan-side.ts';
import type { PhoneView } from './provisioning/index.ts';

const SENTENCE_MOST = 300;
/** Warnings of the customer's LAN. */
const LAN_CODES = /^W-LAN-[0-9]{3}$/;

/** The customer's LAN as the cloud is told of it. Phones of the configuration come first. */
export function lanReport(lan: LanSide, health: Pick<HealthRegistry, 'list'>, clock: Clock): LanReport {
  const phones = lan.provisioning.phones();
  const warnings = health.list().filter(({ code }) => LAN_CODES.test(code));
  return {
    v: 1,
    at: clock.now(),
    phones: phones.slice(0, LAN_REPORT_LIMITS.phones).map(phoneFactOf),
    omitted: Math.max(0, phones.length - LAN_REPORT_LIMITS.phones),
    dhcp: dhcpOf(lan, clock),
    warnings: warnings.slice(0, LAN_REPORT_LIMITS.warnings).map(({ code, severity, say, sinceMs }) => ({
      ...{ code, severity, since: Math.round(sinceMs) },
      say: say.slice(0, SENTENCE_MOST),
    })),
  };
}

function phoneFactOf(phone: PhoneView): PhoneFact {
  const { lastFetch } = phone;
  const refused = lastFetch?.refused ?? null;
  return {
    mac: phone.mac,
    state: phone.state,
    vendor: phone.vendor,
    model: phone.model,
    firmware: phone.firmware,
    address: phone.address,
    registered: phone.registered,
    setUpAt: phone.setUpAtMs,
    windowUntil: phone.windowUntilMs === null ? null : wholeSecond(phone.windowUntilMs),
    lastFetch:
      lastFetch === null
        ? null
        : {
            ...{ file: lastFetch.file, hash: lastFetch.hash, at: lastFetch.atMs },
            refused:
              refused === null ? null : { rule: refused.rule, say: refused.say.slice(0, SENTENCE_MOST) },
          },
  };
}

/** A monotonic time on the wall clock moves by parts of a second: that is no change to be told. */
function wholeSecond(epochMs: number): number {
  return Math.round(epochMs / 1_000) * 1_000;
}

function dhcpOf({ dhcp }: LanSide, clock: Clock): LanReport['dhcp'] {
  const { status } = dhcp;
  if (status === null) return null;
  // Monotonic times mean nothing outside of the agent: they become times of day.
  const at = (monotonicMs: number): number => Math.round(clock.now() - clock.monotonicMs() + monotonicMs);
  return {
    mode: status.mode,
    standing: status.standing.at,
    bound: status.bound,
    foreign: status.foreign.slice(0, LAN_REPORT_LIMITS.servers).map((server) => ({
      address: formatIpv4(server.serverId),
      firstHeardAt: wholeSecond(at(server.firstHeardMs)),
      lastHeardAt: at(server.lastHeardMs),
      router: server.router === null ? null : formatIpv4(server.router),
      leaseS: server.leaseS,
    })),
  };
}
