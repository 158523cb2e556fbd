export { readSources } from './read-sources.ts';
export { renderCoverage } from './render.ts';
export type { FactClass, FactRow } from './row.ts';
export { type CoverageTable, type CoveredRow, countsOf, coverageTable } from './table.ts';
