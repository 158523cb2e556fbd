import { describe, expect, it } from 'vitest';
import { IFP_PLAYOUT_MS, IfpPlayout } from '../../../../lib/voice/t38/ifp-playout.ts';
import type { ReceivedIfp } from '../../../../lib/voice/t38/udptl-receiver.ts';

const INDICATOR = 0x06;
const DATA = 0xc0;

const ifp = (sequence: number, first: number): ReceivedIfp => ({
  sequence,
  ifp: Uint8Array.of(first),
  recovered: false,
});

describe('handing IFPs to a gateway', () => {
  it('holds an indicator back, and nothing else', () => {
    const playout = new IfpPlayout();
    playout.push([ifp(0, DATA)], 1_000);
    playout.push([ifp(1, INDICATOR)], 1_000);
    expect(playout.due(1_000).map(({ sequence }) => sequence)).toEqual([0]);
    expect(playout.due(1_000 + IFP_PLAYOUT_MS - 1)).toEqual([]);
    expect(playout.due(1_000 + IFP_PLAYOUT_MS).map(({ sequence }) => sequence)).toEqual([1]);
    playout.push([ifp(2, DATA)], 2_000);
    expect(playout.due(2_000).map(({ sequence }) => sequence)).toEqual([2]);
  });

  it('keeps the order: data waits behind an indicator that waits', () => {
    const playout = new IfpPlayout(100);
    playout.push([ifp(0, INDICATOR)], 0);
    playout.push([ifp(1, DATA), ifp(2, DATA)], 30);
    expect(playout.due(99)).toEqual([]);
    expect(playout.due(100).map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
  });

  it('lets a flood through instead of growing', () => {
    const playout = new IfpPlayout(100);
    playout.push(
      Array.from({ length: 1_000 }, (_, sequence) => ifp(sequence, INDICATOR)),
      0,
    );
    expect(playout.due(0)).toHaveLength(744);
    expect(playout.due(100)).toHaveLength(256);
  });
});
