export { catalogue } from './catalogue.ts';
export { itemAt, taxPercentAt, validAt } from './lookup.ts';
export type {
  BilingualName,
  CallScope,
  Catalogue,
  CatalogueItem,
  FarEnd,
  OptionSet,
  PriceUnit,
  Product,
  ProductId,
  Relation,
} from './types.ts';
