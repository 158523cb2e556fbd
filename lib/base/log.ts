import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** A logger that writes JSON lines. `room` tells which part of the program speaks. Secrets never reach it. */
export function createLog(program: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { program },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['password', 'secret', '*.password', '*.secret', '*.privateKey'], censor: '(hidden)' },
  };
  return destination === undefined
    ? pino(options, pino.destination({ sync: true }))
    : pino(options, destination);
}

/** A logger that says nothing, for tests. */
export function silentLog(): Logger {
  return pino({ level: 'silent' });
}
