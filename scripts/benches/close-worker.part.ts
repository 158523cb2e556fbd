import { once } from 'node:events';
import { openBenchStore, PERIOD } from './month.part.ts';

// A worker of its own process: says when it is ready, closes when it is told to, says what it did.
const store = await openBenchStore(process.argv[2] ?? '');
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const done = await store.closing.work(PERIOD);
process.stdout.write(`${JSON.stringify(done)}\n`);
await store.close();
process.exit(0);
