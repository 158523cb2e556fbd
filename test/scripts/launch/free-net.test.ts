import { describe, expect, it } from 'vitest';
import { freeNet, NETS, readSubnet } from '../../../scripts/launch/free-net.ts';

const free = (kept: string, ...used: readonly string[]): string | undefined =>
  freeNet(
    kept,
    used.flatMap((cidr) => readSubnet(cidr) ?? []),
  );

describe('the range of an office’s LAN on a developer’s machine', () => {
  it('is the first that no interface and no route touches', () => {
    expect(free('')).toBe('192.168.58');
    expect(free('', '192.168.58.7/24')).toBe('192.168.59');
    expect(free('', '192.168.58.128/25', '192.168.59.9/32', '10.0.0.0/8', 'default')).toBe('192.168.60');
    expect(free('', '192.168.0.0/18')).toBe('192.168.64');
  });

  it('is the one of before as long as nobody else uses it', () => {
    expect(free('192.168.70')).toBe('192.168.70');
    expect(free('192.168.70', '192.168.70.1/24')).toBe('192.168.58');
    expect(free('10.1.2')).toBe('192.168.58');
  });

  it('is none where a wider network holds them all', () => {
    expect(free(NETS[3] ?? '', '192.168.1.5/16')).toBeUndefined();
    expect(free('', '0.0.0.0/0')).toBeUndefined();
  });
});
