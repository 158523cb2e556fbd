import type { WarningKind } from './registry.ts';

const FADES_AFTER_MS = 10 * 60_000;

/** What can be wrong with setting up desk phones. */
export const phoneWarnings: readonly WarningKind[] = [
  {
    code: 'W-LAN-810',
    hurts: 'phones',
    aliases: ['phones.server'],
    means: 'The file server for desk phones cannot listen on the LAN, so no phone gets its configuration.',
    severity: 'error',
    remedy: 'The text names the port; stop the program that has it. It is tried again every 10 s.',
    command: 'engawa phones',
  },
  {
    code: 'W-LAN-811',
    aliases: ['phones.guessing'],
    fadesAfterMs: FADES_AFTER_MS,
    means:
      'A device on the LAN asks for the files of other phones, or with a wrong login; it is not heard for a while.',
    severity: 'warning',
    remedy: 'Find out whose device it is (its address is named) and take it off the LAN if it is nobody’s.',
    command: 'engawa phones',
  },
  {
    code: 'W-LAN-812',
    hurts: 'phones',
    aliases: ['phones.template'],
    means: 'The files of a desk phone cannot be made from the configuration.',
    severity: 'error',
    remedy: 'The text names the phone and what is wrong; let the operator correct and publish it.',
    command: 'engawa phones',
  },
  {
    code: 'W-LAN-813',
    hurts: 'phones',
    aliases: ['phones.stale'],
    means: 'A desk phone was told that its configuration has changed and has not fetched it.',
    severity: 'warning',
    remedy: 'Switch the phone off and on; then look why it was refused, if it was.',
    command: 'engawa phones',
  },
  {
    code: 'W-LAN-814',
    aliases: ['phones.firmwareStuck'],
    means: 'A phone that was first to get new firmware did not come back with it; no other phone gets it.',
    severity: 'warning',
    remedy: 'Look at that phone and at the file’s model and version; withdraw the firmware if it is wrong.',
    command: 'engawa phones',
  },
  {
    code: 'W-LAN-815',
    aliases: ['phones.inventory'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'What the box knows of its phones cannot be read or written.',
    severity: 'error',
    remedy:
      'Check free space and the file system of the data partition; phones may have to be approved anew.',
    command: 'engawa doctor',
  },
  {
    code: 'W-LAN-816',
    aliases: ['phones.pnp'],
    means: 'Phones that look for their configuration by multicast (SIP PnP) are not answered.',
    severity: 'warning',
    remedy: 'The text names what is in the way. Until then set option 66 of the router to the address shown.',
    command: 'engawa phones',
  },
  {
    code: 'W-LAN-817',
    aliases: ['phones.tls'],
    means: 'Phones fetch their later files in the clear, because the box has no certificate or port for TLS.',
    severity: 'warning',
    remedy: 'Install openssl on the box, or free the port that the text names; then restart the agent.',
    command: 'engawa phones',
  },
  {
    code: 'W-LAN-818',
    hurts: 'phones',
    aliases: ['phones.otherModel'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'A desk phone is of another model than the configuration says.',
    severity: 'warning',
    remedy: 'Let the operator enter the model that the text names: its keys and files differ.',
    command: 'engawa phones',
  },
  {
    code: 'W-LAN-819',
    hurts: 'phones',
    aliases: ['phones.waiting'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'A configured desk phone asks for its configuration and waits for somebody’s approval.',
    severity: 'info',
    remedy: 'Stand before the phone and approve it within the next minutes: engawa approve MAC.',
    command: 'engawa phones',
  },
];
