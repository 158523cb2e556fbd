import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a file in `scripts/benches/` exports. */
interface Bench {
  readonly describe: string;
  run(args: readonly string[]): Promise<void>;
}

// Whoever reads the figures may have read enough (`| head`): then there is nothing left to do.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const folder = join(dirname(fileURLToPath(import.meta.url)), 'benches');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.part.ts'))
  .map((name) => name.slice(0, -3))
  .sort();
const [wanted, ...args] = process.argv.slice(2);

async function load(name: string): Promise<Bench> {
  return (await import(join(folder, `${name}.ts`))) as Bench;
}

if (wanted === '--list' || wanted === undefined) {
  for (const name of names) process.stdout.write(`${name.padEnd(10)} ${(await load(name)).describe}\n`);
} else if (existsSync(join(folder, `${wanted}.ts`))) {
  await (await load(wanted)).run(args);
} else {
  process.stderr.write(`engawa: there is no bench "${wanted}". There are: ${names.join(', ')}\n`);
  process.exitCode = 2;
}
