import type { Ipv4 } from '../../lib/net/ipv4.ts';
import type { OptionRule } from '../dhcp/index.ts';

/** RFC 2132 §9.4 (66), RFC 3361 (120), and the makers' own (159, 160). */
const OPTION = { tftpServer: 66, sipServers: 120, panasonicFirst: 159, provisioning: 160 } as const;
/** RFC 3361 §3.2: addresses follow, no names. */
const ENCODING_ADDRESSES = 1;

const GRANDSTREAM = [
  { oui: '000b82' },
  { oui: 'c074ad' },
  { oui: 'ec74d7' },
  { vendorClassPrefix: 'Grandstream' },
];
const PANASONIC = [{ oui: '0080f0' }, { oui: 'bcc342' }, { vendorClassPrefix: 'Panasonic' }];

/**
 * The options with which phones find their files on this box; only leases of ours carry them. The address ends with a
 * slash: Panasonic takes what stands behind the last one for the file's name. Option 2 is never sent, it would overrule
 * the time zone of the files.
 */
export function phoneOptionRules(baseUrl: string, box: Ipv4): readonly OptionRule[] {
  const url = Buffer.from(baseUrl, 'latin1');
  const sip = Buffer.alloc(5);
  sip.writeUInt8(ENCODING_ADDRESSES, 0);
  sip.writeUInt32BE(box, 1);
  const grandstream = new Map<number, Uint8Array>([
    [OPTION.tftpServer, url],
    [OPTION.provisioning, url],
    [OPTION.sipServers, sip],
  ]);
  const panasonic = new Map<number, Uint8Array>([
    [OPTION.tftpServer, url],
    [OPTION.panasonicFirst, url],
    [OPTION.provisioning, url],
  ]);
  return [
    ...GRANDSTREAM.map((match) => ({ name: 'provisioning (Grandstream)', match, options: grandstream })),
    ...PANASONIC.map((match) => ({ name: 'provisioning (Panasonic)', match, options: panasonic })),
  ];
}
