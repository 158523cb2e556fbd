import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fastParts } from './suite/fast-parts.ts';
import { summarize } from './suite/run.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.exitCode = summarize(await fastParts(root));
