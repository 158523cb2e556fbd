import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoPart, playDemo } from './suite/demo-part.ts';
import { fastParts } from './suite/fast-parts.ts';
import { summarize, vitestProject } from './suite/run.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const DEMO_NET = '127.58.0';
const parts = await fastParts(root);
parts.push(await vitestProject(root, 'integration', 900_000, { secondTry: true }));
parts.push(await vitestProject(root, 'live', 300_000, { secondTry: true }));
// Both wait more than they work.
const [offices, demo] = await Promise.all([
  vitestProject(root, 'offices', 700_000, { secondTry: true }),
  playDemo(root, DEMO_NET),
]);
parts.push(offices, await demoPart(root, DEMO_NET, demo));
process.exitCode = summarize(parts);
