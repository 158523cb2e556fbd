import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../cloud-stub/store/box-batch.ts';
import { boxRecordOf, freshCall } from './call-samples.ts';

const batchOf = (...records: unknown[]): Buffer => Buffer.from(JSON.stringify({ v: 1, records }));

describe('a batch of records', () => {
  it('is read record by record', () => {
    const record = boxRecordOf(1, freshCall());
    const read = readBatch(batchOf(record, { id: 'gw-000001/00c0ffee/2' }, { id: 'no id' }, null));
    expect(read).toMatchObject({
      ok: true,
      value: {
        nameless: 2,
        items: [
          { kind: 'good', record },
          { kind: 'doubtful', id: 'gw-000001/00c0ffee/2' },
        ],
      },
    });
  });

  it.each([
    ['records.notJson', Buffer.from('{')],
    ['records.notJson', Buffer.from([0xff, 0xfe])],
    ['records.notJson', Buffer.alloc(0)],
    ['records.shape', Buffer.from('null')],
    ['records.shape', Buffer.from('{"v":2,"records":[1]}')],
    ['records.shape', batchOf()],
    ['records.shape', batchOf(...Array.from({ length: 51 }, () => 1))],
    ['records.shape', Buffer.from('{"v":1,"records":[],"faxes":[]}')],
    ['records.shape', Buffer.from('{"v":1,"records":[],"faxes":7}')],
    [
      'records.shape',
      Buffer.from(JSON.stringify({ v: 1, records: Array(25).fill(1), faxes: Array(26).fill(1) })),
    ],
  ])('that is none is refused as %s', (code, payload) => {
    expect(readBatch(payload)).toMatchObject({ ok: false, error: { code, fault: 'peer' } });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void readBatch(bytes)));
    fc.assert(fc.property(fc.json(), (text) => void readBatch(batchOf(JSON.parse(text)))));
  });

  it('is read in bounded depth', () => {
    const deep = `{"id":"gw-000001/00c0ffee/1","deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    expect(readBatch(Buffer.from(`{"v":1,"records":[${deep}]}`))).toMatchObject({
      ok: true,
      value: { items: [{ kind: 'doubtful' }] },
    });
  });
});
