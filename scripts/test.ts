import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryState } from './launch/temporary-state.ts';
import { demoPart } from './suite/demo-part.ts';
import { fastParts } from './suite/fast-parts.ts';
import { summarize, vitestProject } from './suite/run.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const parts = await fastParts(root);
parts.push(await vitestProject(root, 'integration', 900_000, { secondTry: true }));
parts.push(await vitestProject(root, 'live', 300_000, { secondTry: true }));
parts.push(await vitestProject(root, 'offices', 700_000, { secondTry: true }));
const state = temporaryState('demo');
parts.push(await demoPart(root, state.path, '127.58.0'));
state.remove();
process.exitCode = summarize(parts);
