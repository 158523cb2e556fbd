/** One row of a table: an amount and what it is for. */
export interface PaperRow {
  readonly text: string;
  /** Smaller, indented, without weight in the sums: what a row is made of. */
  readonly level: 'row' | 'detail';
  readonly count: string;
  readonly price: string;
  readonly amount: string;
  readonly rate: string;
}

/** Rows under one heading. */
export interface PaperSection {
  readonly title: string;
  readonly rows: readonly PaperRow[];
}

/** A business paper as words in their places, before anything is drawn. */
export interface Paper {
  readonly title: string;
  /** Under the title: what kind of paper the law calls it. */
  readonly subtitle: string;
  /** Top right: number, day of issue. */
  readonly meta: readonly (readonly [label: string, text: string])[];
  readonly recipient: {
    readonly address: readonly string[];
    readonly name: string;
    readonly contract: string;
  };
  readonly issuer: readonly string[];
  readonly lead: string;
  /** The figure that counts. */
  readonly due: readonly [label: string, amount: string];
  readonly terms: readonly (readonly [label: string, text: string])[];
  readonly taxes: readonly (readonly [rate: string, taxable: string, tax: string, total: string])[];
  /** Subtotal, tax, total, deposits. */
  readonly sums: readonly (readonly [label: string, amount: string])[];
  readonly sections: readonly PaperSection[];
  readonly notes: readonly string[];
  /** At the foot of every page. */
  readonly footer: string;
  /** The day that the file is dated with, so that the same paper is the same file: `2026-12-26`. */
  readonly datedOn: string;
}
