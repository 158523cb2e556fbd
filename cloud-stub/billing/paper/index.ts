import type { CreditNote } from '../credit-note.ts';
import type { DraftInvoice, Invoice } from '../types.ts';
import { creditPaper } from './credit-paper.ts';
import { drawPdf } from './draw.ts';
import type { PaperFonts } from './fonts.ts';
import { invoicePaper } from './invoice-paper.ts';

/** An invoice as a PDF file that a customer can file away. The same invoice gives the same bytes. */
export function renderInvoicePdf(invoice: Invoice | DraftInvoice, fonts: PaperFonts): Promise<Uint8Array> {
  return drawPdf(invoicePaper(invoice), fonts);
}

/** A credit note as a PDF file. */
export function renderCreditNotePdf(note: CreditNote, fonts: PaperFonts): Promise<Uint8Array> {
  return drawPdf(creditPaper(note), fonts);
}
