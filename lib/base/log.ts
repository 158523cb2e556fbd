import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Loggers of rooms beyond this many are swept for those that are gone. */
const SWEEP_AT = 1_000;

/** Every living logger that came of a root, itself first: a level is set for all of them or for none. */
const families = new WeakMap<Logger, Set<WeakRef<Logger>>>();

/** A logger that writes JSON lines. `room` tells which part of the program speaks. Secrets never reach it. */
export function createLog(program: string, level: string, destination?: DestinationStream): Logger {
  const family = new Set<WeakRef<Logger>>();
  const options = {
    level,
    base: { program },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['password', 'secret', '*.password', '*.secret', '*.privateKey'], censor: '(hidden)' },
    onChild: (child: Logger) => {
      family.add(new WeakRef(child));
      if (family.size > SWEEP_AT) sweep(family);
    },
  };
  const root: Logger =
    destination === undefined ? pino(options, pino.destination({ sync: true })) : pino(options, destination);
  family.add(new WeakRef(root));
  families.set(root, family);
  return root;
}

/** Sets the level of a logger of {@link createLog} and of every logger that came of it. */
export function setLogLevel(root: Logger, level: string): void {
  root.level = level;
  for (const each of families.get(root) ?? []) {
    const logger = each.deref();
    if (logger !== undefined) logger.level = level;
  }
}

/** A logger that says nothing, for tests. */
export function silentLog(): Logger {
  return pino({ level: 'silent' });
}

function sweep(family: Set<WeakRef<Logger>>): void {
  for (const each of family) if (each.deref() === undefined) family.delete(each);
}
