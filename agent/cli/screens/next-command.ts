import { resolveWarning } from '../../health/index.ts';

/** The command that takes a technician on from a warning. */
export function nextCommand(code: string): string {
  return resolveWarning(code).kind.command;
}
