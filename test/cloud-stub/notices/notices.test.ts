import { describe, expect, it } from 'vitest';
import { ROWS } from '../../../cloud-stub/coverage/facts.ts';
import { NOTICES, noticesAt } from '../../../cloud-stub/notices/index.ts';

describe('notices to customers', () => {
  it('carry every fact that the list puts here, and none that the list does not have', () => {
    const here = ROWS.filter((row) => row.where === 'cloud-stub/notices/').map((row) => row.id);
    const carried = new Set(NOTICES.flatMap((notice) => notice.facts));
    expect(here.filter((id) => !carried.has(id))).toEqual([]);
    const known = new Set(ROWS.map((row) => row.id));
    expect([...carried].filter((id) => !known.has(id))).toEqual([]);
  });

  it('have one id each, a fact, and a text in both languages', () => {
    const keys = NOTICES.map((notice) => `${notice.product} ${notice.id}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const notice of NOTICES) {
      expect(notice.facts).not.toEqual([]);
      expect(notice.ja).toMatch(/[ぁ-ん].*。$/);
      expect(notice.en).toMatch(/^[A-Z].*\.$/);
      expect(notice.en).not.toMatch(/[ぁ-ん]/);
    }
  });

  it('are read by product and place', () => {
    const ids = noticesAt('order', 'answering').map((notice) => notice.id);
    expect(ids).toEqual(['start.checks', 'line.any', 'line.carriers', 'intended.use']);
    expect(noticesAt('device', 'answering')).toEqual([]);
  });

  it('that are of the past are in the archive, and there alone', () => {
    const past = new Set(ROWS.filter((row) => row.class === 'history').map((row) => row.id));
    for (const notice of NOTICES)
      expect([notice.id, notice.facts.some((fact) => past.has(fact))]).toEqual([
        notice.id,
        notice.shown === 'archive',
      ]);
  });
});
