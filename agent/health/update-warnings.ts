import type { WarningKind } from './registry.ts';

/** Updates of the system that the box runs. */
export const updateWarnings: readonly WarningKind[] = [
  {
    code: 'W-UPD-901',
    aliases: ['update.failed'],
    means:
      'An update was not installed: the bundle is not for this box, not signed, or could not be written.',
    severity: 'warning',
    remedy: 'Nothing on the box; the text names what is wrong with the bundle: tell it to the operator.',
    command: 'engawa update status',
  },
  {
    code: 'W-UPD-902',
    aliases: ['update.rolledBack'],
    means: 'A new system ran and the box was worse for it, so it went back to the one before.',
    severity: 'warning',
    remedy: 'Nothing on the box; the text names what was lost: send it to the operator with engawa report.',
    command: 'engawa update status',
  },
  {
    code: 'W-UPD-903',
    aliases: ['update.space'],
    means: 'An update waits because the disk has no room for it or takes no writes.',
    severity: 'warning',
    remedy: 'Free space on the data partition, or install from a USB stick with engawa update install.',
    command: 'engawa update status',
  },
  {
    code: 'W-UPD-904',
    aliases: ['update.clock'],
    means:
      'An update is installed and waits, as the box does not know the time and so not when it may restart.',
    severity: 'info',
    remedy: 'Check the way to the time server; or restart into it now with engawa update install --now.',
    command: 'engawa update status',
  },
  {
    code: 'W-UPD-905',
    aliases: ['update.onTrial'],
    means: 'A new system is on trial: it is confirmed when everything works that worked before.',
    severity: 'info',
    remedy: 'Leave the power on; it is decided within ten minutes.',
    command: 'engawa update status',
  },
];
