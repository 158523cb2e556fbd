import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { StartupError } from '../lib/base/errors.ts';
import { playDemo } from './demo/play.ts';
import { renderDemo } from './demo/render.ts';
import type { DeskLan } from './launch/desk-lan.ts';
import { isLoopbackPrefix, type Layout, layoutOf } from './launch/layout.ts';
import { type RunningOffice, startOffice } from './launch/office.ts';
import { approvePhones } from './launch/technician.ts';

const USAGE = `usage: scripts/start [--demo [--json]] [--no-phones] [--state FOLDER] [--net 127.A.B]

  (nothing)   runs the office in the foreground until Ctrl-C
  --demo      plays a story in it, prints records, charges and the draft invoice, and ends
  --json      with --demo: one JSON document on standard output
  --no-phones without the two desk phones, for which a LAN of network namespaces is made (as root only)
  --state     where everything is kept (default .engawa)
  --net       first three parts of the loopback addresses used (default 127.42.0)
`;

interface Options {
  readonly demo: boolean;
  readonly json: boolean;
  readonly phones: boolean;
  readonly layout: Layout;
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const USUAL_STATE = join(root, '.engawa');

function readOptions(): Options | string {
  try {
    const { values } = parseArgs({
      options: {
        demo: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'no-phones': { type: 'boolean', default: false },
        state: { type: 'string', default: USUAL_STATE },
        net: { type: 'string', default: '127.42.0' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return USAGE;
    if (!isLoopbackPrefix(values.net))
      return `--net takes a loopback prefix such as 127.42.0, not "${values.net}".\n`;
    if (values.json && !values.demo) return `--json goes with --demo.\n\n${USAGE}`;
    const { demo, json, 'no-phones': bare } = values;
    return { demo, json, phones: !bare, layout: layoutOf(root, values.state, values.net) };
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`;
  }
}

function tell(sentence: string): void {
  process.stderr.write(`engawa: ${sentence}\n`);
}

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'string') {
    const asked = process.argv.includes('--help');
    (asked ? process.stdout : process.stderr).write(options);
    return asked ? 0 : 2;
  }
  const stopped = new Promise<'stopped'>((resolve) => {
    process.once('SIGINT', () => resolve('stopped'));
    process.once('SIGTERM', () => resolve('stopped'));
  });
  const startedMs = performance.now();
  const starting = startOffice(options.layout, tell, { fax: true, deskPhones: options.phones });
  const office = await Promise.race([starting, stopped]);
  if (office === 'stopped') {
    await starting.then((late) => late.stop()).catch(() => {});
    return 0;
  }
  try {
    printPrograms(office, performance.now() - startedMs, options.json);
    if (options.demo) return await runDemo(office, options, stopped);
    const ending = new AbortController();
    const joining =
      office.deskLan === undefined ? undefined : approvePhones(office.layout, tell, ending.signal);
    await stopped;
    tell('ending everything');
    ending.abort();
    await joining;
    return 0;
  } finally {
    await office.stop();
  }
}

async function runDemo(
  office: RunningOffice,
  options: Options,
  stopped: Promise<'stopped'>,
): Promise<number> {
  const story = await Promise.race([playDemo(office, options.json ? () => {} : tell), stopped]);
  if (story === 'stopped') return 130;
  process.stdout.write(options.json ? `${JSON.stringify(story, null, 2)}\n` : renderDemo(story));
  return story.ok ? 0 : 1;
}

function printPrograms(office: RunningOffice, tookMs: number, json: boolean): void {
  const out = json ? process.stderr : process.stdout;
  const rows = office
    .programs()
    .map(({ name, pid, where }) => `  ${name.padEnd(12)} ${String(pid).padStart(7)}  ${where}`);
  out.write(
    `Engawa runs (started in ${(tookMs / 1000).toFixed(1)} s). Logs: ${office.layout.log}\n${rows.join('\n')}\n`,
  );
  if (office.deskLan !== undefined) out.write(`${lanLine(office.deskLan)}\n`);
  const { state } = office.layout;
  const at = state === USUAL_STATE ? '' : ` --state ${state}`;
  out.write(
    `Look at it from another terminal: npx engawa${at} status | lines | calls | phones | watch. Ctrl-C ends everything.\n\n`,
  );
}

function lanLine({ lan, device, net }: DeskLan): string {
  return `The office's LAN is ${net}.0/24: the box is ${net}.1 on ${device}, other hosts are namespaces ${lan.name}-*.`;
}

try {
  process.exitCode = await main();
} catch (error) {
  tell(
    error instanceof StartupError
      ? error.coded.say
      : `unexpected: ${(error as Error).stack ?? String(error)}`,
  );
  process.exitCode = 1;
}
