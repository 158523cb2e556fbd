import type { CreditNote } from '../credit-note.ts';
import { partiesOf, taxRows } from './common.ts';
import type { Paper } from './paper.ts';
import { dayText, monthText, yenText } from './words.ts';

/** The words of a qualified credit note (適格返還請求書): it names the invoice and the period that it is about. */
export function creditPaper(note: CreditNote): Paper {
  const { issuer, of } = note;
  return {
    title: '返還請求書',
    subtitle: '適格返還請求書',
    meta: [
      ['番号', note.number],
      ['発行日', dayText(note.issuedOn)],
      ['元の請求書', of.number],
    ],
    ...partiesOf(note),
    lead: '下記のとおり返還いたします。',
    due: ['返還金額(税込)', yenText(note.totalYen)],
    terms: [
      ['元の請求', `${dayText(of.issuedOn)}発行 ${of.number} ${monthText(of.period)}`],
      ['理由', note.reason],
    ],
    taxes: taxRows(note.taxes),
    sums: [
      ['小計(税抜)', yenText(note.subtotalYen)],
      ['消費税', yenText(note.taxYen)],
      ['返還額(税込)', yenText(note.totalYen)],
    ],
    sections: [
      {
        title: '返還の内容',
        rows: note.lines.map((line) => ({
          text: line.say,
          level: 'row',
          count: '',
          price: '',
          amount: yenText(line.amountYen),
          rate: `${line.taxPercent}%`,
        })),
      },
    ],
    notes: ['消費税は、元の請求書の税額から残りの金額に対する税額を引いて計算しています。'],
    footer: `${issuer.name}  返還請求書 ${note.number}`,
    datedOn: note.issuedOn,
  };
}
