import { z } from 'zod';
import { dhcpConfig, lanConfig, phoneConfig } from '../../lib/contract/lan-config.ts';
import { siteConfig } from '../../lib/contract/site-config.ts';

export { phoneKey } from '../../lib/contract/lan-config.ts';

/** The hardware of a desk phone as its label has it. */
export const deskPhone = z.strictObject({
  mac: z.string().min(12).max(17).describe('Hardware address as on the label: C0:74:AD:00:00:01'),
  type: phoneConfig.shape.model.describe('As its maker writes it: GRP2612, KX-HDV230N'),
});

const { presentable, rings, keys, language, callWaiting } = phoneConfig.shape;

/** Settings of a desk phone that one order changes: the box's own shape without its usual values. [S0-056] [S0-081] [S0-089] */
export const phoneChange = z.strictObject({
  presentable: said(presentable).describe('Numbers that a caller may choose for one call, in this order'),
  rings: said(rings).describe('A ringing of its own for some of the numbers that ring the phone (鳴り分け)'),
  keys: said(keys).describe('All keys beside the display, in their order'),
  language: said(language),
  callWaiting: said(callWaiting).describe('キャッチホン: a second call rings while the phone is in use'),
});

const dhcp = dhcpConfig.shape;

/** What a gateway does with DHCP on its LAN; what is not named stays as it is. [S0-178] */
export const dhcpChange = z.strictObject({
  mode: said(dhcp.mode).describe('detect looks for other servers and gives no address'),
  confirmedBy: said(dhcp.confirmedBy).describe('Who has looked at the LAN: needed by serve and phonesOnly'),
  pool: said(dhcp.pool),
  router: said(dhcp.router),
  dns: said(dhcp.dns),
  ntp: said(dhcp.ntp),
  domain: said(dhcp.domain),
  leaseS: said(dhcp.leaseS),
  statics: said(dhcp.statics).describe('固定割当: all of them, each for one device'),
});

const habits = lanConfig.shape.phoneHabits.unwrap().shape;

/** What all desk phones of a LAN have in common. */
export const habitsChange = z.strictObject({
  vlan: said(habits.vlan),
  srtp: said(habits.srtp),
  syslog: said(habits.syslog),
  encryption: habits.encryption,
  firmware: said(habits.firmware),
});

/** Ring groups that a box rings by itself, each with an extension. */
export const officeGroups = siteConfig.shape.groups.unwrap();

export const bookEntry = lanConfig.shape.phoneBook.unwrap().element;

function said<Inner extends z.ZodType>(usual: z.ZodDefault<Inner>): z.ZodOptional<Inner> {
  return usual.unwrap().optional();
}
