import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ContractId } from '../../lib/base/ids.ts';
import { japanDate } from '../../lib/base/japan-time.ts';
import {
  type CreditInput,
  type CreditNote,
  canonicalJson,
  creditNote,
  type Invoice,
  type LedgerEntry,
  ledgerOfCredit,
  takeNumber,
} from '../billing/index.ts';
import type { Database, Db, Tx } from './database.ts';

/** An invoice or a credit note as it was issued. */
export interface IssuedDocument {
  readonly contract: ContractId;
  readonly number: string;
  readonly kind: 'invoice' | 'creditNote';
  readonly period: string;
  /** Canonical JSON. */
  readonly body: string;
  readonly sha256: string;
  readonly totalYen: number;
  readonly issuedAt: number;
}

/** A part of an invoice to give back. `order` names the decision: the same one again gives the same note. */
export interface CreditOrder {
  readonly order: string;
  readonly invoice: string;
  readonly reason: string;
  readonly lines: CreditInput['lines'];
}

/** The next number of a series, in the transaction that uses it: a number that is not used is not taken. */
export async function nextNumber(tx: Tx, series: 'E' | 'C'): Promise<string> {
  const row = await tx
    .insertInto('document_series')
    .values({ series, last_number: 1 })
    .onConflict((conflict) =>
      conflict.column('series').doUpdateSet({ last_number: sql<number>`document_series.last_number + 1` }),
    )
    .returning('last_number')
    .executeTakeFirstOrThrow();
  return takeNumber({ series, next: row.last_number }).number;
}

/** Writes the bookings of a document. */
export async function writeLedger(
  tx: Tx,
  document: string,
  entries: readonly LedgerEntry[],
  nowMs: number,
): Promise<void> {
  if (entries.length === 0) return;
  await tx
    .insertInto('ledger_entry')
    .values(
      entries.map((entry, index) => ({
        contract_id: entry.contract,
        document,
        position: index + 1,
        period: entry.period,
        account: entry.account,
        detail: entry.detail,
        debit_yen: entry.debitYen,
        credit_yen: entry.creditYen,
        at_ms: nowMs,
      })),
    )
    .execute();
}

/** What was issued, and credit notes. */
export class Documents {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Documents of a contract, oldest first. */
  list(contract: ContractId): Promise<readonly IssuedDocument[]> {
    return Documents.listIn(this.#database.db, contract);
  }

  static async listIn(db: Db | Tx, contract: ContractId): Promise<readonly IssuedDocument[]> {
    const rows = await db
      .selectFrom('document')
      .selectAll()
      .where('contract_id', '=', contract)
      .orderBy('issued_at_ms')
      .orderBy('number')
      .execute();
    return rows.map(viewOf);
  }

  async one(contract: ContractId, number: string): Promise<IssuedDocument | undefined> {
    const row = await this.#database.db
      .selectFrom('document')
      .selectAll()
      .where('contract_id', '=', contract)
      .where('number', '=', number)
      .executeTakeFirst();
    return row && viewOf(row);
  }

  /** The invoice of a closed period; undefined when there was nothing to bill, or it is not closed. */
  async invoice(contract: ContractId, period: string): Promise<Invoice | undefined> {
    const row = await this.#database.db
      .selectFrom('document')
      .select('body')
      .where('contract_id', '=', contract)
      .where('period', '=', period)
      .where('kind', '=', 'invoice')
      .executeTakeFirst();
    return row && (JSON.parse(row.body) as Invoice);
  }

  /** Bookings of a contract, in the order in which they were made. */
  async ledger(contract: ContractId): Promise<readonly (LedgerEntry & { readonly document: string })[]> {
    const rows = await this.#database.db
      .selectFrom('ledger_entry')
      .selectAll()
      .where('contract_id', '=', contract)
      .orderBy('at_ms')
      .orderBy('document')
      .orderBy('position')
      .execute();
    return rows.map((row) => ({
      document: row.document,
      contract: row.contract_id,
      period: row.period,
      account: row.account,
      detail: row.detail,
      debitYen: row.debit_yen,
      creditYen: row.credit_yen,
    }));
  }

  /** Gives back a part of an invoice: note, number and bookings in one transaction, once for each order. */
  async credit(contract: ContractId, order: CreditOrder): Promise<Result<CreditNote>> {
    const nowMs = this.#clock.now();
    return this.#database.transaction('credit note', async (tx): Promise<Result<CreditNote>> => {
      // Two notes to one invoice come one after the other: each must see what the others gave back.
      await tx
        .selectFrom('contract')
        .select('contract_id')
        .where('contract_id', '=', contract)
        .forNoKeyUpdate()
        .execute();
      const all = await tx
        .selectFrom('document')
        .select(['number', 'kind', 'body', 'order_id'])
        .where('contract_id', '=', contract)
        .execute();
      const again = all.find((row) => row.order_id === order.order);
      if (again !== undefined) return ok(JSON.parse(again.body) as CreditNote);
      const invoice = all.find((row) => row.number === order.invoice && row.kind === 'invoice');
      if (invoice === undefined) return refuse(noInvoice(contract, order.invoice));
      const earlier = all
        .filter((row) => row.kind === 'creditNote')
        .map((row) => JSON.parse(row.body) as CreditNote)
        .filter((note) => note.of.number === order.invoice);
      // Judged with a number that is not taken yet: a refused note leaves no gap.
      const draft = {
        ...order,
        invoice: JSON.parse(invoice.body) as Invoice,
        earlier,
        issuedOn: japanDate(nowMs),
      };
      const judged = creditNote({ ...draft, number: '' });
      if (!judged.ok) return judged;
      const number = await nextNumber(tx, 'C');
      const note: CreditNote = { ...judged.value, number };
      const body = canonicalJson(note);
      await tx
        .insertInto('document')
        .values({
          contract_id: contract,
          number,
          kind: 'creditNote',
          period: note.of.period,
          body,
          sha256: createHash('sha256').update(body).digest('hex'),
          total_yen: note.totalYen,
          issued_at_ms: nowMs,
          order_id: order.order,
        })
        .execute();
      await writeLedger(tx, number, ledgerOfCredit(note), nowMs);
      return ok(note);
    });
  }
}

function noInvoice(contract: string, number: string): CodedError {
  const say = `${contract} has no invoice ${number}; list its documents and take a number from there.`;
  return { code: 'credit.noInvoice', fault: 'caller', say };
}

function viewOf(row: {
  readonly contract_id: string;
  readonly number: string;
  readonly kind: 'invoice' | 'creditNote';
  readonly period: string;
  readonly body: string;
  readonly sha256: string;
  readonly total_yen: number;
  readonly issued_at_ms: number;
}): IssuedDocument {
  return {
    contract: row.contract_id as ContractId,
    number: row.number,
    kind: row.kind,
    period: row.period,
    body: row.body,
    sha256: row.sha256,
    totalYen: row.total_yen,
    issuedAt: row.issued_at_ms,
  };
}
