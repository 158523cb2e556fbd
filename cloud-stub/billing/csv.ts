import type { Instant } from '../../lib/base/clock.ts';
import { japanDateTime } from '../../lib/base/japan-time.ts';
import { formatYen } from '../../lib/base/units.ts';
import { CATEGORIES } from './categories.ts';
import type { CreditNote } from './credit-note.ts';
import type { DraftInvoice, Invoice, InvoiceLine, RatedCall } from './types.ts';

/** Excel takes a file without it for the old code page and spoils every Japanese character. */
const BYTE_ORDER_MARK = '\ufeff';

const INVOICE_COLUMNS = [
  '請求書番号',
  '発行日',
  '契約',
  '請求先',
  '対象月',
  '区分',
  '品目コード',
  '内容',
  '利用期間開始',
  '利用期間終了',
  '対象',
  '数量',
  '単価(円・税抜)',
  '端数処理前(円・税抜)',
  '金額(円・税抜)',
  '税率(%)',
] as const;

const KIND_WORDS: Readonly<Record<InvoiceLine['kind'], string>> = {
  recurring: '月額',
  discount: '割引',
  initial: '初期費用',
  purchase: '購入',
  usage: '従量',
  lateUsage: '従量(後月請求)',
  adjustment: '調整',
};

/** One row for each line, each tax rate, each deposit and the total. UTF-8 with byte order mark, CRLF, for Excel. */
export function invoiceCsv(invoice: Invoice | DraftInvoice): string {
  const head = [
    invoice.number ?? '',
    invoice.status === 'issued' ? invoice.issuedOn : '',
    invoice.recipient.contract,
    invoice.recipient.name.ja,
    invoice.period.name,
  ];
  const span = [invoice.period.firstDay, invoice.period.closesOn];
  const rows = invoice.lines.map((line) => [...head, ...lineCells(line, span)]);
  const sums = invoice.taxes.flatMap(({ percent, taxableYen, taxYen }) => [
    [...head, '税率別小計', '', `${percent}% 対象額`, ...span, '', '', '', '', taxableYen, percent],
    [...head, '消費税', '', `消費税 ${percent}%`, ...span, '', '', '', '', taxYen, percent],
  ]);
  const deposits = invoice.deposits.map(({ item, name, on, amountYen }) => [
    ...head,
    '預り金(不課税)',
    item,
    name.ja,
    ...span,
    onText([on]),
    '',
    '',
    '',
    amountYen,
    '',
  ]);
  const total = [...head, '請求額', '', '請求額(税込)', ...span, '', '', '', '', invoice.dueYen, ''];
  return csv([[...INVOICE_COLUMNS], ...rows, ...sums, ...deposits, total]);
}

function lineCells(line: InvoiceLine, span: readonly string[]): readonly Cell[] {
  const kind = KIND_WORDS[line.kind];
  const amounts = [formatYen(line.exactMicroYen), line.amountYen, line.taxPercent] as const;
  switch (line.kind) {
    case 'recurring':
    case 'discount':
    case 'initial':
    case 'purchase': {
      const days = line.days === undefined ? '' : ` 日割 ${line.days.held}/${line.days.of}日`;
      const price = formatYen(line.unitPriceMicroYen);
      return [
        kind,
        line.item,
        `${line.name.ja}${days}`,
        ...span,
        onText(line.on),
        line.quantity,
        price,
        ...amounts,
      ];
    }
    case 'usage':
      return [kind, line.category, line.name.ja, ...span, '', line.quantity, '', ...amounts];
    case 'lateUsage': {
      const { firstDay, closesOn } = line.of;
      return [kind, line.category, line.name.ja, firstDay, closesOn, '', line.quantity, '', ...amounts];
    }
    case 'adjustment': {
      const { firstDay, closesOn } = line.of;
      const why = `${line.name.ja} ${line.reasons.join('・')}`;
      return [kind, line.category, why, firstDay, closesOn, '', line.quantity, '', ...amounts];
    }
  }
}

const USAGE_COLUMNS = ['利用ID', '日時(日本時間)', '区分', '品目コード', '単位数', '金額(円・税抜)'] as const;

/** The single uses behind an invoice, oldest first. */
export function usageCsv(charges: readonly RatedCall[]): string {
  const answered = charges.flatMap((one) =>
    one.answeredAt === null ? [] : [{ ...one, answeredAt: one.answeredAt }],
  );
  answered.sort((a, b) => a.answeredAt - b.answeredAt || (a.call < b.call ? -1 : 1));
  const rows = answered.map(({ call, answeredAt, charge }) => [
    call,
    japanDateTime(answeredAt satisfies Instant),
    CATEGORIES[charge.category].name.ja,
    charge.item,
    charge.units,
    formatYen(charge.amount),
  ]);
  return csv([[...USAGE_COLUMNS], ...rows]);
}

/** A credit note as one row for each line and rate. */
export function creditNoteCsv(note: CreditNote): string {
  const head = [note.number, note.issuedOn, note.of.number, note.recipient.contract, note.recipient.name.ja];
  return csv([
    ['返還請求書番号', '発行日', '元の請求書', '契約', '請求先', '区分', '内容', '金額(円)', '税率(%)'],
    ...note.lines.map((line) => [...head, '返還', line.say, line.amountYen, line.taxPercent]),
    ...note.taxes.map((tax) => [...head, '消費税', `消費税 ${tax.percent}%`, tax.taxYen, tax.percent]),
    [...head, '返還額', '返還額(税込)', note.totalYen, ''],
  ]);
}

type Cell = string | number;

function csv(rows: readonly (readonly Cell[])[]): string {
  return BYTE_ORDER_MARK + rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

const AMOUNT = /^-?[0-9]+(?:\.[0-9]+)?$/;

/**
 * Text that a spreadsheet would run as a formula is led by an apostrophe; amounts, which may begin with a minus, stay
 * as they are. Quotes, commas and line ends are quoted (RFC 4180).
 */
function cellText(cell: Cell): string {
  const text = String(cell);
  const safe = /^[=+\-@\t\r]/.test(text) && !AMOUNT.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** `tel:0355550100`: a bare number would lose its leading zero in a spreadsheet. */
function onText(on: readonly string[]): string {
  return on.map((one) => (/^0[0-9]+$/.test(one) ? `tel:${one}` : one)).join(' ');
}
