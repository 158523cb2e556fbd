/** The parts of an error of PostgreSQL, or of the way to it, that decide what happens next. */
export interface PostgresError {
  readonly code: string;
  readonly message: string;
  readonly constraint: string | undefined;
}

/** Reads an error of the driver; undefined when it does not come from there. */
export function postgresError(error: unknown): PostgresError | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return error instanceof Error && LOST.test(error.message)
      ? { code: 'connection', message: error.message, constraint: undefined }
      : undefined;
  }
  const constraint =
    'constraint' in error && typeof error.constraint === 'string' ? error.constraint : undefined;
  return { code: error.code, message: error.message, constraint };
}

/** What the driver says, without a code, when the server went away. */
const LOST =
  /connection terminated|connection error|connection timeout|timeout exceeded when trying to connect/i;

/**
 * Codes after which the same transaction may succeed: serialization failure, deadlock, server shutting down or starting,
 * connection exceptions (PostgreSQL appendix A, classes 40, 57, 08), and the socket errors below them.
 */
const TRY_AGAIN = new Set([
  '40001',
  '40P01',
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08001',
  '08003',
  '08006',
  '53300',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'connection',
]);

/** Whether the same transaction may succeed when it is run again. */
export function tryAgain(error: unknown): boolean {
  const known = postgresError(error);
  return known !== undefined && TRY_AGAIN.has(known.code);
}
