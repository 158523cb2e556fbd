import { type DraftInvoice, renderInvoiceText } from '../../cloud-stub/billing/index.ts';
import type { CallView } from '../../cloud-stub/store/index.ts';
import { CONTRACT, type Stage } from './stage.ts';
import { type Finding, type Storyteller, until } from './story.ts';

/** What the service wrote down of the story. */
export interface Papers {
  readonly records: readonly CallView[];
  readonly invoice: DraftInvoice | null;
  readonly invoiceText: string;
}

/** Records come through the outbox and its acknowledgement: a moment is allowed for that. */
const PAPERS_LIMIT_MS = 10_000;

/** How many calls the story has. */
export interface StoryCalls {
  readonly all: number;
  /** To the outside, faxes among them. */
  readonly out: number;
}

/** 8 yen per started 3 minutes; a fax on an adapter pays what a call pays. [S0-046] */
const OUTGOING_MICRO_YEN = 8_000_000;

/** Reads records and invoice, once every call of the story is there with its charge and the box's side of it. */
export async function readPapers(stage: Stage, sinceMs: number, calls: StoryCalls): Promise<Papers> {
  const read = async (): Promise<readonly CallView[]> => {
    const answer = (await stage.cloud(`/contracts/${CONTRACT}/records?since=${sinceMs}`)) as {
      records: readonly CallView[];
    };
    return answer.records;
  };
  const whole = await until(PAPERS_LIMIT_MS, async () => {
    const records = await read();
    const done = records.filter((record) => record.charge !== null && record.boxes.length > 0);
    return done.length >= calls.all ? records : undefined;
  });
  const invoice = (await stage.cloud(`/contracts/${CONTRACT}/invoice-draft`)) as DraftInvoice;
  return { records: whole ?? (await read()), invoice, invoiceText: renderInvoiceText(invoice) };
}

/** Holds the papers against the story: which call costs what, and that each was written down once by each side. */
export async function showPapers(papers: Papers, teller: Storyteller, calls: StoryCalls): Promise<void> {
  const { records, invoice } = papers;
  await teller.step('every call is on record once, by the switch and by the box', async () =>
    onRecord(records, calls),
  );
  const outgoing = records.filter((record) => record.switch?.direction === 'out');
  await teller.step('calls and a fax to fixed lines cost 8 yen per started 3 minutes [S0-046]', async () => {
    const charges = outgoing.map(({ charge }) => charge);
    const right = charges.every((charge) => charge?.amountMicroYen === OUTGOING_MICRO_YEN);
    const detail = charges.map((charge) => charge?.trace.at(-1)?.say ?? 'no charge').join(' / ');
    return { ok: right && charges.length === calls.out, detail };
  });
  await teller.step('incoming calls, the fax that came and extension calls are free [S0-050]', async () => {
    const others = records.filter((record) => record.switch?.direction !== 'out');
    const ok =
      others.length === calls.all - calls.out &&
      others.every((record) => record.charge?.amountMicroYen === 0);
    return { ok, detail: others.map((record) => `${kindOf(record)}: ${yenOf(record)} yen`).join(', ') };
  });
  await teller.step('the draft invoice closes on the 25th and carries the calls [S0-160]', async () => {
    const usage = invoice?.lines.find((line) => line.kind === 'usage' && line.category === 'deviceCalls');
    const ok = invoice?.period.closesOn.endsWith('-25') === true && (usage?.amountYen ?? 0) >= 16;
    return { ok, detail: `closes on ${invoice?.period.closesOn}, device calls ${usage?.amountYen ?? 0} yen` };
  });
}

function onRecord(records: readonly CallView[], calls: StoryCalls): Finding {
  const legs = (record: CallView): string =>
    `${kindOf(record)}: ${record.switch === null ? 'box only' : 'switch'} + ${record.boxes.length} of the box`;
  const discrepancies = records
    .flatMap((record) => record.boxes.map((box) => box.discrepancy))
    .filter((text) => text !== null);
  const ok =
    records.length === calls.all &&
    records.every((record) => record.charge !== null) &&
    discrepancies.length === 0;
  return { ok, detail: [...records.map(legs), ...discrepancies].join(', ') };
}

/** `out`, `in` or `internal`. */
export function kindOf(record: CallView): string {
  return record.switch?.direction ?? record.boxes[0]?.direction ?? '?';
}

/** Yen of a record's charge, with its decimals. */
export function yenOf(record: CallView): string {
  return record.charge === null ? '-' : String(record.charge.amountMicroYen / 1_000_000);
}
