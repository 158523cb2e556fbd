import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { TakenOrder } from '../api/index.ts';
import {
  type Invoice,
  invoiceCsv,
  readPaperFonts,
  renderInvoicePdf,
  renderInvoiceText,
} from '../billing/index.ts';
import { officeFileSchema, readFileAs } from '../offices/index.ts';
import type { HistoryEntry } from '../store/index.ts';
import { readGivenFile } from './read-file.ts';
import type { Ask, Tell } from './verbs.ts';
import { inJapan } from './when.ts';

interface Closed {
  readonly closed: number;
  readonly failed: number;
  readonly invoices: number;
  readonly state: { readonly failed: readonly { readonly contract: string; readonly say: string }[] };
}

interface Rerated {
  readonly adjustments: readonly unknown[];
  readonly priced: number;
  readonly unpriced: number;
}

/** What changes the books: orders, closing, rating again. */
export function addBooksVerbs(program: Command, ask: Ask, tell: Tell): void {
  const order = async (file: string, wanted?: string): Promise<void> => {
    const text = await readGivenFile(file);
    const read = text.ok ? readFileAs(text.value, officeFileSchema) : text;
    if (!read.ok) return tell(read, () => '');
    const contract = wanted ?? read.value.contract;
    await ask('POST', `/contracts/${encodeURIComponent(contract)}/orders`, read.value, (value) =>
      orderLines((value as { orders: readonly TakenOrder[] }).orders),
    );
  };
  program
    .command('import <file>')
    .description('an office as YAML or JSON (cloud-stub/offices/office.schema.json): takes all its orders')
    .action((file: string) => order(file));
  program
    .command('order <contract> <file>')
    .description('orders to a contract, in the same format; sent again, they change nothing')
    .action((contract: string, file: string) => order(file, contract));
  program
    .command('history <contract>')
    .description('orders of a contract, oldest first: when each counts, by whom, and what it brought along')
    .action((contract: string) =>
      ask('GET', `/contracts/${encodeURIComponent(contract)}/orders`, undefined, (value) =>
        historyLines((value as { orders: readonly HistoryEntry[] }).orders),
      ),
    );
  program
    .command('close <period>')
    .description('closes a period that is over, named by the month in which it closes: 2026-12')
    .action((period: string) =>
      ask('POST', `/periods/${encodeURIComponent(period)}/closing`, undefined, (value) =>
        closingLines(value as Closed),
      ),
    );
  program
    .command('rerate <contract> <period>')
    .description('rates a period again; what differs stands on the next invoice')
    .requiredOption('--order <name>', 'names the decision: the same one again adjusts nothing more')
    .requiredOption('--reason <text>', 'why, for the invoice')
    .action((contract: string, period: string, options: { order: string; reason: string }) => {
      const path = `/contracts/${encodeURIComponent(contract)}/rerate/${encodeURIComponent(period)}`;
      return ask('POST', path, options, (value) => {
        const { adjustments, priced, unpriced } = value as Rerated;
        return `${adjustments.length} adjusted, ${priced} charged for the first time, ${unpriced} without a price\n`;
      });
    });
}

/** Issued invoices of a contract: as text, as CSV, or one of them as a PDF. */
export async function issuedInvoices(
  contract: string,
  options: { readonly period?: string; readonly csv?: boolean; readonly pdf?: string },
  fetch: (path: string) => Promise<Result<unknown>>,
  tell: Tell,
): Promise<void> {
  const answer = await fetch(`/contracts/${encodeURIComponent(contract)}/documents`);
  if (!answer.ok) return tell(answer, () => '');
  const { documents } = answer.value as {
    documents: readonly { readonly kind: string; readonly period: string; readonly body: Invoice }[];
  };
  const invoices = documents
    .filter(({ kind, period }) => kind === 'invoice' && (options.period ?? period) === period)
    .map(({ body }) => body);
  if (options.pdf !== undefined)
    return tell(await writePdf(invoices.at(-1), options.pdf), (say) => `${say}\n`);
  tell(ok({ invoices }), () =>
    invoices.length === 0
      ? 'no invoices\n'
      : invoices
          .map((one) => (options.csv === true ? invoiceCsv(one) : `${renderInvoiceText(one)}\n`))
          .join('\n'),
  );
}

/** The newest of those asked for. */
async function writePdf(invoice: Invoice | undefined, path: string): Promise<Result<string>> {
  if (invoice === undefined) {
    return refuse({ code: 'operator.noInvoice', fault: 'caller', say: 'There is no such issued invoice.' });
  }
  try {
    await writeFile(path, await renderInvoicePdf(invoice, readPaperFonts()));
    return ok(`${invoice.number} is in ${path}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refuse({ code: 'operator.file', fault: 'caller', say: `${path} cannot be written: ${why}.` });
  }
}

function historyLines(entries: readonly HistoryEntry[]): string {
  if (entries.length === 0) return 'no orders\n';
  return entries
    .map(({ seq, at, by, entry, notes }) => {
      const when = inJapan(at);
      const kind = entry.kind === 'opening' ? 'taken over as it was' : entry.order.kind;
      return `${String(seq).padStart(4)}  ${when}  ${kind} (${by})${notes.map(({ say }) => `\n      ${say}`).join('')}\n`;
    })
    .join('');
}

function orderLines(orders: readonly TakenOrder[]): string {
  const lines = orders.map(
    ({ seq, kind, again, notes }) =>
      `${String(seq).padStart(4)}  ${kind}${again ? '  (taken before)' : ''}${notes.map(({ say }) => `\n      ${say}`).join('')}`,
  );
  return `${lines.join('\n')}\n`;
}

function closingLines({ closed, failed, invoices, state }: Closed): string {
  const bad = state.failed.map(({ contract, say }) => `WARN  ${contract}: ${say}\n`).join('');
  return `${closed} contracts closed, ${invoices} invoices, ${failed} failed\n${bad}`;
}
