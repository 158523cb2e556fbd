import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countsOf, coverageTable, readSources, renderCoverage } from '../cloud-stub/coverage/index.ts';

/** Writes cloud-stub/COVERAGE.md from the tree; leaves with 1 if the list is not true. */
const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const table = coverageTable(readSources(root));
writeFileSync(join(root, 'cloud-stub/COVERAGE.md'), renderCoverage(table));
process.stdout.write(`${JSON.stringify(countsOf(table.rows))}\n`);
for (const problem of table.problems) process.stdout.write(`${problem}\n`);
process.exitCode = table.problems.length === 0 ? 0 : 1;
