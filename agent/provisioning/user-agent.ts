import { type MacAddress, parseMac } from '../../lib/net/mac-address.ts';
import type { PhoneVendor } from './templates/index.ts';

/** What a phone's `User-Agent` says of it. It can be set by hand on the phone: a name, never a proof. */
export interface AgentClaim {
  readonly vendor: PhoneVendor | undefined;
  readonly model: string | undefined;
  readonly firmware: string | undefined;
  /** Absent where the firmware does not send it. */
  readonly mac: MacAddress | undefined;
}

const LENGTH_MOST = 256;
/** `Grandstream Model HW GXP1628 V1.2A SW 1.0.4.138 DevId c074ad2bd859` */
const GRANDSTREAM = /^Grandstream Model HW ([A-Z0-9-]{3,16})(?: V\S{1,12})? SW (\S{1,24})/i;
/** `Grandstream GRP2614 1.0.5.48`, as in SIP. */
const GRANDSTREAM_SIP = /^Grandstream ([A-Z]{2,4}[0-9]{3,4}[A-Z]?) (\d\S{0,23})/i;
/** `Panasonic_KX-HDV230N/07.101 (0080f0c8c381)` */
const PANASONIC = /^Panasonic[_ -]([A-Z0-9-]{4,16})\/(\S{1,24})/i;
const SOME_MAC = /(?<![0-9a-f])(?:[0-9a-f]{12}|[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})(?![0-9a-f])/i;

/** Reads a `User-Agent`, of HTTP or SIP. Never throws; unknown ones give nothing but a hardware address, if one is in it. */
export function readUserAgent(text: string | null): AgentClaim {
  const line = (text ?? '').slice(0, LENGTH_MOST);
  const mac = parseMac(SOME_MAC.exec(line)?.[0] ?? '');
  const grandstream = GRANDSTREAM.exec(line) ?? GRANDSTREAM_SIP.exec(line);
  const panasonic = PANASONIC.exec(line);
  const found = grandstream ?? panasonic;
  const vendor = grandstream !== null ? 'grandstream' : panasonic !== null ? 'panasonic' : undefined;
  return { vendor, model: found?.[1]?.toUpperCase(), firmware: found?.[2], mac };
}

/** The maker by its address blocks (OUI), as far as they are known to carry desk phones. */
const MAKERS: Readonly<Record<string, PhoneVendor>> = {
  '000b82': 'grandstream',
  c074ad: 'grandstream',
  ec74d7: 'grandstream',
  '0080f0': 'panasonic',
  bcc342: 'panasonic',
};

export function makerOf(mac: MacAddress): PhoneVendor | undefined {
  return MAKERS[mac.slice(0, 6)];
}

/** What a DHCP vendor class (option 60) says: `Grandstream GRP2614`, `Panasonic KX-HDV230N`. */
export function readVendorClass(text: string | null): Pick<AgentClaim, 'vendor' | 'model'> {
  const [, maker = '', model] =
    /^(Grandstream|Panasonic)(?:[ _-]+([A-Z0-9-]{4,16}))?/i.exec(text ?? '') ?? [];
  const vendor =
    maker === '' ? undefined : maker.toLowerCase() === 'grandstream' ? 'grandstream' : 'panasonic';
  return { vendor, model: model?.toUpperCase() };
}
