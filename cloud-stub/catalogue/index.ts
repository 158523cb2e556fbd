export { catalogue } from './catalogue.ts';
export { itemAt, taxPercentAt, validAt } from './lookup.ts';
export type { BilingualName, Catalogue, CatalogueItem, ProductId } from './types.ts';
