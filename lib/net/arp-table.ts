import { readFileSync } from 'node:fs';
import { type Ipv4, parseIpv4 } from './ipv4.ts';
import { type MacAddress, parseMac } from './mac-address.ts';

/** One neighbour that the kernel has heard answer (ARP, RFC 826). */
export interface Neighbour {
  readonly address: Ipv4;
  readonly mac: MacAddress;
  readonly device: string;
}

/** ATF_COM of linux/if_arp.h: the kernel holds a complete answer. */
const COMPLETE = 0x2;

/** Reads the text of `/proc/net/arp`; lines that are not complete neighbours are left out. */
export function parseArpTable(text: string): Neighbour[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [addressText, , flags, macText, , device] = line.split(/\s+/);
      if (addressText === undefined || flags === undefined || macText === undefined || device === undefined) {
        return [];
      }
      const [address, mac] = [parseIpv4(addressText), parseMac(macText)];
      if (address === undefined || mac === undefined || (Number(flags) & COMPLETE) === 0) return [];
      return [{ address, mac, device }];
    });
}

/** The kernel's neighbours now. Needs no privilege. Empty where there is no such table. */
export function readArpTable(file = '/proc/net/arp'): Neighbour[] {
  try {
    return parseArpTable(readFileSync(file, 'utf8'));
  } catch {
    return [];
  }
}
