import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  creditNote,
  draftInvoice,
  type Invoice,
  invoiceCsv,
  issueInvoice,
  readPaperFonts,
  renderCreditNotePdf,
  renderInvoicePdf,
  renderInvoiceText,
  usageCsv,
} from '../../../cloud-stub/billing/index.ts';
import { creditPaper } from '../../../cloud-stub/billing/paper/credit-paper.ts';
import { invoicePaper } from '../../../cloud-stub/billing/paper/invoice-paper.ts';
import { dayText, exactText, monthText, yenText } from '../../../cloud-stub/billing/paper/words.ts';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { microYen } from '../../../lib/base/units.ts';
import { charge, close, DECEMBER, IN_DECEMBER, IN_OCTOBER, issued, sub } from './office.ts';

const CUSTOMER = '㈱髙橋①商店 𠮷野家支店';
const name = { ja: CUSTOMER, en: 'Takahashi' };
const many = catalogue.items.filter((item) => item.kind !== 'usage' && item.validUntil === null);

function invoiceOf(items: readonly string[] = ['id.base']): Invoice {
  const { body } = close({
    contract: { id: 'c-000001', name, addressLines: ['〒150-0002', '東京都渋谷区渋谷1-2-3'] },
    subscriptions: items.map((item) => sub(item, IN_DECEMBER, null, '0355550100')),
    charges: [charge(17.5, 'deviceCalls', IN_DECEMBER, 'a'), charge(14, 'tollFreeIn', IN_OCTOBER, 'b')],
  });
  if (body === null) throw new Error('nothing to bill');
  return issueInvoice(body, { number: 'E-00000042', issuedOn: '2026-12-26', dueOn: '2027-01-25' });
}

describe('JSON', () => {
  it('has sorted keys, no blanks and one line end', () => {
    expect(canonicalJson({ b: [{ z: 1, a: 'é' }], a: null, c: undefined })).toBe(
      '{"a":null,"b":[{"a":"é","z":1}]}\n',
    );
  });

  it('of an invoice reads back to the same invoice', () => {
    const invoice = invoiceOf();
    expect(JSON.parse(canonicalJson(invoice))).toEqual(invoice);
  });
});

describe('CSV', () => {
  const text = invoiceCsv(invoiceOf(['id.base', 'set.basic', 'tollFree.presentNumber.deposit']));
  const rows = text.split('\r\n');

  it('begins with the byte order mark, ends each row with CRLF, and has as many cells in each row as in the head', () => {
    expect(text.charCodeAt(0)).toBe(0xfeff);
    expect(Buffer.from(text).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(text.endsWith('\r\n')).toBe(true);
    const cells = rows.slice(0, -1).map((row) => row.split(',').length);
    expect(new Set(cells)).toEqual(new Set([16]));
  });

  it('keeps names, leading zeros, amounts below zero and dates of late usage', () => {
    expect(rows).toContain(
      `E-00000042,2026-12-26,c-000001,${CUSTOMER},2026-12,月額,id.base,ベースID,2026-11-26,2026-12-25,tel:0355550100,1,700,700,700,10`,
    );
    expect(text).toContain(
      '割引,set.basic,ベーシックセット割引,2026-11-26,2026-12-25,tel:0355550100,1,-300,-300,-300,10',
    );
    expect(text).toContain('従量(後月請求),tollFreeIn,着信課金通話料,2026-09-26,2026-10-25,,1,,14,14,10');
    expect(text).toContain('預り金(不課税),tollFree.presentNumber.deposit');
  });

  it('runs no formula and breaks at no comma, whatever a name is', () => {
    const evil = (ja: string) => {
      const { body } = close({ contract: { id: 'c', name: { ja, en: '' } }, charges: [charge(1)] });
      if (body === null) throw new Error('nothing to bill');
      return invoiceCsv(issueInvoice(body, { number: 'E-00000001', issuedOn: '2026-12-26' })).split(
        '\r\n',
      )[1];
    };
    expect(evil('=1+2')).toContain(",'=1+2,");
    expect(evil('@cmd')).toContain(",'@cmd,");
    expect(evil('-5')).toContain(',-5,');
    expect(evil('-5+A1')).toContain(",'-5+A1,");
    expect(evil('a,"b"')).toContain(',"a,""b""",');
    expect(evil('a\nb')).toContain(',"a\nb",');
  });

  it('lists single uses, oldest first', () => {
    const table = usageCsv([
      charge(17.5, 'deviceCalls', IN_DECEMBER, 'b'),
      charge(8, 'appCalls', IN_OCTOBER, 'a'),
    ]);
    expect(table.split('\r\n').slice(1, 3)).toEqual([
      'a,2026-09-27 00:00:00,通話料(アプリ),test.appCalls,1,8',
      'b,2026-11-27 00:00:00,通話料(IP電話機・アダプタ),test.deviceCalls,1,17.5',
    ]);
  });
});

describe('the paper', () => {
  it('has every field of a qualified invoice', () => {
    const paper = invoicePaper(invoiceOf());
    expect(paper).toMatchObject({
      title: '請求書',
      subtitle: '適格請求書',
      recipient: { name: `${CUSTOMER} 御中` },
      issuer: ['縁側電話', '東京都', '登録番号 T1234567890123'],
      taxes: [['10%対象', '731円', '73円', '804円']],
      due: ['ご請求金額(税込)', '804円'],
    });
    expect(paper.meta).toEqual([
      ['請求書番号', 'E-00000042'],
      ['発行日', '2026年12月26日'],
      ['対象', '2026年12月分'],
    ]);
    expect(paper.terms).toEqual([
      ['ご利用期間', '2026年11月26日 から 2026年12月25日 まで'],
      ['お支払期限', '2027年1月25日'],
    ]);
  });

  it('[A-25] shows late usage under its own period, with a note', () => {
    const paper = invoicePaper(invoiceOf());
    expect(paper.sections.map((section) => section.title)).toEqual([
      '月額料金',
      '従量料金',
      '2026年10月分のご利用(後月請求)  2026年9月26日 から 2026年10月25日 まで',
    ]);
    expect(paper.notes.join()).toContain('翌々月');
  });

  it('[A-40] shows a deposit as untaxed and apart', () => {
    const paper = invoicePaper(invoiceOf(['tollFree.presentNumber.deposit']));
    expect(paper.sections.at(-1)).toMatchObject({
      title: '預り金(不課税)',
      rows: [{ amount: '100,000円', rate: '不課税' }],
    });
    expect(paper.sums.at(-1)).toEqual(['ご請求金額', '100,034円']);
  });

  it('says of a draft that it is one', () => {
    const draft = draftInvoice({
      contract: { id: 'c', name },
      issuer: { name: 'x', registrationNumber: 'T1', address: '' },
      period: DECEMBER,
      catalogue,
      subscriptions: [],
      calls: [],
    });
    if (!draft.ok) throw new Error(draft.error.say);
    expect(invoicePaper(draft.value).title).toBe('請求書(下書き)');
    expect(renderInvoiceText(issued({ charges: [charge(8)] }))).toContain('請求書 2026-12   番号 E-00000001');
  });

  it('writes amounts and days as Japanese papers do', () => {
    expect([yenText(-1_234), yenText(0), yenText(1_234_567)]).toEqual(['△1,234円', '0円', '1,234,567円']);
    expect([exactText(microYen(-17_500_000)), exactText(microYen(52_500_000))]).toEqual([
      '△17.5円',
      '52.5円',
    ]);
    expect([dayText('2026-12-05'), monthText('2027-01')]).toEqual(['2026年12月5日', '2027年1月分']);
  });
});

describe('the PDF', () => {
  const fonts = readPaperFonts();

  it('is the same file for the same invoice, dated by the invoice', async () => {
    const one = Buffer.from(await renderInvoicePdf(invoiceOf(), fonts));
    expect(Buffer.from(await renderInvoicePdf(invoiceOf(), fonts)).equals(one)).toBe(true);
    expect(one.subarray(0, 5).toString()).toBe('%PDF-');
    // 2026-12-26 00:00 in Japan.
    expect(one.toString('latin1')).toContain('(D:20261225150000Z)');
    expect(pages(one)).toBe(1);
  });

  it('of a credit note names the invoice that it is about', async () => {
    const invoice = invoiceOf();
    const note = creditNote({
      invoice,
      earlier: [],
      number: 'C-00000001',
      issuedOn: '2027-01-05',
      reason: '二重請求',
      lines: [{ say: 'ベースID', amountYen: 700, taxPercent: 10 }],
    });
    if (!note.ok) throw new Error(note.error.say);
    expect(creditPaper(note.value)).toMatchObject({
      subtitle: '適格返還請求書',
      terms: [
        ['元の請求', '2026年12月26日発行 E-00000042 2026年12月分'],
        ['理由', '二重請求'],
      ],
      taxes: [['10%対象', '△700円', '△70円', '△770円']],
      due: ['返還金額(税込)', '△770円'],
    });
    expect(pages(Buffer.from(await renderCreditNotePdf(note.value, fonts)))).toBe(1);
  });

  it('takes as many pages as it needs', async () => {
    const long = await renderInvoicePdf(invoiceOf(many.map((item) => item.id)), fonts);
    expect(pages(Buffer.from(long))).toBe(3);
  });

  it('has a drawing for the characters of Japanese names, in both weights', () => {
    const { create } = createRequire(createRequire(import.meta.url).resolve('pdfkit'))('fontkit') as {
      create(file: Buffer): { hasGlyphForCodePoint(code: number): boolean };
    };
    const text = `${CUSTOMER}㈲㈹②⑳﨑𠮟邉邊彌〒△円¥・〜①`;
    for (const file of [fonts.regular, fonts.bold]) {
      const font = create(Buffer.from(file));
      const missing = [...text].filter((one) => !font.hasGlyphForCodePoint(one.codePointAt(0) ?? 0));
      expect(missing.filter((one) => one !== ' ')).toEqual([]);
    }
  });
});

function pages(file: Buffer): number {
  return Number(/\/Type \/Pages\s+\/Count ([0-9]+)/.exec(file.toString('latin1'))?.[1]);
}
