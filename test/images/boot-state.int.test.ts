import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BootState, bootStateCopy } from '../../images/boot/boot-state.ts';
import { BOOT_STATE_BYTES, BOOT_STATE_SECOND_AT_BYTES } from '../../images/layout.ts';

const TOOL = join(import.meta.dirname, '../../images/rootfs/usr/lib/engawa/boot-state');

let folder = '';
let device = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-boot-'));
  device = join(folder, 'medium');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A medium with the two copies that are given; `null` is a copy that a power cut spoilt. */
function medium(first: BootState | null, second: BootState | null): void {
  const bytes = Buffer.alloc(1024 * 1024, 0xa5);
  if (first !== null) bootStateCopy(first, BOOT_STATE_BYTES).copy(bytes, 0);
  if (second !== null) bootStateCopy(second, BOOT_STATE_BYTES).copy(bytes, BOOT_STATE_SECOND_AT_BYTES);
  writeFileSync(device, bytes);
}

function tool(...words: string[]): string {
  const env = { ...process.env, BOOT_STATE_DEVICE: device, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
  return execFileSync('sh', [TOOL, ...words], { encoding: 'utf8', env }).trim();
}

/** Which of the two copies changed since `before`. */
function changed(before: Buffer): string[] {
  const now = readFileSync(device);
  const part = (from: number) =>
    now.subarray(from, from + BOOT_STATE_BYTES).equals(before.subarray(from, from + BOOT_STATE_BYTES));
  return [...(part(0) ? [] : ['first']), ...(part(BOOT_STATE_SECOND_AT_BYTES) ? [] : ['second'])];
}

const state = (turn: 0 | 1 | 2, order: BootState['order'] = ['a', 'b'], a = 3, b = 3): BootState => ({
  order,
  left: { a, b },
  turn,
});

describe('the boot state, as RAUC asks for it', () => {
  it.each([
    [0, 1, 'b'],
    [1, 2, 'b'],
    [2, 0, 'b'],
    [1, 0, 'a'],
    [2, 1, 'a'],
    [0, 2, 'a'],
  ] as const)('of turns %d and %d the newer copy holds', (first, second, slot) => {
    medium(state(first, ['a', 'b']), state(second, ['b', 'a']));
    expect(tool('get-primary')).toBe(slot);
  });

  it('writes over the older copy alone, and the next change over the other', () => {
    medium(state(0), state(1));
    const first = readFileSync(device);
    tool('set-primary', 'b');
    expect(changed(first)).toEqual(['first']);
    const second = readFileSync(device);
    tool('set-state', 'a', 'bad');
    expect(changed(second)).toEqual(['second']);
    expect(tool('show')).toBe('order=b\nleft_a=0\nleft_b=3\nturn=0');
  });

  it('goes by the other copy when a power cut spoilt one', () => {
    medium(null, state(2, ['b', 'a'], 0, 2));
    expect(tool('get-primary')).toBe('b');
    expect(tool('get-state', 'a')).toBe('bad');
    const before = readFileSync(device);
    tool('set-state', 'a', 'good');
    expect(changed(before)).toEqual(['first']);
  });

  it('starts with slot A when both copies are spoilt', () => {
    medium(null, null);
    expect(tool('show')).toBe('order=a b\nleft_a=3\nleft_b=3\nturn=0');
    tool('set-state', 'b', 'bad');
    expect(tool('show')).toBe('order=a\nleft_a=3\nleft_b=0\nturn=1');
  });

  it('passes over a slot without tries', () => {
    medium(state(0, ['b', 'a'], 3, 0), null);
    expect(tool('get-primary')).toBe('a');
    expect(tool('get-state', 'b')).toBe('bad');
    tool('set-state', 'b', 'good');
    expect(tool('get-primary')).toBe('b');
  });

  it('refuses what is no state of a slot', () => {
    medium(state(0), state(1));
    expect(() => tool('set-state', 'a', 'splendid')).toThrow(/good or bad/);
  });
});
