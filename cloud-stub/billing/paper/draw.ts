import { Buffer } from 'node:buffer';
import type { PaperFonts } from './fonts.ts';
import type { Paper, PaperRow, PaperSection } from './paper.ts';

/** A4 in points, and where things stand on it. */
const PAGE = { width: 595.28, height: 841.89, left: 48, right: 547, top: 48, bottom: 782 } as const;
const WIDTH = PAGE.right - PAGE.left;
const INK = '#1f2933';
const PALE = '#6b7785';
const RULE = '#c3cad2';
const SHADE = '#eef1f4';

/** Columns of the table of lines: left edge, width, side. */
const COLUMNS = {
  text: { x: PAGE.left, width: 259, align: 'left' },
  count: { x: 307, width: 58, align: 'right' },
  price: { x: 365, width: 74, align: 'right' },
  amount: { x: 439, width: 70, align: 'right' },
  rate: { x: 509, width: 38, align: 'right' },
} as const;
const HEADS = {
  text: '内容',
  count: '数量',
  price: '単価・内訳',
  amount: '金額(税抜)',
  rate: '税率',
} as const;
const PAD = 4;

/**
 * Draws a paper as PDF: A4, as many pages as it takes, the head of the table on each, page numbers at the foot. The
 * same paper gives the same bytes: the file bears the date of the paper and nothing of the machine.
 */
export async function drawPdf(paper: Paper, fonts: PaperFonts): Promise<Uint8Array> {
  // Large, and needed only where a paper is drawn: whoever bills does not wait for it at every start.
  const { default: PDFDocument } = await import('pdfkit');
  const doc = new PDFDocument({
    size: 'A4',
    margins: { top: PAGE.top, bottom: 0, left: PAGE.left, right: PAGE.width - PAGE.right },
    bufferPages: true,
    pdfVersion: '1.7',
    lang: 'ja',
    displayTitle: true,
    info: {
      Title: `${paper.title} ${paper.meta[0]?.[1] ?? ''}`,
      Author: paper.issuer[0] ?? '',
      Creator: 'Engawa',
      Producer: 'Engawa',
      CreationDate: new Date(`${paper.datedOn}T00:00:00+09:00`),
    },
  });
  const chunks: Buffer[] = [];
  const done = new Promise<Uint8Array>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  doc.registerFont('regular', Buffer.from(fonts.regular));
  doc.registerFont('bold', Buffer.from(fonts.bold));
  new Sheet(doc).draw(paper);
  doc.end();
  return done;
}

/** Draws from top to bottom and keeps where it is. */
class Sheet {
  readonly #doc: PDFKit.PDFDocument;
  #y = PAGE.top as number;

  constructor(doc: PDFKit.PDFDocument) {
    this.#doc = doc;
  }

  draw(paper: Paper): void {
    this.#head(paper);
    this.#parties(paper);
    this.#due(paper);
    this.#taxes(paper);
    this.#tableHead();
    for (const section of paper.sections) this.#section(section);
    this.#sums(paper);
    this.#notes(paper);
    this.#footers(paper);
  }

  #head(paper: Paper): void {
    this.#text(paper.title, PAGE.left, this.#y, { size: 22, bold: true });
    this.#text(paper.subtitle, PAGE.left, this.#y + 31, { size: 9, color: PALE });
    let y = this.#y + 4;
    for (const [label, text] of paper.meta) {
      this.#text(label, 355, y, { size: 9, color: PALE, width: 62 });
      this.#text(text, 417, y, { size: 9, width: PAGE.right - 417, align: 'right' });
      y += 14;
    }
    this.#y += 60;
    this.#rule(this.#y, INK, 1);
    this.#y += 16;
  }

  #parties(paper: Paper): void {
    const top = this.#y;
    let left = top;
    for (const line of paper.recipient.address) {
      left += this.#text(line, PAGE.left, left, { size: 9.5, width: 260 }) + 1;
    }
    left += this.#text(paper.recipient.name, PAGE.left, left + 3, { size: 14, bold: true, width: 260 }) + 8;
    left += this.#text(paper.recipient.contract, PAGE.left, left, { size: 9, color: PALE, width: 260 });
    let right = top;
    paper.issuer.forEach((line, index) => {
      const style = index === 0 ? { size: 11, bold: true } : { size: 9 };
      right += this.#text(line, 355, right, { ...style, width: PAGE.right - 355 }) + 2;
    });
    this.#y = Math.max(left, right) + 16;
  }

  #due(paper: Paper): void {
    this.#text(paper.lead, PAGE.left, this.#y, { size: 10 });
    this.#y += 20;
    const rows = Math.max(2, paper.terms.length);
    const height = Math.max(48, rows * 15 + 14);
    this.#doc.rect(PAGE.left, this.#y, WIDTH, height).fill(SHADE);
    const [label, amount] = paper.due;
    this.#text(label, PAGE.left + 12, this.#y + 9, { size: 9, color: PALE });
    this.#text(amount, PAGE.left + 12, this.#y + 20, { size: 18, bold: true });
    let y = this.#y + 9;
    for (const [name, text] of paper.terms) {
      this.#text(name, 262, y, { size: 9, color: PALE, width: 56 });
      const used = this.#text(text, 320, y, { size: 9, width: PAGE.right - 330 });
      y += Math.max(15, used + 2);
    }
    this.#y += height + 14;
  }

  #taxes(paper: Paper): void {
    if (paper.taxes.length === 0) return;
    const columns = [
      { x: 262, width: 60 },
      { x: 322, width: 75 },
      { x: 397, width: 75 },
      { x: 472, width: 75 },
    ] as const;
    const line = (cells: readonly string[], color: string): void => {
      cells.forEach((cell, index) => {
        const column = columns[index];
        if (column !== undefined) {
          const align = index === 0 ? 'left' : 'right';
          this.#text(cell, column.x, this.#y, { size: 9, color, width: column.width, align });
        }
      });
      this.#y += 14;
    };
    line(['税率', '対象額(税抜)', '消費税額', '税込額'], PALE);
    this.#doc
      .moveTo(262, this.#y - 1)
      .lineTo(PAGE.right, this.#y - 1)
      .lineWidth(0.5)
      .stroke(RULE);
    this.#y += 2;
    for (const row of paper.taxes) line(row, INK);
    this.#y += 10;
  }

  #tableHead(): void {
    this.#doc.rect(PAGE.left, this.#y, WIDTH, 18).fill(SHADE);
    for (const key of ['text', 'count', 'price', 'amount', 'rate'] as const) {
      const { x, width, align } = COLUMNS[key];
      const style = { size: 8.5, color: PALE, width: width - PAD * 2, align };
      this.#text(HEADS[key], x + PAD, this.#y + 3, style);
    }
    this.#y += 22;
  }

  #section(section: PaperSection): void {
    // A heading never stands alone at the foot of a page.
    this.#room(18 + this.#heightOf(section.rows[0]));
    this.#text(section.title, PAGE.left + PAD, this.#y, { size: 9.5, bold: true, width: WIDTH - PAD * 2 });
    this.#y += 17;
    section.rows.forEach((row, index) => {
      if (row.level === 'row' && section.rows[index - 1]?.level === 'detail') this.#y += 3;
      if (this.#room(this.#heightOf(row))) this.#continued(section);
      else if (index > 0 && row.level === 'row') this.#rule(this.#y - 1.5, RULE, 0.25);
      this.#row(row);
    });
    this.#y += 5;
  }

  #continued(section: PaperSection): void {
    const style = { size: 8.5, color: PALE, width: WIDTH - PAD * 2 };
    this.#text(`${section.title}(続き)`, PAGE.left + PAD, this.#y, style);
    this.#y += 15;
  }

  #heightOf(row: PaperRow | undefined): number {
    if (row === undefined) return 0;
    const detail = row.level === 'detail';
    const width = COLUMNS.text.width - PAD * 2 - (detail ? 12 : 0);
    this.#doc.font('regular').fontSize(detail ? 8 : 9);
    return this.#doc.heightOfString(row.text, { width }) + (detail ? 1 : 4);
  }

  #row(row: PaperRow): void {
    const height = this.#heightOf(row);
    const detail = row.level === 'detail';
    for (const key of ['text', 'count', 'price', 'amount', 'rate'] as const) {
      const { x, width, align } = COLUMNS[key];
      const indent = detail && key === 'text' ? 12 : 0;
      const style = { size: detail ? 8 : 9, color: detail ? PALE : INK, align };
      this.#text(row[key], x + PAD + indent, this.#y, { ...style, width: width - PAD * 2 - indent });
    }
    this.#y += height;
  }

  #sums(paper: Paper): void {
    // On a page of their own they stand without the table's head: there are no rows below it.
    if (this.#y + paper.sums.length * 16 + 12 > PAGE.bottom) this.#newPage();
    this.#y += 2;
    this.#rule(this.#y, INK, 0.75);
    this.#y += 6;
    paper.sums.forEach(([label, amount], index) => {
      const last = index === paper.sums.length - 1;
      this.#text(label, 322, this.#y, { size: 9.5, bold: last, width: 110 });
      const style = { size: 9.5, bold: last, align: 'right' } as const;
      this.#text(amount, 420, this.#y, { ...style, width: PAGE.right - 420 - PAD });
      this.#y += 16;
    });
    this.#y += 8;
  }

  #notes(paper: Paper): void {
    for (const note of paper.notes) {
      this.#doc.font('regular').fontSize(8);
      const height = this.#doc.heightOfString(`・${note}`, { width: WIDTH }) + 2;
      if (this.#y + height > PAGE.bottom) this.#newPage();
      this.#text(`・${note}`, PAGE.left, this.#y, { size: 8, color: PALE, width: WIDTH });
      this.#y += height;
    }
  }

  #footers(paper: Paper): void {
    const { start, count } = this.#doc.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      this.#doc.switchToPage(start + page);
      this.#rule(PAGE.bottom + 12, RULE, 0.5);
      const y = PAGE.bottom + 17;
      this.#text(paper.footer, PAGE.left, y, { size: 8, color: PALE, width: 380 });
      const number = `${page + 1} / ${count}`;
      this.#text(number, PAGE.right - 80, y, { size: 8, color: PALE, width: 80, align: 'right' });
    }
  }

  /** Begins a new page, with the table's head, when so much no longer fits; true when it did. */
  #room(height: number): boolean {
    if (this.#y + height <= PAGE.bottom) return false;
    this.#newPage();
    this.#tableHead();
    return true;
  }

  #newPage(): void {
    this.#doc.addPage();
    this.#y = PAGE.top;
  }

  #rule(y: number, color: string, width: number): void {
    this.#doc.moveTo(PAGE.left, y).lineTo(PAGE.right, y).lineWidth(width).stroke(color);
  }

  /** Writes a text and gives the height that it took. */
  #text(
    text: string,
    x: number,
    y: number,
    style: {
      readonly size: number;
      readonly bold?: boolean;
      readonly color?: string;
      readonly width?: number;
      readonly align?: 'left' | 'right';
    },
  ): number {
    if (text === '') return 0;
    const doc = this.#doc.font(style.bold === true ? 'bold' : 'regular').fontSize(style.size);
    const width = style.width ?? WIDTH;
    doc.fillColor(style.color ?? INK).text(text, x, y, { width, align: style.align ?? 'left' });
    return doc.y - y;
  }
}
