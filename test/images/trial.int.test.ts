import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BootState } from '../../images/boot/boot-state.ts';
import { BootMedium } from './boot-medium.ts';

const FACTORY: BootState = { order: ['a', 'b'], left: { a: 3, b: 3 }, trial: null, turn: 0 };

let medium: BootMedium;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-trial-'));
  medium = new BootMedium();
  medium.write(FACTORY, { ...FACTORY, turn: 1 });
  medium.start();
});
afterEach(() => {
  medium.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** An update of slot B that has started. */
function updated(): void {
  medium.tool('set-primary', 'b');
  expect(medium.start()).toBe('b');
}

const endProbation = (callUp: string): string =>
  medium.program('end-probation', { RESTART: 'echo starts again', CALL_UP: callUp });

describe('a system that has come so far that the agent is ready', () => {
  it('has all its tries again, when nobody doubts it', () => {
    const before = medium.tool('show');
    medium.program('confirm-slot');
    expect(medium.tool('show')).not.toBe(before);
    for (let start = 0; start < 3; start++) expect(medium.start()).toBe('a');
  });

  it('has no more tries for that while it is on trial', () => {
    updated();
    const left = /left_b=[0-9]+/.exec(medium.tool('show'))?.[0];
    expect(medium.program('confirm-slot')).toContain('on trial');
    expect(medium.tool('show')).toContain(left);
    expect(medium.tool('show')).toContain('trial=b');
  });
});

describe('the end of a probation', () => {
  it('leaves a system alone that is not on trial', () => {
    expect(endProbation(join(folder, 'none'))).toBe('');
    updated();
    medium.tool('set-state', 'b', 'good');
    expect(endProbation(join(folder, 'none'))).toBe('');
    expect(medium.start()).toBe('b');
  });

  it('starts the other system where nobody found this one healthy', () => {
    updated();
    expect(endProbation(join(folder, 'none'))).toContain('starts again');
    expect(medium.start()).toBe('a');
  });

  it('waits for a call, and not for one that the agent has long stopped speaking of', () => {
    updated();
    const file = join(folder, 'call-up');
    writeFileSync(file, '');
    const longAgo = Date.now() / 1_000 - 60;
    utimesSync(file, longAgo, longAgo);
    expect(endProbation(file)).toContain('starts again');
  });
});
