import { StartupError } from './errors.ts';
import type { Logger } from './log.ts';

/** Something that was started and can be stopped once. */
export interface Running {
  stop(): Promise<void>;
}

/** Who started the program and wants to know how it is. */
export interface Supervisor {
  ready(): void;
  stopping(): void;
}

/** How long a program may take to stop before it is ended hard. */
const STOP_LIMIT_MS = 8_000;

/**
 * Runs a program's composition root: starts it, says `ready` as a log line, stops it on SIGTERM or SIGINT, and also
 * when standard input closes, so that it never outlives the launcher that holds the other end (only with
 * `--follow-stdin`). A {@link StartupError} becomes one log line with `event: 'fatal'` and exit code 1. A supervisor is told when
 * the program serves and when it stops.
 */
export async function runMain(
  log: Logger,
  start: () => Promise<Running>,
  supervisor?: Supervisor,
): Promise<void> {
  let running: Running | undefined;
  let stopping = false;
  const stop = (why: string, code: number): void => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    supervisor?.stopping();
    const limit = setTimeout(() => process.exit(70), STOP_LIMIT_MS);
    limit.unref();
    (running?.stop() ?? Promise.resolve()).then(
      () => process.exit(code),
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(70);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  if (process.argv.includes('--follow-stdin')) {
    process.stdin.on('end', () => stop('launcher is gone', 0));
    process.stdin.resume();
  }
  try {
    running = await start();
    log.info({ event: 'ready' }, 'ready');
    supervisor?.ready();
  } catch (error) {
    if (error instanceof StartupError) log.fatal({ event: 'fatal', ...error.coded }, error.coded.say);
    else
      log.fatal(
        { event: 'fatal', code: 'start.unexpected', fault: 'us', say: String(error), err: error },
        'cannot start',
      );
    process.exit(1);
  }
}
