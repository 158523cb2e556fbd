import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Runs a program from its source, to be followed by its file. Node takes the types away by itself, and keeps what it has
 * compiled where {@link SOURCE_ENVIRONMENT} says: half the processor time of a loader, at each start and after each crash.
 */
export const SOURCE_NODE: readonly string[] = [process.execPath, '--disable-warning=ExperimentalWarning'];

/** To be added to the environment. */
export const SOURCE_ENVIRONMENT: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/engawa-compiled'),
};
