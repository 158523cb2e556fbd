export { draftInvoice } from './draft.ts';
export { type Period, periodNamed, periodOf } from './period.ts';
export { renderInvoiceText } from './render-text.ts';
export type { DraftInvoice, Issuer, RatedCall } from './types.ts';
