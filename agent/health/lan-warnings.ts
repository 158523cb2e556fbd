import type { WarningKind } from './registry.ts';

const FADES_AFTER_MS = 10 * 60_000;

/** What can be wrong on the customer's LAN. */
export const lanWarnings: readonly WarningKind[] = [
  {
    code: 'W-LAN-801',
    hurts: 'phones',
    aliases: ['dhcp.foreign'],
    means: 'Another DHCP server answers on the LAN; this box has stepped back before it.',
    severity: 'error',
    remedy:
      'Find out whose it is (its address is named). If it is to stay, set this box to detect or optionOnly.',
    command: 'engawa dhcp',
  },
  {
    code: 'W-LAN-802',
    hurts: 'phones',
    aliases: ['dhcp.cannotStart', 'dhcp.socket'],
    means: 'DHCP cannot run on the LAN interface.',
    severity: 'error',
    remedy:
      'The text names what is in the way, usually another program on UDP port 67 or 68. It is tried again every 10 s.',
    command: 'engawa dhcp',
  },
  {
    code: 'W-LAN-803',
    hurts: 'phones',
    aliases: ['dhcp.noAddress'],
    means: 'The LAN interface has no IPv4 address, so nothing can be served there.',
    severity: 'error',
    remedy: 'Check the cable, or give the box a fixed address on this LAN.',
    command: 'engawa address',
  },
  {
    code: 'W-LAN-804',
    aliases: ['dhcp.config'],
    means: 'The DHCP part of the configuration does not fit this LAN.',
    severity: 'error',
    remedy: 'The text names the field; let the operator correct and publish it.',
    command: 'engawa config',
  },
  {
    code: 'W-LAN-805',
    hurts: 'phones',
    aliases: ['dhcp.journal'],
    means: 'Leases cannot be written to the disk; no address is given before they can.',
    severity: 'error',
    remedy: 'Check free space and the file system of the data partition.',
    command: 'engawa doctor',
  },
  {
    code: 'W-LAN-806',
    aliases: ['dhcp.journalDamaged'],
    fadesAfterMs: FADES_AFTER_MS,
    means:
      'Some lines of the lease journal could not be read, as after a power cut; every other lease is kept.',
    severity: 'info',
    remedy: 'Nothing: an address is looked at before it is given again.',
    command: 'engawa leases',
  },
  {
    code: 'W-LAN-807',
    aliases: ['dhcp.cannotLook'],
    means: 'Other DHCP servers cannot be looked for, because UDP port 68 is taken on the LAN interface.',
    severity: 'warning',
    remedy: 'Give the box a fixed address, so that no DHCP client of its own runs there.',
    command: 'engawa address',
  },
  {
    code: 'W-LAN-808',
    hurts: 'phones',
    aliases: ['lan.address'],
    means: 'The LAN port does not have the address that was fixed for it.',
    severity: 'error',
    remedy:
      'Check the cable; another device may have that address: then choose another one, or let the LAN give it (engawa address given).',
    command: 'engawa address',
  },
  {
    code: 'W-LAN-820',
    aliases: ['desk.guessing'],
    fadesAfterMs: FADES_AFTER_MS,
    means:
      'Somebody on the LAN guesses passwords or extensions of desk phones; the box does not listen to that for a while, and goes on hearing registered phones.',
    severity: 'warning',
    remedy:
      'The text names the address. If it is a desk phone, let it fetch its configuration again; else find the device.',
    command: 'engawa phones',
  },
  {
    code: 'W-LAN-821',
    hurts: 'phones',
    aliases: ['desk.socket'],
    means: 'Desk phones cannot register: UDP or TCP port 5060 is taken on the LAN address of the box.',
    severity: 'error',
    remedy: 'End the program that has the port. It is tried again every 10 s.',
    command: 'engawa doctor',
  },
];
