import { formatYen, type MicroYen } from '../../lib/base/units.ts';
import type { DraftInvoice, FeeLine, InvoiceLine, UsageDetail, UsageLine } from './types.ts';
import { columns, padTo } from './width.ts';

/** Width of the rendered page in terminal columns. */
export const PAGE_COLUMNS = 80;
const AMOUNT = 12;
const COUNT = 12;
const PRICE = 12;
const NAME = PAGE_COLUMNS - COUNT - PRICE - AMOUNT;

/** A draft as plain Japanese text, 80 columns wide at most. */
export function renderInvoiceText(invoice: DraftInvoice): string {
  const { issuer, recipient, period } = invoice;
  const rule = '-'.repeat(PAGE_COLUMNS);
  const parts = [
    padTo(`請求書(下書き) ${period.name}`, PAGE_COLUMNS),
    `${recipient.name.ja} 御中`,
    `契約 ${recipient.contract}   対象期間 ${period.firstDay} から ${period.closesOn} まで(締日 25日)`,
    `発行者 ${issuer.name}   登録番号 ${issuer.registrationNumber}`,
    ...(issuer.address === '' ? [] : [issuer.address]),
    rule,
    row('内容', '数量', '単価', '金額(税抜)'),
    rule,
    ...invoice.lines.flatMap(lineRows),
    rule,
    row('小計(税抜)', '', '', yenText(invoice.subtotalYen)),
    ...invoice.taxes.flatMap(({ percent, taxableYen, taxYen }) => [
      row(`${percent}% 対象額`, '', '', yenText(taxableYen)),
      row(`消費税 ${percent}%`, '', '', yenText(taxYen)),
    ]),
    row('合計(税込)', '', '', yenText(invoice.totalYen)),
  ];
  return `${parts.map((part) => padTo(part, PAGE_COLUMNS).trimEnd()).join('\n')}\n`;
}

function lineRows(line: InvoiceLine): string[] {
  return line.kind === 'usage' ? usageRows(line) : [feeRow(line)];
}

function feeRow(line: FeeLine): string {
  const name = withFact(line.name.ja, line.facts);
  return row(name, String(line.quantity), microText(line.unitPriceMicroYen), yenText(line.amountYen));
}

function usageRows(line: UsageLine): string[] {
  return [
    row(line.name.ja, `${line.quantity}通話`, '', yenText(line.amountYen)),
    ...line.details.map((detail) => detailRow(detail)),
  ];
}

function detailRow(detail: UsageDetail): string {
  const count = detail.units === 0 ? `${detail.calls}通話` : `${detail.units}単位`;
  return row(`  ${withFact(detail.name.ja, detail.facts)}`, count, microText(detail.exactMicroYen), '');
}

function withFact(name: string, facts: readonly string[]): string {
  const fact = facts[0];
  if (fact === undefined) return name;
  const tail = ` [${fact}]`;
  return padTo(name, Math.min(columns(name), NAME - tail.length - 1)) + tail;
}

function row(name: string, count: string, price: string, amount: string): string {
  return (
    padTo(name, NAME) +
    padTo(count, COUNT, 'right') +
    padTo(price, PRICE, 'right') +
    padTo(amount, AMOUNT, 'right')
  );
}

function yenText(amount: number): string {
  return `${grouped(String(amount))}円`;
}

function microText(amount: MicroYen): string {
  return `${grouped(formatYen(amount))}円`;
}

/** `12345.5` as `12,345.5`; written out so that no locale of the host has a say. */
function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const withCommas = whole.replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
  return fraction === undefined ? withCommas : `${withCommas}.${fraction}`;
}
