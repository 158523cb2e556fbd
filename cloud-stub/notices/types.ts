import type { ProductId } from '../catalogue/index.ts';

/** Where a customer meets a notice. */
export type NoticePlace =
  /** Before an order is sent. */
  | 'order'
  /** On the paper or page that comes with a device. */
  | 'device'
  /** Beside the settings of a function on the customer page. */
  | 'settings'
  /** In the app. */
  | 'app'
  /** On the page of questions and answers. */
  | 'help'
  /** Kept in the archive, not shown any more. */
  | 'archive';

/** One thing that a customer is told. Nothing is decided by it. */
export interface Notice {
  readonly id: string;
  /** The facts that it carries. */
  readonly facts: readonly string[];
  readonly product: ProductId;
  readonly shown: NoticePlace;
  readonly ja: string;
  readonly en: string;
}

/** Writes one notice of a product: id, facts, place, Japanese, English. */
export type NoticeWriter = (
  id: string,
  facts: readonly string[],
  shown: NoticePlace,
  ja: string,
  en: string,
) => Notice;

/** A {@link NoticeWriter} for one product. */
export function noticesOf(product: ProductId): NoticeWriter {
  return (id, facts, shown, ja, en) => ({ id, facts, product, shown, ja, en });
}
