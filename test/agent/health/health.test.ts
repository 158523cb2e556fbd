import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createHealth, resolveWarning, warningKinds } from '../../../agent/health/index.ts';
import { UNKNOWN_WARNING } from '../../../agent/health/registry.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

describe('the registry of warnings', () => {
  it('gives every code a meaning, a remedy and a next command', () => {
    for (const kind of warningKinds) {
      expect(kind.code).toMatch(/^W-[A-Z]{3}-[0-9]{3}$/);
      expect(kind.means.length).toBeGreaterThan(20);
      expect(kind.remedy.length).toBeGreaterThan(20);
      expect(kind.command).toMatch(/^engawa /);
    }
  });

  it('stands whole in the README', () => {
    const readme = readFileSync('agent/health/README.md', 'utf8');
    for (const kind of warningKinds) {
      expect(readme).toContain(`| ${kind.code} |`);
      expect(readme).toContain(kind.means);
    }
  });

  it('has no code and no alias twice', () => {
    const names = warningKinds.flatMap((kind) => [
      kind.code,
      ...(kind.aliases ?? []),
      ...(kind.endedBy ?? []),
    ]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('knows every code that is raised or cleared anywhere in the agent', () => {
    const unknown: string[] = [];
    for (const file of globSync(['agent/**/*.ts', 'hal/driver/*.ts'])) {
      const text = readFileSync(file, 'utf8');
      // The board and the media process raise by events of theirs: `warn('board.garbage', …)`.
      for (const match of text.matchAll(/(?:\.raise|\.clear|[wW]arn)\(\s*(['"`])([A-Za-z][\w.-]*)/g)) {
        // A template ends where its variable begins: `cloud.${why}`.
        const name = match[2] ?? '';
        const known = name.endsWith('.')
          ? warningKinds.some((kind) => kind.aliases?.some((alias) => alias.startsWith(name)))
          : resolveWarning(name).kind !== UNKNOWN_WARNING;
        if (!known) unknown.push(`${file}: ${name}`);
      }
    }
    expect(unknown).toEqual([]);
  });
});

describe('the health of the box', () => {
  it('lists errors first, then what is older', () => {
    const clock = new VirtualClock();
    const health = createHealth(clock);
    health.raise('cloud.away', 'a');
    clock.advance(1_000);
    health.raise('W-CFG-501', 'b');
    clock.advance(1_000);
    health.raise('board.absent', 'c');
    expect(health.list().map((warning) => warning.code)).toEqual(['W-BRD-101', 'W-CLD-401', 'W-CFG-501']);
  });

  it('keeps since when, however often it is raised, and takes the newest sentence', () => {
    const clock = new VirtualClock();
    const health = createHealth(clock);
    const since = clock.now();
    let changes = 0;
    health.onChange(() => changes++);
    health.raise('board.absent', 'first');
    health.raise('board.absent', 'first');
    clock.advance(9_000);
    health.raise('W-BRD-101', 'second');
    expect(health.list()).toMatchObject([{ code: 'W-BRD-101', say: 'second', sinceMs: since }]);
    expect(changes).toBe(2);
    health.clear('board.absent');
    health.clear('board.absent');
    expect(health.list()).toEqual([]);
    expect(changes).toBe(3);
  });

  it('tells lines apart', () => {
    const health = createHealth(new VirtualClock());
    health.raise('trunk.notRegistered/1', 'one');
    health.raise('trunk.notRegistered/2', 'two');
    health.clear('W-TRK-301/1');
    expect(health.list()).toMatchObject([{ code: 'W-TRK-301/2', say: 'two', severity: 'error' }]);
  });

  it('lets go of what tells of a moment, when it has not come again for ten minutes', () => {
    const clock = new VirtualClock();
    const health = createHealth(clock);
    health.raise('board.garbage', 'x');
    clock.advance(9 * 60_000);
    health.raise('board.garbage', 'x');
    clock.advance(9 * 60_000);
    expect(health.list()).toMatchObject([{ code: 'W-BRD-103' }]);
    clock.advance(60_000);
    expect(health.list()).toEqual([]);
    expect(clock.names()).toEqual([]);
  });

  it('takes good news for the end of a warning', () => {
    const health = createHealth(new VirtualClock());
    health.raise('board.powerFail', 'x');
    expect(health.list()).toMatchObject([{ code: 'W-BRD-111' }]);
    health.raise('board.powerGood', 'y');
    expect(health.list()).toEqual([]);
  });

  it('shows a code without a text rather than falling over', () => {
    const health = createHealth(new VirtualClock());
    health.raise('no.such', 'what now');
    expect(health.list()).toMatchObject([{ code: 'W-AGT-999/no.such', say: 'what now' }]);
    health.clear('no.such');
    expect(health.list()).toEqual([]);
  });

  it('is bounded, and counts what it does not keep', () => {
    const health = createHealth(new VirtualClock());
    for (let n = 0; n < 500; n++) health.raise(`trunk.notRegistered/${n}`, 'x'.repeat(10_000));
    expect(health.list()).toHaveLength(200);
    expect(health.dropped).toBe(300);
    expect(health.list()[0]?.say).toHaveLength(300);
  });
});
