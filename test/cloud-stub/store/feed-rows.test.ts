import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import { allowanceOf, prepareRater, tariffOf } from '../../../cloud-stub/rating/index.ts';
import type { FeedRecord } from '../../../cloud-stub/store/feed-record.ts';
import { feedRows, STAGED_COLUMNS, useKey } from '../../../cloud-stub/store/feed-rows.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { CONTRACT, FIRST } from './call-samples.ts';
import { PERIOD, PERIOD_FROM } from './feed-samples.ts';

const held = { item: 'option.faxUnlimited500', on: FIRST, from: PERIOD_FROM, until: null };
const account = {
  contract: CONTRACT,
  rater: prepareRater(tariffOf(catalogue, exampleOffice.product)),
  allowance: allowanceOf(catalogue, [held]),
  ceiling: null,
};

/** A fax of so many pages, a second each, from the app. */
function fax(id: string, pages: number): FeedRecord {
  const usage = {
    kind: 'fax',
    direction: 'send',
    client: 'app',
    id: FIRST,
    answeredAt: PERIOD_FROM,
  } as const;
  const size = { talkMs: pages * 1_000, pages, pagesConfirmed: pages };
  return { id, contract: CONTRACT, startedAt: PERIOD_FROM, usage: { ...usage, ...size } };
}

const listed = { ...account, rater: prepareRater(tariffOf(catalogue, 'calleePays')) };

/** A number in an issue of the directory. */
function listing(id: string, issue: string): FeedRecord {
  const at = instant(japanMidnight(2026, 3, 2));
  return {
    id,
    contract: CONTRACT,
    startedAt: at,
    usage: { kind: 'listing', number: '0120000001', issue, at },
  };
}

/** Id, yen and pieces of each line. */
function lines(
  records: readonly FeedRecord[],
  known: readonly string[] = [],
  of: typeof account = account,
): readonly string[] {
  const { copy } = feedRows(records, {
    closed: new Map(),
    known: new Set(known.map((id) => useKey(CONTRACT, id))),
    used: new Map([[`${CONTRACT} ${PERIOD}`, { [`faxSheets ${FIRST}`]: 400 }]]),
    account: () => of,
    periodOf: () => PERIOD,
  });
  const column = (line: string, name: (typeof STAGED_COLUMNS)[number]) =>
    line.split('\t')[STAGED_COLUMNS.indexOf(name)] ?? '';
  return copy
    .trimEnd()
    .split('\n')
    .map(
      (line) =>
        `${column(line, 'call_id')} ${Number(column(line, 'amount_micro_yen')) / 1e6} ${column(line, 'pieces')}`,
    );
}

describe('rows of a batch, on top of 400 of 500 free sheets [S0-104]', () => {
  it('count each use once, however often the batch holds it', () => {
    expect(lines([fax('a', 60), fax('a', 60), fax('b', 40)])).toEqual(['a 0 60', 'a 0 \\N', 'b 0 40']);
  });

  it('count nothing of what is in the books', () => {
    expect(lines([fax('a', 100), fax('b', 100)], ['a'])).toEqual(['a 0 \\N', 'b 0 100']);
  });

  it('have one directory listing of a number in an issue free, and each further one paid for [S2-012]', () => {
    const records = [listing('a', '2026-03'), listing('b', '2026-03'), listing('c', '2025-10')];
    expect(lines(records, [], listed)).toEqual(['a 0 1', 'b 500 1', 'c 0 1']);
  });

  it('charge what is over [S0-105] [A-13]', () => {
    expect(lines([fax('a', 100), fax('b', 31)])).toEqual(['a 0 100', 'b 40 31']);
  });
});
