import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { comparePages, type Page, readPages, writePages } from '../../../../lib/dsp/fax/page-file.ts';
import { drawTestPage, type TestPageKind } from '../../../../lib/dsp/fax/test-page.ts';
import { must } from '../../../support/fax-trial.ts';

const folder = mkdtempSync(join(tmpdir(), 'pages-'));
const file = join(folder, 'pages.tif');
afterAll(() => rmSync(folder, { recursive: true }));

const KINDS: readonly TestPageKind[] = ['white', 'text', 'ramp', 'grid', 'letter'];

describe('files of fax pages', () => {
  it('give back what was written, every dot and both resolutions', () => {
    const pages = KINDS.flatMap((kind, index) => [
      drawTestPage(kind, 'fine', index + 1),
      drawTestPage(kind, 'standard', index + 1),
    ]);
    must(writePages(file, pages));
    const read = must(readPages(file));
    expect(comparePages(pages, read)).toEqual({ identical: true, pages: 10, differingRows: 0 });
    expect(read.map((page) => page.yResolution)).toEqual([196, 98, 196, 98, 196, 98, 196, 98, 196, 98]);
    expect(read.every((page) => page.xResolution === 204)).toBe(true);
  });

  it('give back pages of any size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        (width, height, seed) => {
          const bytes = Math.ceil(width / 8);
          const rows = Uint8Array.from(seededRandom(seed).bytes(bytes * height));
          // What lies behind the last dot of a row belongs to no page.
          const spare = bytes * 8 - width;
          for (let row = 0; row < height; row += 1) {
            const last = (row + 1) * bytes - 1;
            rows[last] = ((rows[last] ?? 0) >> spare) << spare;
          }
          const page: Page = { width, height, xResolution: 204, yResolution: 196, rows };
          must(writePages(file, [page]));
          expect(must(readPages(file))).toEqual([page]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('leave the pages that are written as they are', () => {
    const page = drawTestPage('text', 'standard', 1);
    const kept = page.rows.slice();
    must(writePages(file, [page]));
    expect(page.rows).toEqual(kept);
  });

  it('refuse what is no TIFF, is missing, or cannot be written', () => {
    writeFileSync(file, 'no TIFF');
    for (const wrong of [file, join(folder, 'missing.tif'), folder, 'a\0b']) {
      expect(readPages(wrong)).toMatchObject({ ok: false, error: { code: 'pages.unreadable' } });
    }
    const page = drawTestPage('white', 'standard', 1);
    for (const wrong of [join(folder, 'missing', 'x.tif'), 'a\0b']) {
      expect(writePages(wrong, [page])).toMatchObject({ ok: false, error: { code: 'pages.unwritable' } });
    }
    for (const wrong of [[], [{ ...page, width: 0 }], [{ ...page, height: 7 }], [{ ...page, width: 1e9 }]]) {
      expect(writePages(file, wrong)).toMatchObject({ ok: false, error: { code: 'pages.tooLarge' } });
    }
  });

  it('never fall over a damaged file', () => {
    must(writePages(file, [drawTestPage('letter', 'standard', 1)]));
    const whole = readFileSync(file);
    const random = seededRandom(11);
    for (let round = 0; round < 300; round += 1) {
      const damaged = Buffer.from(whole);
      for (let turns = 1 + round / 30; turns > 0; turns -= 1) {
        // The directory of the file stands at its end, the header at its start.
        const place = random.fraction();
        const at = place < 0.2 ? place * 40 : damaged.length - 1 - random.fraction() * 260;
        damaged[Math.floor(at)] = Math.floor(random.fraction() * 256);
      }
      const cut =
        round % 3 === 0 ? damaged.subarray(0, Math.floor(random.fraction() * damaged.length)) : damaged;
      writeFileSync(file, cut);
      const read = readPages(file);
      if (!read.ok) expect(read.error.say).toMatch(/\.$/);
    }
  });
});

describe('comparing documents', () => {
  const page = drawTestPage('letter', 'standard', 1);

  it('counts rows that differ, are missing or are too many', () => {
    const rows = page.rows.slice();
    rows[216 * 5] = 1 ^ (rows[216 * 5] ?? 0);
    rows[216 * 9 + 3] = 1 ^ (rows[216 * 9 + 3] ?? 0);
    expect(comparePages([page], [{ ...page, rows }])).toEqual({
      identical: false,
      pages: 1,
      differingRows: 2,
    });
    const shorter = {
      ...page,
      height: page.height - 3,
      rows: page.rows.subarray(0, 216 * (page.height - 3)),
    };
    expect(comparePages([page], [shorter])).toEqual({ identical: false, pages: 1, differingRows: 3 });
    expect(comparePages([page, page], [page])).toEqual({
      identical: false,
      pages: 1,
      differingRows: page.height,
    });
    expect(comparePages([], [])).toEqual({ identical: true, pages: 0, differingRows: 0 });
  });

  it('tells every kind and every number of test page apart', () => {
    for (const kind of KINDS) {
      const [one, other] = [drawTestPage(kind, 'fine', 1), drawTestPage(kind, 'fine', 2)];
      expect(comparePages([one], [other]).identical, kind).toBe(false);
      expect(comparePages([one], [drawTestPage(kind, 'fine', 1)]).identical, kind).toBe(true);
    }
  });
});
