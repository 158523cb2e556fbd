import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeerLatch } from '../../../agent/media/peer-latch.ts';

const made = (): PeerLatch =>
  new PeerLatch({ host: '192.168.7.20', port: 5_004, network: '192.168.7.0', prefix: 24 });

describe('a phone that sends from another address than it says', () => {
  it('is followed inside its own network after three packets in a row', () => {
    const latch = made();
    expect(['a', 'b', 'c'].map(() => latch.judge('192.168.7.33', 6_000))).toEqual(['wait', 'wait', 'latch']);
  });

  it('the described address wins at once', () => {
    const latch = made();
    latch.judge('192.168.7.33', 6_000);
    expect(latch.judge('192.168.7.20', 5_004)).toBe('take');
  });

  it('two that take turns get nowhere, and neither does a port of a service', () => {
    const latch = made();
    const verdicts = Array.from({ length: 20 }, (_, index) =>
      latch.judge(`192.168.7.${30 + (index % 2)}`, 6_000),
    );
    expect(new Set(verdicts)).toEqual(new Set(['wait']));
    expect(latch.judge('192.168.7.33', 53)).toBe('refuse');
  });

  it('nobody outside the network is ever followed, whatever is tried', () => {
    const octet = fc.nat(255);
    fc.assert(
      fc.property(octet, octet, octet, octet, fc.nat(65_535), (a, b, c, d, port) => {
        fc.pre(!(a === 192 && b === 168 && c === 7));
        const latch = made();
        for (let tries = 0; tries < 10; tries++)
          expect(latch.judge(`${a}.${b}.${c}.${d}`, port)).toBe('refuse');
      }),
    );
    for (const odd of ['::1', 'fe80::1', '192.168.7', '192.168.7.300', 'x', '']) {
      expect(made().mayBe(odd, 6_000)).toBe(false);
    }
    expect(
      new PeerLatch({ host: '::2', port: 5, network: 'fe80::', prefix: 16 }).mayBe('fe80::3', 6_000),
    ).toBe(false);
  });
});
