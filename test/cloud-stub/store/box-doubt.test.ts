import { describe, expect, it } from 'vitest';
import { doubtWhose } from '../../../cloud-stub/store/box-doubt.ts';

const CALL = 'mwrdck50-9486de4e62cc8d45';
const known = {
  gateway: 'gw-000001',
  lines: [
    { port: 1, serviceId: 'id-000001-1' },
    { port: null, serviceId: 'id-000001-4' },
  ],
};

function doubt(serviceId: string, line: number): string | undefined {
  const record = { id: 'gw-000001/00c0ffee/1', call: CALL, serviceId, line };
  return doubtWhose(record as Parameters<typeof doubtWhose>[0], known)?.say;
}

describe('whose a record is', () => {
  it('an ID of a line is on its port, an ID of a desk phone on a line beyond those of the board', () => {
    expect(doubt('id-000001-1', 1)).toBeUndefined();
    expect(doubt('id-000001-4', 101)).toBeUndefined();
    expect(doubt('id-000001-4', 132)).toBeUndefined();
    expect(doubt('id-000001-4', 1)).toBe('id-000001-4 is on a desk phone, the record says 1.');
    expect(doubt('id-000001-1', 101)).toBe('id-000001-1 is on line 1, the record says 101.');
    expect(doubt('id-000001-2', 2)).toBe('id-000001-2 is no ID of this gateway.');
  });
});
