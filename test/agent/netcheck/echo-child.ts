import { parseArgs } from 'node:util';
import { startEcho } from '../../../cloud-stub/echo/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { createLog } from '../../../lib/base/log.ts';

/** The service's echo alone, for hosts of a test's networks. */
const { values } = parseArgs({ options: { host: { type: 'string', default: '127.62.0.11' } } });
setInterval(() => undefined, 3_600_000);
await startEcho({ host: values.host, clock: systemClock, log: createLog('echo', 'info') });
process.stdout.write('ready\n');
