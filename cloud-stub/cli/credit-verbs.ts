import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { type CreditNote, creditNoteCsv, readPaperFonts, renderCreditNotePdf } from '../billing/index.ts';
import type { Ask, Tell } from './verbs.ts';

const USUAL_TAX_PERCENT = 10;

type Line = Pick<CreditNote['lines'][number], 'say' | 'amountYen' | 'taxPercent'>;

interface ShowOptions {
  readonly csv?: boolean;
  readonly pdf?: string;
}

/** `credit make`, `list`, `show`: what is given back of issued invoices. */
export function addCreditVerbs(
  program: Command,
  ask: Ask,
  fetch: (path: string) => Promise<Result<unknown>>,
  tell: Tell,
): void {
  const credit = program
    .command('credit')
    .description('credit notes: gives back a part of an invoice, and shows what was given back');
  credit
    .command('make <contract> <invoice>')
    .description('gives back a part of an invoice; the tax on it follows by itself')
    .requiredOption('--order <name>', 'names the decision: the same one again gives nothing more')
    .requiredOption('--reason <text>', 'why, for the customer')
    .requiredOption(
      '--line <say=yen[@rate]>',
      'what and how much without tax, such as 返金=500 or 返金=500@8; may be repeated',
      line,
    )
    .action(
      (
        contract: string,
        invoice: string,
        options: { order: string; reason: string; line: readonly Line[] },
      ) => {
        const { order, reason, line: lines } = options;
        const path = `/contracts/${encodeURIComponent(contract)}/credit-notes`;
        return ask('POST', path, { order, invoice, reason, lines }, (value) =>
          creditText(value as CreditNote),
        );
      },
    );
  credit
    .command('list <contract>')
    .description('credit notes of a contract, oldest first')
    .action(async (contract: string) => {
      const notes = await notesOf(contract, fetch);
      tell(notes.ok ? ok({ creditNotes: notes.value }) : notes, ({ creditNotes }) =>
        creditNotes.length === 0
          ? 'no credit notes\n'
          : creditNotes
              .map(
                (one) =>
                  `${one.number}  ${one.issuedOn}  of ${one.of.number}  ${yen(one.totalYen)}  ${one.reason}\n`,
              )
              .join(''),
      );
    });
  credit
    .command('show <contract> <number>')
    .description('one credit note as text, CSV or PDF')
    .option('--csv', 'as CSV')
    .option('--pdf <file>', 'writes it as a PDF')
    .action(async (contract: string, number: string, options: ShowOptions) => {
      const note = await oneOf(contract, number, fetch);
      if (!note.ok) return tell(note, () => '');
      if (options.pdf !== undefined)
        return tell(await writePdf(note.value, options.pdf), (say) => `${say}\n`);
      return tell(note, (value) => (options.csv === true ? creditNoteCsv(value) : creditText(value)));
    });
}

async function notesOf(
  contract: string,
  fetch: (path: string) => Promise<Result<unknown>>,
): Promise<Result<readonly CreditNote[]>> {
  const answer = await fetch(`/contracts/${encodeURIComponent(contract)}/documents`);
  if (!answer.ok) return answer;
  const { documents } = answer.value as {
    documents: readonly { readonly kind: string; readonly body: CreditNote }[];
  };
  return ok(documents.filter(({ kind }) => kind === 'creditNote').map(({ body }) => body));
}

async function oneOf(
  contract: string,
  number: string,
  fetch: (path: string) => Promise<Result<unknown>>,
): Promise<Result<CreditNote>> {
  const notes = await notesOf(contract, fetch);
  if (!notes.ok) return notes;
  const found = notes.value.find((one) => one.number === number);
  if (found !== undefined) return ok(found);
  const say = `${contract} has no credit note ${number}; credit list shows those that there are.`;
  return refuse({ code: 'operator.noCreditNote', fault: 'caller', say });
}

async function writePdf(note: CreditNote, path: string): Promise<Result<string>> {
  try {
    await writeFile(path, await renderCreditNotePdf(note, readPaperFonts()));
    return ok(`${note.number} is in ${path}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refuse({ code: 'operator.file', fault: 'caller', say: `${path} cannot be written: ${why}.` });
  }
}

function line(text: string, before: readonly Line[] = []): readonly Line[] {
  const [, say, amount, percent] = /^(.+)=([0-9]{1,10})(?:@([0-9]{1,2}))?$/s.exec(text) ?? [];
  if (say === undefined || amount === undefined) {
    throw new InvalidArgumentError('Written as say=yen or say=yen@rate, such as 返金=500.');
  }
  return [...before, { say, amountYen: Number(amount), taxPercent: Number(percent ?? USUAL_TAX_PERCENT) }];
}

function creditText(note: CreditNote): string {
  const rows = [
    `返還請求書 ${note.number}   発行日 ${note.issuedOn}   元の請求書 ${note.of.number} (${note.of.period})`,
    `${note.recipient.name.ja} 御中   契約 ${note.recipient.contract}`,
    `発行者 ${note.issuer.name}   登録番号 ${note.issuer.registrationNumber}`,
    `理由 ${note.reason}`,
    ...note.lines.map((one) => `${yen(one.amountYen).padStart(12)}  ${one.say} (税率 ${one.taxPercent}%)`),
    ...note.taxes.map((tax) => `${yen(tax.taxYen).padStart(12)}  消費税 ${tax.percent}%`),
    `${yen(note.totalYen).padStart(12)}  合計(税込)`,
  ];
  return `${rows.join('\n')}\n`;
}

function yen(amount: number): string {
  return `${amount.toLocaleString('en-US')} 円`;
}
