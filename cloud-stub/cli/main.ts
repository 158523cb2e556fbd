import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command, CommanderError } from 'commander';
import { ok } from '../../lib/base/errors.ts';
import type { CallLine } from '../api/index.ts';
import { type DraftInvoice, renderInvoiceText } from '../billing/index.ts';
import { countsOf, coverageTable, readSources } from '../coverage/index.ts';
import { readScenario, type Simulation, simulate } from '../simulate/index.ts';
import { addBooksVerbs, issuedInvoices } from './books-verbs.ts';
import { addBoxVerbs, addBoxViews } from './box-verbs.ts';
import { addCreditVerbs } from './credit-verbs.ts';
import { addExplain } from './explain-verb.ts';
import { askService } from './operator-client.ts';
import { addPhoneVerbs } from './phone-verbs.ts';
import { addQuarantineVerbs } from './quarantine-verbs.ts';
import { readGivenFile } from './read-file.ts';
import { addReleaseVerbs, addRolloutVerbs } from './rollout-verbs.ts';
import {
  type AlertLine,
  alertLines,
  callLines,
  type FaxLine,
  faxLines,
  type GatewayLine,
  gatewayLines,
  identityLines,
} from './text.ts';
import { addTrustVerbs } from './trust-verbs.ts';
import type { Ask, Tell } from './verbs.ts';
import { momentIn } from './when.ts';

/** Where the command writes. */
export interface OperatorIo {
  out(text: string): void;
  err(text: string): void;
}

/** What the exit code means: the same numbers as `engawa` uses. */
const EXIT = { good: 0, refused: 1, usage: 2, notRunning: 8, bug: 70 } as const;

/** Before everything that the service knows. */
const EVER = '1970-01-01T00:00Z';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

interface Shared {
  readonly api?: string;
  readonly state: string;
  readonly json: boolean;
}

/** `npx engawa-cloud`: the operator's questions to a running service. Resolves with the exit code. */
export async function main(argv: readonly string[], io: OperatorIo): Promise<number> {
  let code: number = EXIT.good;
  const program = operatorProgram(io, (found) => {
    code = found;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.good : EXIT.usage;
  }
}

type Leave = (code: number) => void;

function operatorProgram(io: OperatorIo, leave: Leave): Command {
  const program = new Command('engawa-cloud')
    .description('asks a running service: who is there, what was called, what it costs and why')
    .option('--api <socket>', "the service's operator socket")
    .option('--state <folder>', 'state folder of scripts/start', join(ROOT, '.engawa'))
    .option('--json', 'the answer as JSON', false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) });
  const tell = teller(program, io, leave);
  const ask = asker(program, tell);
  program
    .command('gateways [gateway]')
    .description(
      'every gateway: online or not, and which configuration it runs; of one, serial number and key as on its console',
    )
    .action((only: string | undefined) =>
      ask('GET', '/gateways', undefined, (value) => {
        const { gateways } = value as { gateways: GatewayLine[] };
        if (only === undefined) return gatewayLines(gateways);
        const found = gateways.find(({ id }) => id === only);
        return found === undefined ? `no gateway ${only}\n` : identityLines(found);
      }),
    );
  program
    .command('cdr <contract>')
    .description('calls of a contract, oldest first')
    .option('--since <time>', 'from this time on: 2026-11-26 in Japan, 2026-11-26T00:00+09:00', EVER)
    .action((contract: string, options: { since: string }) => {
      const path = `/contracts/${encodeURIComponent(contract)}/calls?since=${sinceOf(program, options.since)}`;
      return ask('GET', path, undefined, (value) => callLines((value as { calls: CallLine[] }).calls));
    });
  program
    .command('fax <contract>')
    .description('faxes that the boxes of a contract carried, newest first')
    .option('--since <time>', 'from this time on: 2026-11-26 in Japan, 2026-11-26T00:00+09:00', EVER)
    .action((contract: string, options: { since: string }) => {
      const path = `/contracts/${encodeURIComponent(contract)}/faxes?since=${sinceOf(program, options.since)}`;
      return ask('GET', path, undefined, (value) => faxLines((value as { faxes: FaxLine[] }).faxes));
    });
  program
    .command('alerts <contract>')
    .description('what a person should know: ceilings that were neared or reached, IDs that call often')
    .action((contract: string) =>
      ask('GET', `/contracts/${encodeURIComponent(contract)}/alerts`, undefined, (value) =>
        alertLines((value as { alerts: AlertLine[] }).alerts),
      ),
    );
  addInvoice(program, ask, tell);
  addExplain(program, ask);
  addBooksVerbs(program, ask, tell);
  addCreditVerbs(program, ask, (path) => askService(socketOf(program), 'GET', path), tell);
  addPhoneVerbs(program, ask, (path) => askService(socketOf(program), 'GET', path), tell);
  addQuarantineVerbs(program, ask);
  addBoxViews(program, ask);
  addBoxVerbs(program, ask);
  addTrustVerbs(program, ask, (method, path) => askService(socketOf(program), method, path), tell);
  addReleaseVerbs(program, ask);
  addRolloutVerbs(program, ask);
  addSimulate(program, tell);
  addCoverage(program, tell);
  return program;
}

function sinceOf(program: Command, text: string): number {
  return (
    momentIn(text) ??
    program.error(`error: "${text}" is not a time such as 2026-11-26T00:00+09:00, or 2026-11-26 in Japan.`)
  );
}

interface InvoiceOptions {
  readonly period?: string;
  readonly issued?: boolean;
  readonly csv?: boolean;
  readonly pdf?: string;
}

function addInvoice(program: Command, ask: Ask, tell: Tell): void {
  program
    .command('invoice <contract>')
    .description('draft invoice of the running period, or of the one that closes in a month')
    .option('--period <month>', 'named by the month in which it closes: 2026-12')
    .option('--issued', 'those of closed periods, as they were sent')
    .option('--csv', 'with --issued: as CSV')
    .option('--pdf <file>', 'with --issued: writes the newest one as a PDF')
    .action((contract: string, options: InvoiceOptions) => {
      if (options.issued === true) {
        const fetch = (path: string) => askService(socketOf(program), 'GET', path);
        return issuedInvoices(contract, options, fetch, tell);
      }
      if (options.csv !== undefined || options.pdf !== undefined)
        return program.error('error: --csv and --pdf are for issued invoices: add --issued.');
      const query = options.period === undefined ? '' : `?period=${encodeURIComponent(options.period)}`;
      const path = `/contracts/${encodeURIComponent(contract)}/invoice-draft${query}`;
      return ask('GET', path, undefined, (value) => `${renderInvoiceText(value as DraftInvoice)}\n`);
    });
}

/** Here alone the command works by itself: nobody has to be asked. Always JSON. */
function addSimulate(program: Command, tell: Tell): void {
  program
    .command('simulate <file>')
    .description('what would become of an office: decisions, charges and invoices, without a service')
    .action(async (file: string) => {
      const text = await readGivenFile(file);
      const scenario = text.ok ? readScenario(text.value) : text;
      tell<Simulation>(scenario.ok ? simulate(scenario.value) : scenario, () => '', true);
    });
}

/** From the sources beside this command: they are what the table is made of. */
function addCoverage(program: Command, tell: Tell): void {
  program
    .command('coverage')
    .description('how many facts of the acceptance list are implemented, and how the rest stands')
    .action(() => {
      const { rows, problems } = coverageTable(readSources(ROOT));
      tell(ok({ facts: rows.length, counts: countsOf(rows), problems }), ({ facts, counts }) =>
        [...Object.entries(counts), ['all', facts] as const]
          .map(([name, count]) => `${String(count).padStart(5)}  ${name}\n`)
          .concat(problems.map((problem) => `WARN   ${problem}\n`))
          .join(''),
      );
    });
}

function asker(program: Command, tell: Tell): Ask {
  return async (method, path, body, render) =>
    tell(await askService(socketOf(program), method, path, body), render);
}

function socketOf(program: Command): string {
  const { api, state } = program.opts<Shared>();
  return api ?? join(state, 'run', 'cloud.sock');
}

function teller(program: Command, io: OperatorIo, leave: Leave): Tell {
  return (answer, render, alwaysJson = false) => {
    const json = alwaysJson || program.opts<Shared>().json;
    if (answer.ok) {
      io.out(json ? `${JSON.stringify({ v: 1, answer: answer.value }, null, 2)}\n` : render(answer.value));
      return;
    }
    const { code, say } = answer.error;
    if (json) io.out(`${JSON.stringify({ v: 1, error: { code, say } }, null, 2)}\n`);
    else io.err(`engawa-cloud: ${say}\n`);
    leave(code === 'operator.notRunning' ? EXIT.notRunning : EXIT.refused);
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.exitCode = await main(process.argv.slice(2), {
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
    });
  } catch (error) {
    process.stderr.write(
      `engawa-cloud: a mistake of ours: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = EXIT.bug;
  }
}
