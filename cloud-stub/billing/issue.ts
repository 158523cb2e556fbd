import type { Invoice, InvoiceBody } from './types.ts';

/** What an invoice gets when it is sent. Days are days in Japan: `2026-12-26`. */
export interface IssueDetails {
  readonly number: string;
  readonly issuedOn: string;
  readonly dueOn?: string;
  readonly payment?: string;
}

/** A body with its number. Nothing else of it may change any more; what is wrong later is a credit note. */
export function issueInvoice(body: InvoiceBody, details: IssueDetails): Invoice {
  return {
    v: 1,
    status: 'issued',
    number: details.number,
    issuedOn: details.issuedOn,
    dueOn: details.dueOn ?? null,
    payment: details.payment ?? null,
    ...body,
  };
}
