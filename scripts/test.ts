import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoPart } from './suite/demo-part.ts';
import { fastParts } from './suite/fast-parts.ts';
import { summarize, vitestProject } from './suite/run.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const parts = await fastParts(root);
parts.push(await vitestProject(root, 'integration', 900_000));
const state = mkdtempSync(join(tmpdir(), 'engawa-demo-'));
parts.push(await demoPart(root, state, '127.58.0'));
rmSync(state, { recursive: true, force: true });
process.exitCode = summarize(parts);
