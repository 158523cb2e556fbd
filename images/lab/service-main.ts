import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { StartupError } from '../../lib/base/errors.ts';
import { type Running, runMain } from '../../lib/base/lifecycle.ts';
import { createLog } from '../../lib/base/log.ts';
import { type Child, startChild } from '../../scripts/launch/child.ts';
import { layoutOf } from '../../scripts/launch/layout.ts';
import { startDatabase } from '../../scripts/launch/postgres.ts';
import { carrierSpec, cloudSpec } from '../../scripts/launch/programs.ts';
import { PLACES } from './places.ts';

const { values } = parseArgs({
  options: { root: { type: 'string' }, state: { type: 'string' }, 'follow-stdin': { type: 'boolean' } },
});

/** The service in a network of its own: database, cloud and carrier, as the launcher starts them. Ends as a whole. */
await runMain(createLog('service', 'info'), async (): Promise<Running> => {
  const { root, state } = values;
  if (root === undefined || state === undefined) {
    throw new StartupError({
      code: 'service.usage',
      fault: 'caller',
      say: '--root DIR and --state DIR are needed',
    });
  }
  const whole = layoutOf(root, state, PLACES.internet.net);
  // The database admits loopback alone, and has no business elsewhere.
  const layout = { ...whole, hosts: { ...whole.hosts, database: '127.0.0.1' } };
  for (const folder of [layout.log, layout.cloud, layout.run])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const children: Child[] = [];
  const stop = async (): Promise<void> => {
    for (const child of children.reverse()) await child.stop(6_000);
  };
  try {
    const database = await startDatabase(layout);
    children.push(database.child);
    children.push(await startChild(carrierSpec(layout)));
    children.push(await startChild(cloudSpec(layout, database, {})));
  } catch (error) {
    await stop();
    throw error;
  }
  for (const child of children) {
    void child.ended.then((how) => process.stderr.write(`${child.name} ${how}\n`));
  }
  return { stop };
});
