import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { DhcpConfig } from '../../lib/contract/lan-config.ts';
import { formatIpv4, type Ipv4, type Ipv4Subnet, isHostOf, parseIpv4 } from '../../lib/net/ipv4.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { Pool } from './lease-book.ts';
import { OPTION, RESERVED_OPTIONS } from './option-codes.ts';
import { addressBytes, optionBytesOf } from './option-values.ts';
import {
  DEFAULT_TIMES,
  OFFICE_LIMITS,
  type OptionMatch,
  type OptionRule,
  type ServerSettings,
  type StaticAssignment,
} from './settings.ts';

/** Why a configuration cannot be served on this LAN. Nothing of it is used then. */
export interface DhcpConfigRefusal extends CodedError {
  readonly code:
    | 'dhcp.notConfirmed'
    | 'dhcp.noPool'
    | 'dhcp.poolOutside'
    | 'dhcp.poolBackwards'
    | 'dhcp.ownAddressInPool'
    | 'dhcp.staticOutside'
    | 'dhcp.staticTwice'
    | 'dhcp.optionReserved'
    | 'dhcp.optionValue';
  readonly fault: 'caller';
}

type Refused = { readonly ok: false; readonly error: DhcpConfigRefusal };

/** Addresses of one pool at most; more is no office, and costs memory. */
const POOL_MOST = 65_536;

/**
 * The server's settings from the configuration and the LAN that the box stands in. `phones` tells which devices count as
 * phones, and `provisioning` are the options with which they find their configuration here.
 */
export function settingsOf(
  config: DhcpConfig,
  lan: Ipv4Subnet,
  phones: readonly OptionMatch[],
  provisioning: readonly OptionRule[],
): Result<ServerSettings, DhcpConfigRefusal> {
  const serves = config.mode === 'serve' || config.mode === 'phonesOnly';
  if (serves && config.confirmedBy === null) {
    return no(
      'dhcp.notConfirmed',
      `Mode ${config.mode} needs somebody who looked at the LAN and confirms it.`,
    );
  }
  const pool = poolOf(config, lan);
  if (!pool.ok) return pool;
  if (serves && pool.value === undefined) return no('dhcp.noPool', `Mode ${config.mode} needs a pool.`);
  const statics = staticsOf(config, lan);
  if (!statics.ok) return statics;
  const rules = rulesOf(config);
  if (!rules.ok) return rules;
  return ok({
    mode: config.mode,
    lan,
    pool: pool.value,
    statics: statics.value,
    ...DEFAULT_TIMES,
    leaseMs: config.leaseS * 1_000,
    common: commonOptions(config),
    rules: [...provisioning, ...rules.value],
    phones,
    limits: OFFICE_LIMITS,
  });
}

function poolOf(config: DhcpConfig, lan: Ipv4Subnet): Result<Pool | undefined, DhcpConfigRefusal> {
  if (config.pool === null) return ok(undefined);
  const { first, last } = { first: parseIpv4(config.pool.first), last: parseIpv4(config.pool.last) };
  if (first === undefined || last === undefined || !isHostOf(first, lan) || !isHostOf(last, lan)) {
    const net = `${formatIpv4(lan.address)}/${lan.prefixBits}`;
    return no(
      'dhcp.poolOutside',
      `The pool ${config.pool.first} to ${config.pool.last} is not of the LAN ${net}.`,
    );
  }
  if (first > last || last - first >= POOL_MOST) {
    return no('dhcp.poolBackwards', 'The pool ends before it begins, or is larger than 65,536 addresses.');
  }
  if (lan.address >= first && lan.address <= last) {
    return no('dhcp.ownAddressInPool', `The box's own address ${formatIpv4(lan.address)} lies in the pool.`);
  }
  return ok({ first, last });
}

function staticsOf(config: DhcpConfig, lan: Ipv4Subnet): Result<StaticAssignment[], DhcpConfigRefusal> {
  const out: StaticAssignment[] = [];
  const seen = new Set<Ipv4 | string>();
  for (const { mac, address: text, hostName } of config.statics) {
    const address = parseIpv4(text);
    if (address === undefined || !isHostOf(address, lan) || address === lan.address) {
      return no(
        'dhcp.staticOutside',
        `The fixed address ${text} of ${mac} is not one of the LAN, or is the box's own.`,
      );
    }
    if (seen.has(address) || seen.has(mac)) {
      return no('dhcp.staticTwice', `The fixed address ${text} or the device ${mac} is listed twice.`);
    }
    seen.add(address).add(mac);
    out.push({ mac: mac as MacAddress, address, hostName });
  }
  return ok(out);
}

function rulesOf(config: DhcpConfig): Result<OptionRule[], DhcpConfigRefusal> {
  const out: OptionRule[] = [];
  for (const { name, match, options } of config.rules) {
    const bytes = new Map<number, Uint8Array>();
    for (const { code, value } of options) {
      if (RESERVED_OPTIONS.has(code)) {
        return no('dhcp.optionReserved', `Rule "${name}": option ${code} is made by the server itself.`);
      }
      const written = optionBytesOf(value);
      if (written === undefined) {
        return no('dhcp.optionValue', `Rule "${name}": the value of option ${code} cannot be written.`);
      }
      bytes.set(code, written);
    }
    out.push({ name, match: definedPartsOf(match), options: bytes });
  }
  return ok(out);
}

function definedPartsOf(match: DhcpConfig['rules'][number]['match']): OptionMatch {
  const { mac, oui, vendorClassPrefix, model } = match;
  return {
    ...(mac === undefined ? {} : { mac: mac as MacAddress }),
    ...(oui === undefined ? {} : { oui }),
    ...(vendorClassPrefix === undefined ? {} : { vendorClassPrefix }),
    ...(model === undefined ? {} : { model }),
  };
}

/** Router, name servers, clocks and domain. The schema knows that the addresses are some. */
function commonOptions(config: DhcpConfig): ReadonlyMap<number, Uint8Array> {
  const out = new Map<number, Uint8Array>();
  const addresses: readonly (readonly [number, readonly string[]])[] = [
    [OPTION.router, config.router === null ? [] : [config.router]],
    [OPTION.dns, config.dns],
    [OPTION.ntp, config.ntp],
  ];
  for (const [code, texts] of addresses) {
    const bytes = addressBytes(texts);
    if (bytes !== undefined && bytes.length > 0) out.set(code, bytes);
  }
  if (config.domain !== null) out.set(OPTION.domainName, Buffer.from(config.domain, 'latin1'));
  return out;
}

function no(code: DhcpConfigRefusal['code'], say: string): Refused {
  return refuse({ code, fault: 'caller', say });
}
