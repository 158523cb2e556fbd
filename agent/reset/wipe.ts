import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';

/** What does it, as root, on an appliance (images/rootfs); where it is not, nobody could make partitions anew. */
const WIPER = '/usr/lib/engawa/wipe';
/** By this file in the run folder it is called. */
const MARK = 'wipe-wanted';

/**
 * Has the box forget everything: it starts again, and its writable partitions are made anew before anything is read from them, so
 * that it comes back with a new key. Refusals: `wipe.notHere`, `wipe.mark`.
 */
export function orderWipe(runFolder: string, by: string, wiper: string = WIPER): Result<void> {
  if (!existsSync(wiper)) {
    return no(
      'wipe.notHere',
      'Only an appliance can be wiped; on a computer, stop it and remove its state folder.',
    );
  }
  try {
    writeFileSync(join(runFolder, MARK), `wiped by ${by}\n`, { mode: 0o660 });
    return ok(undefined);
  } catch (error) {
    return no('wipe.mark', `The wiping cannot be ordered in ${runFolder}: ${String(error)}.`);
  }
}

function no(code: string, say: string) {
  return refuse<CodedError>({ code, fault: 'environment', say });
}
