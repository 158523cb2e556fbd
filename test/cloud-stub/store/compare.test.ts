import { describe, expect, it } from 'vitest';
import {
  type BoxSide,
  compareRecords,
  type SwitchSide,
  TALK_TOLERANCE_MS,
} from '../../../cloud-stub/store/compare.ts';

const atSwitch: SwitchSide = {
  direction: 'out',
  id: 'id-000001-1',
  answeredAtMs: 1_000,
  talkMs: 60_000,
  interrupted: false,
  inside: false,
};
const atBox: BoxSide = {
  direction: 'out',
  id: 'id-000001-1',
  answeredAtMs: 1_000,
  talkMs: 60_000,
  interrupted: false,
};

describe('two records of one call', () => {
  it.each([TALK_TOLERANCE_MS, -TALK_TOLERANCE_MS])('agree when they differ by %i ms', (ms) => {
    expect(compareRecords(atSwitch, { ...atBox, talkMs: 60_000 + ms })).toBeNull();
  });

  it.each([
    ['talk one millisecond too long', {}, { talkMs: 62_001 }, /62001 ms, at the switch 60000 ms/],
    [
      'answered at the box only',
      { answeredAtMs: null, talkMs: 0 },
      {},
      /Answered at the box, not at the switch/,
    ],
    [
      'answered at the switch only',
      {},
      { answeredAtMs: null, talkMs: 0 },
      /Answered at the switch, not at the box/,
    ],
    ['another direction', {}, { direction: 'in' as const }, /The box calls it in, the switch out/],
    ['another caller', {}, { id: 'id-000001-2' }, /says that id-000001-2 called, the switch id-000001-1/],
    [
      'another answerer',
      { direction: 'in' as const },
      { direction: 'in' as const, id: 'id-000001-2' },
      /Answered at the box by id-000001-2/,
    ],
    ['an interrupted switch', { interrupted: true, talkMs: 50_000 }, {}, /switch was interrupted/],
  ])('differ: %s', (_name, onSwitch, onBox, say) => {
    expect(compareRecords({ ...atSwitch, ...onSwitch }, { ...atBox, ...onBox })).toMatch(say);
  });

  it('agree when a phone rang in vain because another one answered', () => {
    const ringing: BoxSide = { ...atBox, direction: 'in', id: 'id-000001-2', answeredAtMs: null, talkMs: 0 };
    expect(compareRecords({ ...atSwitch, direction: 'in' }, ringing)).toBeNull();
  });

  it('agree when a phone of the office called the office’s own number', () => {
    const called: BoxSide = { ...atBox, direction: 'in', id: 'id-000001-2' };
    expect(compareRecords({ ...atSwitch, inside: true }, called)).toBeNull();
  });
});
