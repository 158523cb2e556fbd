import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHealth } from '../../../agent/health/index.ts';
import { type LocalChange, withChanges } from '../../../agent/trial/change.ts';
import { type ChangeStore, changeFile, type KeptChanges } from '../../../agent/trial/local-file.ts';
import { SESSION_LIMIT_MS, TrialRoom } from '../../../agent/trial/trial-room.ts';
import { ok, refuse } from '../../../lib/base/errors.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { exampleConfig } from '../calls/office-world.ts';

const LAN: LocalChange = { set: 'lan', mode: 'optionOnly' };
const LOUD: LocalChange = { set: 'line', port: 1, earDb: 3 };
const SWAP: LocalChange = { set: 'port', extension: '11', port: 2 };

/** A trial room over a box that takes everything but what `refuses`. */
function box(kept?: KeptChanges) {
  const clock = new VirtualClock();
  const health = createHealth(clock);
  const disk: { kept: KeptChanges | undefined; broken: boolean } = { kept, broken: false };
  const store: ChangeStore = {
    load: () => disk.kept,
    save: (next) => {
      if (disk.broken) throw new Error('no space left');
      disk.kept = next;
    },
  };
  const world = {
    clock,
    disk,
    runs: exampleConfig(),
    emergency: false,
    refuses: (_config: SiteConfig): boolean => false,
    codes: () => health.list().map(({ code }) => code),
  };
  const room = new TrialRoom({
    ...{ clock, health, store, log: silentLog(), holdOff: () => world.emergency },
    apply: (config) => {
      if (world.refuses(config)) return refuse({ code: 'x', fault: 'peer', say: 'not this' });
      world.runs = config;
      return ok(undefined);
    },
  });
  room.take(exampleConfig());
  return { world, room };
}

const FOR = { forMs: 300_000, by: 'sato', session: false } as const;

describe('a change on trial', () => {
  it('runs at once, and is undone when its time is over', () => {
    const { world, room } = box();
    expect(room.begin([LAN, LOUD], FOR)).toMatchObject({ ok: true });
    expect([world.runs.lan.dhcp.mode, world.runs.lines[0]?.gains.earDb]).toEqual(['optionOnly', 3]);
    expect(world.codes()).toEqual(['W-CFG-512']);
    world.clock.advance(299_000);
    expect(room.state.trial?.leftMs).toBe(1_000);
    world.clock.advance(2_000);
    expect(world.runs).toEqual(exampleConfig());
    expect(room.state).toMatchObject({
      trial: null,
      last: { outcome: 'undone', because: 'time' },
      kept: null,
    });
    expect(world.codes()).toEqual([]);
  });

  it('is undone within a session’s silence, and not while it is heard of', () => {
    const { world, room } = box();
    room.begin([LOUD], { ...FOR, session: true });
    for (let seconds = 0; seconds < 60; seconds += 10) {
      world.clock.advance(10_000);
      expect(room.alive().trial).not.toBeNull();
    }
    world.clock.advance(SESSION_LIMIT_MS + 1_000);
    expect(room.state).toMatchObject({ trial: null, last: { because: 'session' } });
    expect(world.runs).toEqual(exampleConfig());
  });

  it('that is kept outlives a restart, and goes when the service says the same', () => {
    const { world, room } = box();
    room.begin([SWAP], FOR);
    expect(room.keep().ok).toBe(true);
    world.clock.advance(3_600_000);
    expect(world.runs.lines.map(({ port }) => port)).toEqual([2, 1]);
    expect(world.codes()).toEqual(['W-CFG-511']);
    const again = box(world.disk.kept);
    expect(again.world.runs.lines.map(({ port }) => port)).toEqual([2, 1]);
    again.room.take(again.world.runs);
    expect(again.world.disk.kept).toBeUndefined();
    expect(again.world.codes()).toEqual([]);
  });

  it('that was not kept does not outlive a restart', () => {
    const { world, room } = box();
    room.begin([LOUD], FOR);
    expect(box(world.disk.kept).world.runs).toEqual(exampleConfig());
  });

  it('is refused while somebody else tries something, and says who', () => {
    const { room } = box();
    room.begin([LOUD], FOR);
    expect(room.begin([LAN], { ...FOR, by: 'tanaka' })).toMatchObject({
      error: { code: 'trial.running', say: expect.stringContaining('sato tries') },
    });
  });

  it('is refused where the box refuses it, and changes nothing', () => {
    const { world, room } = box();
    world.refuses = (config) => config.lan.dhcp.mode === 'optionOnly';
    expect(room.begin([LAN], FOR)).toMatchObject({ error: { code: 'trial.refused', say: 'not this' } });
    expect(room.begin([{ set: 'line', port: 7, echo: false }], FOR)).toMatchObject({ ok: false });
    expect([world.runs, room.state.trial]).toEqual([exampleConfig(), null]);
  });

  it('lies over a new configuration of the service, which runs without it where it does not fit', () => {
    const { world, room } = box();
    room.begin([LOUD], FOR);
    room.keep();
    room.take({ ...exampleConfig(), office: 'new' });
    expect([world.runs.office, world.runs.lines[0]?.gains.earDb]).toEqual(['new', 3]);
    const alone = { ...exampleConfig(), lines: exampleConfig().lines.slice(1) };
    expect(room.take(alone).ok).toBe(true);
    expect(world.runs).toEqual(alone);
    expect(world.codes()).toEqual(['W-CFG-513', 'W-CFG-511']);
    expect(room.undo(false)).toMatchObject({ error: { code: 'trial.none' } });
    expect(room.undo(true).ok).toBe(true);
    expect(world.codes()).toEqual([]);
  });

  it('is neither begun nor undone under an emergency call', () => {
    const { world, room } = box();
    room.begin([LOUD], { ...FOR, forMs: 5_000 });
    world.emergency = true;
    world.clock.advance(60_000);
    expect(world.runs.lines[0]?.gains.earDb).toBe(3);
    expect(room.undo(false)).toMatchObject({ error: { code: 'trial.emergency' } });
    world.emergency = false;
    world.clock.advance(1_000);
    expect(world.runs).toEqual(exampleConfig());
    world.emergency = true;
    expect(room.begin([LOUD], FOR)).toMatchObject({ error: { code: 'trial.emergency' } });
  });

  it('stays on trial where the disk does not take it', () => {
    const { world, room } = box();
    room.begin([LOUD], FOR);
    world.disk.broken = true;
    expect(room.keep()).toMatchObject({ error: { code: 'trial.disk' } });
    expect(room.state.trial).not.toBeNull();
  });
});

describe('changes', () => {
  it('of ports keep every line on a port of its own', () => {
    const change = fc.record({
      set: fc.constant('port' as const),
      extension: fc.constantFrom('11', '12', '13', '14'),
      port: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const changed = withChanges(exampleConfig({}, 4), changes, 'x');
        const ports = changed.ok ? changed.value.lines.map(({ port }) => port) : [];
        expect(new Set(ports).size).toBe(4);
      }),
    );
  });

  it('name who has looked at the LAN before it gives addresses', () => {
    const changed = withChanges(exampleConfig(), [{ set: 'lan', mode: 'serve' }], 'sato');
    expect(changed.ok && changed.value.lan.dhcp.confirmedBy).toBe('sato');
  });
});

describe('the file of kept changes', () => {
  it('is closed to others, replaced as a whole, and none when it is damaged', () => {
    const folder = mkdtempSync(join(tmpdir(), 'engawa-trial-'));
    try {
      const path = join(folder, 'local.json');
      const file = changeFile(path);
      const kept = { changes: [LOUD, SWAP, LAN], by: 'sato', at: 1 };
      expect(file.load()).toBeUndefined();
      file.save(kept);
      expect([file.load(), statSync(path).mode & 0o777]).toEqual([kept, 0o600]);
      for (const damaged of [
        '',
        '{}',
        JSON.stringify({ v: 1, changes: [{ set: 'root' }], by: 'x', at: 1 }),
      ]) {
        writeFileSync(path, damaged);
        expect(file.load()).toBeUndefined();
      }
      file.save(undefined);
      expect(file.load()).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
