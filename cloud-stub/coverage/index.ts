export { policyProblems } from './policies.ts';
export { readSources } from './read-sources.ts';
export { renderCoverage } from './render.ts';
export { type CoveredRow, countsOf, coverageTable } from './table.ts';
