import type { WarningKind } from './registry.ts';

/** Changes that somebody made on the spot. */
export const changeWarnings: readonly WarningKind[] = [
  {
    code: 'W-CFG-511',
    aliases: ['config.local'],
    means: 'Something was changed on the spot that the configuration of the service does not have.',
    severity: 'info',
    remedy: 'Tell the operator, who enters it for good; or take it back with engawa undo --all.',
    command: 'engawa try',
  },
  {
    code: 'W-CFG-512',
    aliases: ['config.trial'],
    means: 'A change is on trial: unless somebody keeps it, it is undone by itself.',
    severity: 'info',
    remedy: 'Keep it with engawa keep, or undo it with engawa undo.',
    command: 'engawa try',
  },
  {
    code: 'W-CFG-513',
    aliases: ['config.localRefused'],
    means:
      'A change that was kept here does not fit the configuration of the service, which runs without it.',
    severity: 'warning',
    remedy: 'Take it back with engawa undo --all, or try another one.',
    command: 'engawa try',
  },
];
