import { readFileSync } from 'node:fs';

/** Version of the software, from the package that it was started from. */
export function agentVersion(): string {
  try {
    const value: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    if (typeof value === 'object' && value !== null && 'version' in value) return String(value.version);
  } catch {
    // A box without the file still tells everything else of itself.
  }
  return 'unknown';
}
