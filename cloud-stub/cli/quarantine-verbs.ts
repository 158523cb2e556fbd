import { type Command, InvalidArgumentError } from 'commander';
import type { QuarantinedView } from '../store/index.ts';
import type { Ask } from './verbs.ts';
import { inJapan } from './when.ts';

interface DecideOptions {
  readonly contract?: string;
  readonly order: string;
  readonly reason: string;
  readonly set?: Readonly<Record<string, unknown>>;
}

/** `quarantine list`, `release`, `void`: records that are not believed. */
export function addQuarantineVerbs(program: Command, ask: Ask): void {
  const quarantine = program
    .command('quarantine')
    .description('records that are not believed: show them, let them count, or void them');
  quarantine
    .command('list [contract]')
    .description('doubtful records of a contract; without one, those for a contract that is not there')
    .option('--all', 'those too about which somebody has decided', false)
    .action((contract: string | undefined, { all }: { all: boolean }) =>
      ask('GET', pathOf(contract), undefined, (value) =>
        doubtfulLines((value as { records: readonly QuarantinedView[] }).records, all),
      ),
    );
  const decide = (what: 'release' | 'void', record: string, options: DecideOptions): Promise<void> => {
    const { contract, order, reason, set } = options;
    const body = { order, reason, do: what, ...(set === undefined ? {} : { correct: set }) };
    return ask('POST', `${pathOf(contract)}/${encodeURIComponent(record)}`, body, (value) => {
      const { fate } = value as { fate: string };
      return `${record}  ${FATES[fate] ?? fate}\n`;
    });
  };
  decision(
    quarantine.command('release <record>').description('lets a record count, put right where that is needed'),
  )
    .option(
      '--set <field=value>',
      'puts a field right, by its name in the record; may be repeated',
      correction,
    )
    .action((record: string, options: DecideOptions) => decide('release', record, options));
  decision(quarantine.command('void <record>').description('decides that a record never counts')).action(
    (record: string, options: DecideOptions) => decide('void', record, options),
  );
}

const FATES: Readonly<Record<string, string>> = {
  stored: 'counts now',
  duplicate: 'was known already: nothing counts twice',
  voided: 'void: it never counts',
};

function decision(command: Command): Command {
  return command
    .option('--contract <id>', 'whose record it is; absent: that of a contract that is not there')
    .requiredOption('--order <name>', 'names the decision: the same one again changes nothing')
    .requiredOption('--reason <text>', 'why, for those who look later');
}

function pathOf(contract: string | undefined): string {
  return contract === undefined ? '/quarantine' : `/contracts/${encodeURIComponent(contract)}/quarantine`;
}

/** `talkMs=60000`: JSON where it is JSON, else text. */
function correction(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const [, field, value] = /^([A-Za-z][A-Za-z0-9.]*)=(.*)$/s.exec(text) ?? [];
  if (field === undefined || value === undefined) {
    throw new InvalidArgumentError('Written as field=value, such as usage.talkMs=60000.');
  }
  return { ...before, [field]: jsonOr(value) };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function doubtfulLines(records: readonly QuarantinedView[], all: boolean): string {
  const shown = all ? records : records.filter(({ decision: decided }) => decided === null);
  if (shown.length === 0) return 'no doubtful records\n';
  return shown
    .map(({ id, gateway, receivedAt, field, say, decision: decided }) => {
      const when = inJapan(receivedAt);
      const fate = decided === null ? '' : `\n      ${decided.what} by ${decided.by}: ${decided.reason}`;
      return `${when}  ${id}  ${gateway}\n      ${field}: ${say}${fate}\n`;
    })
    .join('');
}
