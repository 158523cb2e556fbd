import { CATEGORIES } from '../categories.ts';
import type {
  AdjustmentLine,
  DepositLine,
  DraftInvoice,
  FeeLine,
  Invoice,
  InvoiceLine,
  LateUsageLine,
  UsageLine,
} from '../types.ts';
import { partiesOf, taxRows } from './common.ts';
import type { Paper, PaperRow, PaperSection } from './paper.ts';
import { dayText, exactText, monthText, yenText } from './words.ts';

/** The words of a qualified invoice (適格請求書) in Japanese. */
export function invoicePaper(invoice: Invoice | DraftInvoice): Paper {
  const { issuer, period } = invoice;
  const draft = invoice.status === 'draft';
  return {
    title: draft ? '請求書(下書き)' : '請求書',
    subtitle: draft ? '締め前のため内容は変わることがあります' : '適格請求書',
    meta: draft
      ? [['対象', monthText(period.name)]]
      : [
          ['請求書番号', invoice.number],
          ['発行日', dayText(invoice.issuedOn)],
          ['対象', monthText(period.name)],
        ],
    ...partiesOf(invoice),
    lead: '下記のとおりご請求申し上げます。',
    due: ['ご請求金額(税込)', yenText(invoice.dueYen)],
    terms: terms(invoice),
    taxes: taxRows(invoice.taxes),
    sums: [
      ['小計(税抜)', yenText(invoice.subtotalYen)],
      ['消費税', yenText(invoice.taxYen)],
      ['合計(税込)', yenText(invoice.totalYen)],
      ...(invoice.deposits.length === 0
        ? []
        : [
            ['預り金(不課税)', yenText(invoice.depositYen)] as const,
            ['ご請求金額', yenText(invoice.dueYen)] as const,
          ]),
    ],
    sections: sections(invoice),
    notes: notes(invoice),
    footer: draft ? `${issuer.name}  下書き` : `${issuer.name}  請求書番号 ${invoice.number}`,
    datedOn: draft ? period.closesOn : invoice.issuedOn,
  };
}

function terms(invoice: Invoice | DraftInvoice): Paper['terms'] {
  const { firstDay, closesOn } = invoice.period;
  const rows: (readonly [string, string])[] = [
    ['ご利用期間', `${dayText(firstDay)} から ${dayText(closesOn)} まで`],
  ];
  if (invoice.status === 'issued') {
    if (invoice.dueOn !== null) rows.push(['お支払期限', dayText(invoice.dueOn)]);
    if (invoice.payment !== null) rows.push(['お支払方法', invoice.payment]);
  }
  return rows;
}

const KINDS: readonly (readonly [title: string, kinds: readonly InvoiceLine['kind'][]])[] = [
  ['月額料金', ['recurring', 'discount']],
  ['初期費用・機器', ['initial', 'purchase']],
  ['従量料金', ['usage']],
];

function sections(invoice: Invoice | DraftInvoice): readonly PaperSection[] {
  const made: PaperSection[] = KINDS.map(([title, kinds]) => ({
    title,
    rows: invoice.lines.filter((line) => kinds.includes(line.kind)).flatMap(lineRows),
  }));
  const late = invoice.lines.filter((line) => line.kind === 'lateUsage');
  for (const name of [...new Set(late.map((line) => line.of.name))].sort()) {
    const of = late.filter((line) => line.of.name === name);
    const dates = of[0] === undefined ? '' : span(of[0]);
    made.push({ title: `${monthText(name)}のご利用(後月請求)  ${dates}`, rows: of.flatMap(lineRows) });
  }
  const adjusted = invoice.lines.filter((line) => line.kind === 'adjustment');
  made.push({ title: '調整', rows: adjusted.flatMap(lineRows) });
  made.push({ title: '預り金(不課税)', rows: invoice.deposits.map(depositRow) });
  return made.filter((section) => section.rows.length > 0);
}

function span({ of }: LateUsageLine | AdjustmentLine): string {
  return `${dayText(of.firstDay)} から ${dayText(of.closesOn)} まで`;
}

function lineRows(line: InvoiceLine): readonly PaperRow[] {
  switch (line.kind) {
    case 'recurring':
    case 'discount':
    case 'initial':
    case 'purchase':
      return feeRows(line);
    case 'usage':
    case 'lateUsage':
      return usageRows(line);
    case 'adjustment':
      return [
        {
          ...row(`${line.name.ja}(${monthText(line.of.name)})`, line),
          count: `${line.quantity}件`,
        },
        ...line.reasons.map((reason) => detail(reason, '', '')),
      ];
  }
}

function feeRows(line: FeeLine): readonly PaperRow[] {
  const days = line.days === undefined ? '' : `(日割 ${line.days.held}日/${line.days.of}日)`;
  return [
    {
      ...row(`${line.name.ja}${days}`, line),
      count: String(line.quantity),
      price: exactText(line.unitPriceMicroYen),
    },
  ];
}

function usageRows(line: UsageLine | LateUsageLine): readonly PaperRow[] {
  const { counted } = CATEGORIES[line.category];
  return [
    { ...row(line.name.ja, line), count: `${line.quantity}${counted.ja}` },
    ...line.details.map((one) =>
      detail(one.name.ja, `${one.calls}${counted.ja}`, exactText(one.exactMicroYen)),
    ),
  ];
}

function depositRow(deposit: DepositLine): PaperRow {
  return {
    text: `${deposit.name.ja} ${deposit.on}`,
    level: 'row',
    count: '1',
    price: '',
    amount: yenText(deposit.amountYen),
    rate: '不課税',
  };
}

function row(text: string, line: InvoiceLine): PaperRow {
  return {
    text,
    level: 'row',
    count: '',
    price: '',
    amount: yenText(line.amountYen),
    rate: `${line.taxPercent}%`,
  };
}

function detail(text: string, count: string, price: string): PaperRow {
  return { text, level: 'detail', count, price, amount: '', rate: '' };
}

function notes(invoice: Invoice | DraftInvoice): readonly string[] {
  const kinds = new Set(invoice.lines.map((line) => line.kind));
  const out = ['金額は特に記載のない限り税抜です。消費税は税率ごとに合計額から1回だけ計算しています。'];
  if (kinds.has('usage') || kinds.has('lateUsage')) {
    out.push('従量料金は区分ごとに合計してから円単位にしています。内訳の金額は端数処理前です。');
  }
  if (kinds.has('lateUsage')) {
    out.push(
      '後月請求は、料金が確定した過去のご利用分です。着信課金の通話料はご利用月の翌々月に請求いたします。',
    );
  }
  if (kinds.has('adjustment')) out.push('調整は、過去の料金を計算し直した差額です。');
  if (invoice.deposits.length > 0) {
    out.push('預り金はお客様からお預かりするもので、料金ではなく、消費税はかかりません。');
  }
  return out;
}
