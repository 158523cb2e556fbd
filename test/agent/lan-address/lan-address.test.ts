import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHealth } from '../../../agent/health/index.ts';
import { LanAddressKeeper } from '../../../agent/lan-address/index.ts';
import {
  type LanAddressWish,
  readLanAddress,
  readWish,
  writeLanAddress,
} from '../../../agent/lan-address/lan-address.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { Ipv4Subnet } from '../../../lib/net/ipv4.ts';
import { net } from './sample-port.ts';

const refusal = (wish: LanAddressWish, others: readonly Ipv4Subnet[] = []): string | undefined => {
  const read = readWish(wish, others);
  return read.ok ? undefined : read.error.code;
};

describe('the wish for an address', () => {
  it('is an address of a device, with its prefix', () => {
    expect(readWish({ address: '192.168.58.1/24' }, [])).toEqual({
      ok: true,
      value: { how: 'fixed', subnet: net('192.168.58.1/24'), router: undefined, nameServers: [] },
    });
    expect(readWish({ address: 'given' }, [])).toEqual({ ok: true, value: { how: 'given' } });
  });

  it.each([
    ['192.168.58.1', 'lanAddress.unreadable'],
    ['192.168.58.1/', 'lanAddress.unreadable'],
    ['192.168.58.1/33', 'lanAddress.unreadable'],
    ['192.168.58.1/024', 'lanAddress.unreadable'],
    ['192.168.58.1/24/24', 'lanAddress.unreadable'],
    ['192.168.58/24', 'lanAddress.unreadable'],
    ['', 'lanAddress.unreadable'],
    ['192.168.58.1/31', 'lanAddress.unusable'],
    ['10.0.0.1/7', 'lanAddress.unusable'],
    ['192.168.58.0/24', 'lanAddress.unusable'],
    ['192.168.58.255/24', 'lanAddress.unusable'],
    ['127.0.0.2/8', 'lanAddress.unusable'],
    ['169.254.3.4/16', 'lanAddress.unusable'],
    ['224.0.0.1/24', 'lanAddress.unusable'],
    ['0.1.2.3/24', 'lanAddress.unusable'],
  ])('%j is refused as %s', (address, code) => {
    expect(refusal({ address })).toBe(code);
  });

  it('has a router that is another device there, and name servers that resolvers can ask', () => {
    const address = '192.168.58.1/24';
    for (const router of ['192.168.59.1', '192.168.58.1', '192.168.58.255', 'router'])
      expect(refusal({ address, router }), router).toBe('lanAddress.router');
    expect(refusal({ address, nameServers: ['1.1.1.1', 'dns.example'] })).toBe('lanAddress.nameServer');
    expect(refusal({ address, nameServers: ['1.1.1.1', '1.0.0.1', '8.8.8.8', '8.8.4.4'] })).toBe(
      'lanAddress.nameServer',
    );
    expect(refusal({ address: 'given', router: '192.168.58.254' })).toBe('lanAddress.unreadable');
  });

  it('is not in the network of another port', () => {
    for (const other of ['192.168.58.77/24', '192.168.0.1/16', '192.168.58.129/25'])
      expect(refusal({ address: '192.168.58.1/24' }, [net(other)]), other).toBe('lanAddress.overlaps');
    expect(refusal({ address: '192.168.58.1/24' }, [net('192.168.59.1/24')])).toBeUndefined();
  });

  it('is read from the disk as it was written', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const host = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));
    const wish = fc.record({
      address: fc.tuple(host, fc.integer({ min: 0, max: 34 })).map(([one, bits]) => `${one}/${bits}`),
      router: fc.option(host, { nil: undefined }),
      nameServers: fc.array(host, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(wish, (asked) => {
        const read = readWish(asked, []);
        if (read.ok) expect(readLanAddress(writeLanAddress(read.value))).toEqual(read.value);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is none where the file is spoilt', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => void readLanAddress(text)));
    for (const text of ['', 'address', 'address x', 'address 192.168.58.1/24\nrouter 10.0.0.1'])
      expect(readLanAddress(text), text).toEqual({ how: 'given' });
  });
});

describe('the address of the LAN port', () => {
  let folder: string;
  let has: Ipv4Subnet | undefined;
  let calls: number;
  let clock: VirtualClock;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'engawa-address-'));
    has = net('169.254.7.7/16');
    calls = 0;
    clock = new VirtualClock(0);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function keeper(file: string | null = join(folder, 'lan-address')) {
    const health = createHealth(clock);
    const others = () => [net('203.0.113.9/24')];
    const made = new LanAddressKeeper({
      ...{ device: 'lan', file: file ?? undefined, has: () => has, others, calls: () => calls },
      ...{ clock, health, log: silentLog() },
    });
    return { made, codes: () => health.list().map(({ code }) => code) };
  }

  it('is written where the system of the box reads it, for nobody else, and outlives the agent', () => {
    const { made } = keeper();
    expect(made.view()).toMatchObject({ fixed: null, has: '169.254.7.7/16', state: 'linkLocal' });
    const set = made.set({ address: '192.168.58.1/24', nameServers: ['1.1.1.1'] }, false);
    expect(set).toMatchObject({
      ok: true,
      value: { state: 'missing', fixed: { address: '192.168.58.1/24' } },
    });
    const file = join(folder, 'lan-address');
    expect(readFileSync(file, 'utf8')).toBe('address 192.168.58.1/24\ndns 1.1.1.1\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    has = net('192.168.58.1/24');
    expect(keeper().made.view()).toMatchObject({ state: 'inForce', fixed: { nameServers: ['1.1.1.1'] } });
    made.set({ address: 'given' }, false);
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('does not cut a call unless it is told to', () => {
    const { made } = keeper();
    calls = 1;
    expect(made.set({ address: '192.168.58.1/24' }, false)).toMatchObject({
      error: { code: 'lanAddress.calls' },
    });
    expect(made.view().fixed).toBeNull();
    expect(made.set({ address: '192.168.58.1/24' }, true).ok).toBe(true);
  });

  it('is not set where the system of a computer has it, nor on a disk that refuses', () => {
    const computer = keeper(null).made;
    expect(computer.view().settable).toBe(false);
    expect(computer.set({ address: '192.168.58.1/24' }, false)).toMatchObject({
      error: { code: 'lanAddress.notHere' },
    });
    const { made } = keeper(join(folder, 'none/lan-address'));
    expect(made.set({ address: '192.168.58.1/24' }, false)).toMatchObject({
      error: { code: 'lanAddress.disk', fault: 'environment' },
    });
  });

  it('is not taken for a given one while the port still has what was fixed', () => {
    const { made } = keeper();
    made.set({ address: '192.168.58.1/24' }, false);
    has = net('192.168.58.1/24');
    made.set({ address: 'given' }, false);
    expect(made.view().state).toBe('missing');
    has = net('192.168.20.9/24');
    expect(made.view().state).toBe('inForce');
    // The LAN may give the very same one.
    has = net('192.168.58.1/24');
    clock.advance(10_000);
    expect(made.view().state).toBe('inForce');
  });

  it('warns after a while when the port has another one, until it has the right one', () => {
    const { made, codes } = keeper();
    writeFileSync(join(folder, 'lan-address'), 'address 192.168.58.1/24\n');
    made.start();
    clock.advance(15_000);
    expect(codes()).toEqual([]);
    clock.advance(10_000);
    expect(codes()).toEqual(['W-LAN-808']);
    has = net('192.168.58.1/24');
    clock.advance(5_000);
    expect(codes()).toEqual([]);
    made.stop();
  });

  it('says nothing of an address that was given', () => {
    const { made, codes } = keeper();
    has = undefined;
    made.start();
    clock.advance(60_000);
    expect(codes()).toEqual([]);
    expect(made.view().state).toBe('missing');
    made.stop();
  });
});
