import { formatYen, type MicroYen } from '../../lib/base/units.ts';
import { CATEGORIES } from './categories.ts';
import type {
  AdjustmentLine,
  DraftInvoice,
  FeeLine,
  Invoice,
  InvoiceLine,
  LateUsageLine,
  UsageDetail,
  UsageLine,
} from './types.ts';
import { columns, padTo } from './width.ts';

/** Width of the rendered page in terminal columns. */
export const PAGE_COLUMNS = 80;
const AMOUNT = 12;
const COUNT = 12;
const PRICE = 12;
const NAME = PAGE_COLUMNS - COUNT - PRICE - AMOUNT;

/** An invoice or a draft of one as plain Japanese text, 80 columns wide at most. */
export function renderInvoiceText(invoice: DraftInvoice | Invoice): string {
  const { issuer, recipient, period } = invoice;
  const rule = '-'.repeat(PAGE_COLUMNS);
  const parts = [
    invoice.status === 'draft'
      ? `請求書(下書き) ${period.name}`
      : `請求書 ${period.name}   番号 ${invoice.number}   発行日 ${invoice.issuedOn}`,
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
    ...(invoice.deposits.length === 0 ? [] : depositRows(invoice)),
  ];
  return `${parts.map((part) => padTo(part, PAGE_COLUMNS).trimEnd()).join('\n')}\n`;
}

function depositRows(invoice: DraftInvoice | Invoice): string[] {
  return [
    ...invoice.deposits.map((one) => row(withFact(one.name.ja, one.facts), '', '', yenText(one.amountYen))),
    row('ご請求額', '', '', yenText(invoice.dueYen)),
  ];
}

function lineRows(line: InvoiceLine): string[] {
  switch (line.kind) {
    case 'recurring':
    case 'discount':
    case 'initial':
    case 'purchase':
      return [feeRow(line)];
    case 'usage':
      return usageRows(line, line.name.ja);
    case 'lateUsage':
      return usageRows(line, `${line.name.ja} ${line.of.name}ご利用分`);
    case 'adjustment':
      return adjustmentRows(line);
  }
}

function feeRow(line: FeeLine): string {
  const days = line.days === undefined ? '' : ` 日割${line.days.held}/${line.days.of}`;
  const name = withFact(`${line.name.ja}${days}`, line.facts);
  return row(name, String(line.quantity), microText(line.unitPriceMicroYen), yenText(line.amountYen));
}

function usageRows(line: UsageLine | LateUsageLine, name: string): string[] {
  const { counted } = CATEGORIES[line.category];
  return [
    row(name, `${line.quantity}${counted.ja}`, '', yenText(line.amountYen)),
    ...line.details.map((detail) => detailRow(detail, counted.ja)),
  ];
}

function adjustmentRows(line: AdjustmentLine): string[] {
  return [
    row(`${line.name.ja} ${line.of.name}ご利用分`, `${line.quantity}件`, '', yenText(line.amountYen)),
    ...line.reasons.map((reason) => row(`  ${reason}`, '', '', '')),
  ];
}

function detailRow(detail: UsageDetail, counted: string): string {
  const count = detail.units === 0 ? `${detail.calls}${counted}` : `${detail.units}単位`;
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
