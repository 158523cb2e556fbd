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

/** Watches as the box does: what its clock says since the start, how often the agent has ended, whether somebody talks. */
function watch(now: { upS: number; ends: number | string; callUp?: string }): string {
  const uptime = join(folder, 'uptime');
  writeFileSync(uptime, `${now.upS}.25 99.00\n`);
  return medium.program('watch-trial', {
    ...{ RESTART: 'echo starts again', CALL_UP: now.callUp ?? join(folder, 'none'), UPTIME: uptime },
    ...{ AGENT_ENDS: typeof now.ends === 'string' ? now.ends : `echo ${now.ends}`, LOOK_EVERY_S: '0.05' },
  });
}

/** A count of ends that changes from look to look; after the last one somebody finds the system healthy. */
function endsThenHealthy(...counts: readonly number[]): string {
  const script = join(folder, 'ends');
  const tool = join(import.meta.dirname, '../../images/rootfs/usr/lib/engawa/boot-state');
  const seen = join(folder, 'seen');
  writeFileSync(
    script,
    `n=$(cat ${seen} 2>/dev/null || echo 0); echo $((n+1)) >${seen}; set -- ${counts.join(' ')}
[ $((n+1)) -lt $# ] || sh ${tool} set-state b good >/dev/null
shift $n; echo $1\n`,
  );
  return `sh ${script}`;
}

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

describe('the watch over a system on trial', () => {
  it('leaves a system alone that is not on trial', () => {
    expect(watch({ upS: 1_000, ends: 9 })).toBe('');
    updated();
    medium.tool('set-state', 'b', 'good');
    expect(watch({ upS: 1_000, ends: 9 })).toBe('');
    expect(medium.start()).toBe('b');
  });

  it('starts the other system where nobody found this one healthy in 12 minutes', () => {
    updated();
    const said = watch({ upS: 720, ends: 0 });
    expect(said).toContain('nobody found it healthy');
    expect(said).toContain('starts again');
    expect(medium.start()).toBe('a');
  });

  it('starts the other system at the fifth end of the agent', () => {
    updated();
    expect(watch({ upS: 40, ends: 5 })).toContain('its agent has ended 5 times');
    expect(medium.start()).toBe('a');
  });

  it('goes on looking while the agent has time and tries, and ends when the system is found healthy', () => {
    updated();
    expect(watch({ upS: 719, ends: endsThenHealthy(0, 1, 4, 4) })).toBe('');
    expect(medium.tool('show')).toContain('left_b=9');
    expect(medium.start()).toBe('b');
  });

  it('waits for a call, and not for one that the agent has long stopped speaking of', () => {
    updated();
    const file = join(folder, 'call-up');
    writeFileSync(file, '');
    const longAgo = Date.now() / 1_000 - 60;
    utimesSync(file, longAgo, longAgo);
    expect(watch({ upS: 800, ends: 0, callUp: file })).toContain('starts again');
  });
});
