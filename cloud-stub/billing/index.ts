export { canonicalJson } from './canonical-json.ts';
export { type Closing, closeContract } from './close.ts';
export { type CreditInput, type CreditNote, creditNote } from './credit-note.ts';
export { creditNoteCsv, invoiceCsv, usageCsv } from './csv.ts';
export { draftInvoice } from './draft.ts';
export { issueInvoice } from './issue.ts';
export { type LedgerEntry, ledgerOf, ledgerOfCredit } from './ledger.ts';
export { newSeries, numberFaults, takeNumber } from './numbers.ts';
export { readPaperFonts } from './paper/fonts.ts';
export { renderCreditNotePdf, renderInvoicePdf } from './paper/index.ts';
export { type Period, periodAfter, periodNamed, periodOf } from './period.ts';
export { type BillingPolicy, portingInstead, standardBillingPolicy } from './policy.ts';
export { renderInvoiceText } from './render-text.ts';
export { billPeriods, type RunInput } from './run.ts';
export type {
  ClosingInput,
  DraftInvoice,
  Invoice,
  Issuer,
  RatedCall,
  UsageSum,
} from './types.ts';
export { sumUsage, usageWindow } from './usage.ts';
