import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FetchGate, GATE_LIMITS } from '../../../agent/provisioning/fetch-gate.ts';
import type { Ipv4 } from '../../../lib/net/ipv4.ts';
import type { MacAddress } from '../../../lib/net/mac-address.ts';
import { phoneOf } from './phones.ts';
import { DeskBench, ip, MINE, SOURCE } from './world.ts';

const HOUR_S = 3_600;
/** All addresses of one maker's block. */
const BLOCK = 2 ** 24;

let bench: DeskBench;
beforeEach(() => {
  bench = new DeskBench();
  bench.configure();
  bench.desk.approve(MINE, 5);
});
afterEach(() => bench.remove());

const guess = (index: number): string => `/p/cfgc074ad${index.toString(16).padStart(6, '0')}.xml`;

function shutOut(): number {
  const { counts } = bench.desk;
  return (counts['fetch.lockedOut'] ?? 0) + (counts['fetch.tooMany'] ?? 0) + (counts['fetch.busy'] ?? 0);
}

/** How many of an hour's guesses were looked at, and how many were served. */
function attack(sources: readonly Ipv4[], perSecond: number): { looked: number; served: number } {
  let served = 0;
  const before = shutOut();
  for (let second = 0; second < HOUR_S; second++) {
    for (let each = 0; each < perSecond; each++) {
      const index = second * perSecond + each;
      const source = sources[index % sources.length] ?? SOURCE;
      if (bench.fetch(guess(index), source) !== undefined) served += 1;
    }
    bench.clock.advance(1_000);
  }
  return { looked: HOUR_S * perSecond - (shutOut() - before), served };
}

describe('guessing hardware addresses', () => {
  it('one device, 20 a second for an hour: 60 guesses are looked at, none is served', () => {
    const attacker = ip('192.168.21.66');
    bench.neighbours.set(attacker, '020000000066' as MacAddress);
    const { looked, served } = attack([attacker], 20);
    expect({ looked, served }).toEqual({ looked: 60, served: 0 });
    // At this rate a maker's block takes 31 years; the same name is what a guess would need besides.
    expect(BLOCK / looked / 24 / 365).toBeGreaterThan(30);
    expect(bench.warnings.get('phones.guessing')).toContain('192.168.21.66');
  });

  it('a hundred devices at once get no further than 60 each, and the approved phone is served meanwhile', () => {
    const sources = Array.from({ length: 100 }, (_, index) => ip(`192.168.21.${index + 100}`));
    for (const [index, source] of sources.entries()) {
      bench.neighbours.set(source, `0200000001${index.toString(16).padStart(2, '0')}` as MacAddress);
    }
    for (let index = 0; index < 2_000; index++) bench.fetch(guess(index), sources[index % 100]);
    bench.clock.advance(1_000);
    expect(bench.fetch(`/p/cfg${MINE}.xml`)).toContain(bench.desk.accountOf('21')?.password ?? '?');
    const { looked, served } = attack(sources, 20);
    expect(served).toBe(0);
    expect(looked).toBeLessThanOrEqual(60 * sources.length);
    expect(BLOCK / looked / 24).toBeGreaterThan(100);
  });

  it('a device that takes every guessed address for its own is served nothing but an approved phone’s file, once', () => {
    // Whoever can pretend to be the phone in its own five minutes can be the phone: the window is what is left.
    const attacker = ip('192.168.21.66');
    let served = 0;
    for (let index = 0; index < 3_600; index++) {
      const mac = `c074ad${index.toString(16).padStart(6, '0')}` as MacAddress;
      bench.neighbours.set(attacker, mac);
      if (bench.fetch(`/p/cfg${mac}.xml`, attacker) !== undefined) served += 1;
      bench.clock.advance(1_000);
    }
    expect(served).toBe(0);
    expect(bench.desk.list().length).toBeLessThanOrEqual(256);
    bench.neighbours.set(attacker, MINE);
    expect(bench.fetch(`/p/cfg${MINE}.xml`, attacker)).toBeUndefined();
  });

  it('locked out, a device learns nothing: its own file is refused too, until somebody approves', () => {
    for (let index = 0; index < GATE_LIMITS.misses; index++) bench.fetch(guess(index));
    expect(bench.fetch(`/p/cfg${MINE}.xml`)).toBeUndefined();
    bench.clock.advance(GATE_LIMITS.lockMs);
    expect(bench.fetch(`/p/cfg${MINE}.xml`)).toBeDefined();
  });
});

describe('the gate', () => {
  const [one, two] = [ip('10.0.0.1'), ip('10.0.0.2')];

  it('locks out for a minute, then twice as long each time, an hour at most', () => {
    const gate = new FetchGate();
    let nowMs = 0;
    const locks: number[] = [];
    for (let round = 0; round < 8; round++) {
      for (let miss = 0; miss < GATE_LIMITS.misses; miss++) gate.missed(one, nowMs);
      const fromMs = nowMs;
      while (gate.enter(one, nowMs) === 'lockedOut') nowMs += 1_000;
      locks.push((nowMs - fromMs) / 60_000);
    }
    expect(locks).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('a source that asks too often takes nothing from another', () => {
    const gate = new FetchGate();
    const answers = Array.from({ length: 100 }, () => gate.enter(one, 0));
    expect(answers.filter((answer) => answer === 'open')).toHaveLength(GATE_LIMITS.perSource.burst);
    expect(gate.enter(two, 0)).toBe('open');
    expect(gate.enter(one, 1_000)).toBe('open');
  });

  it('all together have a bound too', () => {
    const gate = new FetchGate();
    let open = 0;
    for (let index = 0; index < 1_000; index++) {
      if (gate.enter((0x0a00_0000 + index) as Ipv4, 0) === 'open') open += 1;
    }
    expect(open).toBe(GATE_LIMITS.everybody.burst);
  });

  it('remembers a thousand sources, and who is locked out longer than others', () => {
    const gate = new FetchGate();
    for (let miss = 0; miss < GATE_LIMITS.misses; miss++) gate.missed(one, 0);
    for (let index = 0; index < 5_000; index++) gate.enter((0x0b00_0000 + index) as Ipv4, index);
    expect(gate.enter(one, 5_000)).toBe('lockedOut');
  });

  it('an office of 32 phones that boots at once is served', () => {
    const phones = Array.from({ length: 32 }, (_, index) =>
      phoneOf({ mac: `c074ad0001${index.toString(16).padStart(2, '0')}`, extension: String(30 + index) }),
    );
    bench.configure(phones);
    let served = 0;
    for (const [index, phone] of phones.entries()) {
      const source = ip(`192.168.21.${index + 20}`);
      bench.neighbours.set(source, phone.mac as MacAddress);
      bench.desk.approve(phone.mac as MacAddress, 5);
      for (const name of [`cfg${phone.mac}.xml`, 'phonebook.xml']) {
        if (bench.fetch(`/p/${name}`, source) !== undefined) served += 1;
      }
    }
    expect(served).toBe(64);
  });
});
