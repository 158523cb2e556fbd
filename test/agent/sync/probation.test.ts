import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configDiffOf } from '../../../agent/config-diff-of.ts';
import { createHealth, type HealthRegistry } from '../../../agent/health/index.ts';
import { ConfigFiles } from '../../../agent/store/config-files.ts';
import { type DiskFiles, machineDisk } from '../../../agent/store/disk.ts';
import { ConfigDesk } from '../../../agent/sync/config-desk.ts';
import {
  beginProbation,
  FAILING_MOST_MS,
  type HealthSeen,
  judge,
  LOOK_MS,
  PROBATION_MS,
  type ProbationStep,
  STARTS_MOST,
  stepProbation,
  UNCLEAR_MOST_MS,
} from '../../../agent/sync/probation.ts';
import { ok, type Result } from '../../../lib/base/errors.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { reportedConfig } from '../../../lib/contract/facts.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { configKeys, signedSite, siteOf, TEST_GATEWAY } from '../../support/site-config.ts';

const WELL: HealthSeen = {
  accounts: [
    { user: 'one', madeFrom: 'a', registered: true },
    { user: 'two', madeFrom: 'a', registered: false },
  ],
  board: true,
  cloud: true,
  phones: [
    { mac: '000b82000001', registered: true },
    { mac: '000b82000002', registered: true },
    { mac: '000b82000003', registered: false },
  ],
};
const NAME = { rev: 2, issuedAt: 2, sha256: 'b' };

/** `madeFrom` of the first account, and whether it is registered. */
function withAccount(madeFrom: string, registered: boolean): HealthSeen {
  const [, two] = WELL.accounts;
  return { ...WELL, accounts: [{ user: 'one', madeFrom, registered }, ...(two === undefined ? [] : [two])] };
}

describe('a look at a box with a new configuration', () => {
  it('finds only what worked before worse', () => {
    expect(judge(WELL, WELL)).toEqual({ is: 'healthy' });
    expect(judge(WELL, { ...WELL, board: false })).toMatchObject({ is: 'failing', signal: 'board' });
    expect(judge({ ...WELL, board: false }, { ...WELL, board: false })).toEqual({ is: 'healthy' });
    const added = { user: 'new', madeFrom: 'x', registered: false };
    expect(judge(WELL, { ...WELL, accounts: [...WELL.accounts, added] })).toEqual({ is: 'healthy' });
    expect(judge(WELL, { ...WELL, accounts: [], phones: [] })).toEqual({ is: 'healthy' });
  });

  it('blames a configuration for an account that it changed, and waits with one that it did not touch', () => {
    expect(judge(WELL, withAccount('b', false))).toMatchObject({ is: 'failing', signal: 'trunk' });
    expect(judge(WELL, withAccount('a', false))).toMatchObject({ is: 'unclear', signal: 'trunk' });
    expect(judge(WELL, { ...withAccount('b', false), cloud: false })).toMatchObject({ is: 'unclear' });
  });

  it('takes one phone that is gone for unplugged, and most of them for lost', () => {
    const phones = (...up: boolean[]) => ({
      ...WELL,
      phones: WELL.phones.map(({ mac }, index) => ({ mac, registered: up[index] ?? false })),
    });
    expect(judge(WELL, phones(true, false))).toEqual({ is: 'healthy' });
    expect(judge(WELL, phones(false, false))).toMatchObject({ is: 'failing', signal: 'phones' });
  });
});

describe('a probation', () => {
  /** Looks every 5 s at what the script shows, until it ends or the time is over. */
  function watch(
    seenAt: (ms: number) => HealthSeen,
    untilMs: number,
  ): { readonly atMs: number; step: ProbationStep } {
    let step: ProbationStep = { at: 'probation', probation: beginProbation(NAME, WELL, 0) };
    for (let atMs = LOOK_MS; atMs <= untilMs; atMs += LOOK_MS) {
      if (step.at !== 'probation') break;
      step = stepProbation(step.probation, seenAt(atMs), atMs);
      if (step.at !== 'probation') return { atMs, step };
    }
    return { atMs: untilMs, step };
  }

  it('ends well after two minutes of health', () => {
    expect(watch(() => WELL, 600_000)).toEqual({ atMs: PROBATION_MS, step: { at: 'kept' } });
  });

  it('ends badly after a minute without what worked, and names it', () => {
    const { atMs, step } = watch(() => withAccount('b', false), 600_000);
    expect(atMs).toBe(FAILING_MOST_MS + LOOK_MS);
    expect(step).toMatchObject({ at: 'rolledBack', reason: { code: 'probation.trunk', fault: 'peer' } });
    expect(step.at === 'rolledBack' && step.reason.say).toContain('one is not registered');
  });

  it('forgives a registration that takes 50 s', () => {
    const { step } = watch((ms) => withAccount('b', ms > 50_000), 600_000);
    expect(step).toEqual({ at: 'kept' });
  });

  it('does not count time in which it cannot be judged, and gives up after a quarter of an hour of it', () => {
    const away = { ...WELL, cloud: false };
    const back = watch((ms) => (ms < 300_000 ? away : WELL), 900_000);
    expect(back).toEqual({ atMs: 300_000 + PROBATION_MS - LOOK_MS, step: { at: 'kept' } });
    const { atMs, step } = watch(() => away, 2_000_000);
    expect(atMs).toBe(UNCLEAR_MOST_MS + LOOK_MS);
    expect(step).toMatchObject({ at: 'rolledBack', reason: { code: 'probation.cloud' } });
  });

  it('is over within the limits, whatever is seen', () => {
    const look = fc.constantFrom(
      WELL,
      { ...WELL, cloud: false },
      { ...WELL, board: false },
      withAccount('b', false),
    );
    fc.assert(
      fc.property(fc.array(look, { minLength: 1, maxLength: 30 }), fc.nat({ max: 3 }), (looks, held) => {
        // What is seen at the end stays: then it ends, one way or the other.
        const seen = (ms: number): HealthSeen =>
          looks[Math.min(looks.length - 1, Math.floor(ms / LOOK_MS / (held + 1)))] ?? WELL;
        const last = looks.at(-1);
        const { step } = watch(seen, 30 * LOOK_MS * 4 + UNCLEAR_MOST_MS + 2 * PROBATION_MS);
        expect(step.at).not.toBe('probation');
        if (last !== WELL && looks.length === 1) expect(step.at).toBe('rolledBack');
      }),
    );
  });
});

describe('the desk of configurations', () => {
  const keys = configKeys();
  let folder: string;
  let clock: VirtualClock;
  let health: HealthRegistry;
  let seen: HealthSeen;
  let running: string[];
  let emergency: boolean;
  let reports: number;
  let desk: ConfigDesk;
  /** The disk takes no byte more. */
  let full: boolean;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'engawa-probation-'));
    clock = new VirtualClock();
    seen = WELL;
    running = [];
    emergency = false;
    full = false;
    boot();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const disk: DiskFiles = {
    ...machineDisk.files,
    writeSync(handle, bytes, offset) {
      if (full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      return machineDisk.files.writeSync(handle, bytes, offset);
    },
  };

  /** As after a start of the agent. */
  function boot(): void {
    health = createHealth(clock);
    reports = 0;
    desk = new ConfigDesk({
      gateway: TEST_GATEWAY,
      configKey: keys.publicKey,
      config: new ConfigFiles(folder, TEST_GATEWAY, (say) => health.raise('config.damaged', say), disk),
      apply: (config: SiteConfig): Result<void> => {
        running.push(config.office);
        return ok(undefined);
      },
      healthSeen: () => seen,
      holdOff: () => emergency,
      health,
      clock,
      log: silentLog(),
      changed: () => undefined,
      report: () => {
        reports++;
      },
    });
    desk.start();
  }

  function publish(rev: number): void {
    desk.received(signedSite(keys.privateKey, rev, siteOf({ office: `office ${rev}` })));
  }

  function reported() {
    return reportedConfig.parse(desk.reported);
  }

  it('keeps the first one at once: there is nothing to go back to', () => {
    seen = { ...WELL, board: false };
    publish(1);
    expect(reported()).toMatchObject({ state: 'applied', appliedRev: 1 });
    expect(reported().onProbation).toBeUndefined();
  });

  it('watches the next one, and says when it is kept', () => {
    publish(1);
    publish(2);
    expect(reported()).toMatchObject({ state: 'applied', appliedRev: 2, onProbation: true });
    clock.advance(PROBATION_MS + LOOK_MS);
    expect(configDiffOf(new ConfigFiles(folder, TEST_GATEWAY, () => undefined))).toMatchObject({
      compared: { from: 1, to: 2, takenBack: false },
      changes: [{ where: 'office' }],
    });
    expect(reported().onProbation).toBeUndefined();
    expect(reports).toBe(3);
    seen = { ...WELL, board: false };
    clock.advance(10 * UNCLEAR_MOST_MS);
    expect(running.at(-1)).toBe('office 2');
  });

  it('takes back one that the box is worse with, tells why, and does not try it again, not even after a start', () => {
    publish(1);
    publish(2);
    seen = withAccount('b', false);
    clock.advance(FAILING_MOST_MS + 2 * LOOK_MS);
    expect(running.at(-1)).toBe('office 1');
    expect(reported()).toMatchObject({
      state: 'rolledBack',
      appliedRev: 1,
      desiredRev: 2,
      refusal: { code: 'probation.trunk' },
    });
    expect(health.list()).toMatchObject([{ code: 'W-CFG-504' }]);
    const files = new ConfigFiles(folder, TEST_GATEWAY, () => undefined);
    expect(configDiffOf(files)).toEqual({
      compared: { from: 1, to: 2, takenBack: true },
      changes: [{ where: 'office', kind: 'changed', before: 'office 1', after: 'office 2' }],
    });
    const tried = running.length;
    publish(2);
    publish(2);
    expect(running).toHaveLength(tried);
    desk.stop();
    boot();
    expect(reported()).toMatchObject({ state: 'rolledBack', appliedRev: 1, desiredRev: 2 });
    publish(2);
    expect(running.at(-1)).toBe('office 1');
    publish(3);
    expect(running.at(-1)).toBe('office 3');
    desk.stop();
    boot();
    expect(reported()).toMatchObject({ state: 'applied', appliedRev: 3, desiredRev: 3 });
  });

  it('goes back to the last one that was believed, over one that was not', () => {
    publish(1);
    publish(2);
    clock.advance(LOOK_MS);
    publish(3);
    seen = { ...WELL, board: false };
    clock.advance(FAILING_MOST_MS + 2 * LOOK_MS);
    expect(running.at(-1)).toBe('office 1');
  });

  /** Revisions of the files: that of the next start, and its spare. */
  function onDisk(): readonly unknown[] {
    return ['config.json', 'config.previous.json'].map(
      (name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { rev: unknown }).rev,
    );
  }

  function kept(...revs: readonly number[]): void {
    for (const rev of revs) {
      publish(rev);
      clock.advance(PROBATION_MS + LOOK_MS);
    }
  }

  function fails(): void {
    seen = { ...WELL, board: false };
    clock.advance(FAILING_MOST_MS + 2 * LOOK_MS);
    seen = WELL;
  }

  it('goes back to what lies on the disk, not behind it, when the disk had refused the one that is taken back', () => {
    kept(1, 2);
    full = true;
    publish(3);
    expect(running.at(-1)).toBe('office 3');
    expect(health.list().map(({ code }) => code)).toEqual(['W-STO-702']);
    full = false;
    fails();
    expect(running.at(-1)).toBe('office 2');
    expect(onDisk()).toEqual([2, 1]);
    expect(health.list().map(({ code }) => code)).toEqual(['W-CFG-504']);
    desk.stop();
    boot();
    expect(running.at(-1)).toBe('office 2');
    publish(3);
    expect(running.at(-1)).toBe('office 2');
    expect(reported()).toMatchObject({ state: 'rolledBack', appliedRev: 2, desiredRev: 3 });
  });

  it('stores one that the disk had refused when it is kept, and goes back to it from then on', () => {
    kept(1, 2);
    full = true;
    publish(3);
    full = false;
    clock.advance(PROBATION_MS + LOOK_MS);
    expect(onDisk()).toEqual([3, 2]);
    expect(health.list()).toEqual([]);
    publish(4);
    fails();
    expect([running.at(-1), ...onDisk()]).toEqual(['office 3', 3, 3]);
  });

  it('stores the one that it goes back to, where the disk had refused that as well', () => {
    kept(1, 2);
    full = true;
    kept(3);
    publish(4);
    full = false;
    fails();
    expect(running.at(-1)).toBe('office 3');
    expect(onDisk()).toEqual([3, 2]);
    expect(health.list().map(({ code }) => code)).toEqual(['W-CFG-504']);
  });

  it('watches on after a start in the middle, and falls back when the agent does not stay up', () => {
    publish(1);
    publish(2);
    for (let start = 2; start <= STARTS_MOST; start++) {
      desk.stop();
      boot();
      expect(reported()).toMatchObject({ appliedRev: 2, onProbation: true });
    }
    desk.stop();
    boot();
    expect(running.at(-1)).toBe('office 1');
    // Before the service has said anything: a technician looks now.
    const taken = { state: 'rolledBack', appliedRev: 1, desiredRev: 2 };
    expect(reported()).toMatchObject({ ...taken, refusal: { code: 'probation.restarts' } });
    publish(2);
    expect(reported()).toMatchObject({ state: 'rolledBack', refusal: { code: 'probation.restarts' } });
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toMatchObject({ rev: 1 });
  });

  it('changes nothing under an emergency call, and everything after it', () => {
    publish(1);
    emergency = true;
    publish(2);
    clock.advance(60_000);
    expect(running.at(-1)).toBe('office 1');
    emergency = false;
    clock.advance(LOOK_MS);
    expect(running.at(-1)).toBe('office 2');
    emergency = true;
    seen = { ...WELL, board: false };
    clock.advance(10 * FAILING_MOST_MS);
    expect(running.at(-1)).toBe('office 2');
    emergency = false;
    clock.advance(LOOK_MS);
    expect(running.at(-1)).toBe('office 1');
  });
});
