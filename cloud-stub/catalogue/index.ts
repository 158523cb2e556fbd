export { type CallRules, callRulesOf, type NumberBlock } from './call-rules.ts';
export { catalogue } from './catalogue.ts';
export { CURRENT_MODEL_FROM } from './entry.ts';
export { itemAt, taxPercentAt, validAt } from './lookup.ts';
export type { SoldNumberKind, TollFreeFunction } from './product-rules.ts';
export { deviceModels, rulesOf } from './product-rules.ts';
export type { BilingualName, Catalogue, CatalogueItem, OptionSet, ProductId, Relation } from './types.ts';
