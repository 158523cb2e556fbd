import { describe, expect, it } from 'vitest';
import { INSTALLS_MOST } from '../../../agent/update/step.ts';
import { canRollBack } from '../../../agent/update/take.ts';
import { AT_NIGHT, AT_NOON, Bench, orderOf, releaseOf, SYSTEM, TRIED, WAN_AWAY, WELL } from './sample.ts';

const kinds = (effects: readonly { readonly do: string }[]): readonly string[] =>
  effects.map((each) => each.do);
const activated = { type: 'activated', done: true, say: '' } as const;
const marked = { type: 'marked', as: 'good', done: true, say: '' } as const;
const markedBad = { ...marked, as: 'bad' } as const;

describe('an ordered update', () => {
  it('is fetched, installed, started in its window, and confirmed', () => {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    expect(kinds(bench.look({ wallMs: AT_NOON }))).toEqual(['download']);
    bench.feed({ type: 'fetched', path: '/x' });
    expect(bench.look({ wallMs: AT_NOON })).toEqual([{ do: 'install', path: '/x', version: '1.1.0' }]);
    bench.feed({ type: 'installed' });
    expect(bench.look({ wallMs: AT_NOON })).toEqual([]);
    expect(bench.state.wait).toBe('window');
    expect(kinds(bench.look({ wallMs: AT_NIGHT }))).toEqual(['activate']);
    bench.feed(activated);
    expect(kinds(bench.look())).toEqual(['restart']);
    bench.restart(TRIED, 'boot-2');
    expect(bench.at).toBe('probation');
    expect(kinds(bench.lookFor(70_000))).toEqual(['markGood']);
    bench.feed(marked);
    expect(bench.at).toBe('done');
    expect(bench.state.system?.trial).toBeNull();
  });

  it('waits for the end of a call before it is installed and before it is started', () => {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    bench.look();
    bench.feed({ type: 'fetched', path: '/x' });
    expect(bench.lookFor(600_000, { calls: true })).toEqual([]);
    expect(bench.state.wait).toBe('call');
    expect(kinds(bench.look())).toEqual(['install']);
    bench.feed({ type: 'installed' });
    expect(bench.lookFor(600_000, { calls: true })).toEqual([]);
    expect(bench.state.wait).toBe('call');
  });

  it('waits in a box that does not know the time, and says so; a technician does not wait for that', () => {
    const bench = Bench.installed();
    expect(bench.lookFor(60_000, { wallMs: null })).toEqual([]);
    expect(bench.state.wait).toBe('clock');
    bench.feed({ type: 'now' });
    expect(kinds(bench.look({ wallMs: null }))).toEqual(['activate']);
  });

  it('that nobody tells the time is started at last, after a day and six hours in which nobody talked', () => {
    const HOUR_MS = 3_600_000;
    const bench = Bench.installed();
    const blind = { wallMs: null };
    expect(bench.lookFor(23 * HOUR_MS, blind)).toEqual([]);
    bench.look({ ...blind, calls: true });
    expect(bench.lookFor(5.9 * HOUR_MS, blind)).toEqual([]);
    bench.look({ ...blind, calls: true });
    expect(bench.lookFor(5.9 * HOUR_MS, blind)).toEqual([]);
    expect(bench.state.wait).toBe('clock');
    expect(kinds(bench.lookFor(0.2 * HOUR_MS, blind))).toEqual(['activate']);
  });

  it('that hears the time in the middle of that goes by its window, and waits anew when another update comes', () => {
    const DAY_MS = 86_400_000;
    const bench = Bench.installed();
    bench.lookFor(0.9 * DAY_MS, { wallMs: null });
    expect(bench.lookFor(0.2 * DAY_MS, { wallMs: AT_NOON })).toEqual([]);
    expect(bench.lookFor(0.2 * DAY_MS, { wallMs: null })).toEqual([]);
    bench.feed({ type: 'order', order: orderOf('1.2.0', { serial: 2 }) });
    expect(bench.state.blind).toBeNull();
  });

  it('stands still while it is held and goes on after it, with what was installed', () => {
    const bench = Bench.installed();
    bench.feed({ type: 'order', order: orderOf('1.1.0', { serial: 2, action: 'hold' }) });
    expect(bench.lookFor(60_000)).toEqual([]);
    expect(bench.state.wait).toBe('held');
    bench.feed({ type: 'order', order: orderOf('1.1.0', { serial: 3 }) });
    expect(kinds(bench.look())).toEqual(['activate']);
  });

  it('is put off in the middle of the download', () => {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    bench.look();
    bench.feed({ type: 'order', order: orderOf('1.1.0', { serial: 2, action: 'hold' }) });
    expect(kinds(bench.look())).toEqual(['stopDownload']);
    expect(bench.state.wait).toBe('held');
  });

  it('is refused when it is older, for another model, or given up in the same rollout; and is done when it runs already', () => {
    const bench = new Bench();
    const state = (change: Parameters<typeof orderOf>[1], version: string): string | undefined => {
      bench.feed({ type: 'order', order: orderOf(version, change) });
      return bench.at;
    };
    expect(state({ serial: 1 }, '0.9.0')).toBe('failed');
    expect(
      state({ serial: 2, release: { ...releaseOf('1.1.0'), compatible: 'engawa-other' } }, '1.1.0'),
    ).toBe('failed');
    expect(state({ serial: 3 }, '1.0.0')).toBe('done');
    expect(state({ serial: 4, allowOlder: true }, '0.9.0')).toBe('fetching');
    expect(state({ serial: 3 }, '1.5.0')).toBe('fetching');
    expect(bench.state.memory.job?.version).toBe('0.9.0');
  });

  it('of a refused bundle is not tried again in the rollout, but in another one', () => {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    bench.look();
    bench.feed({ type: 'fetched', path: '/x' });
    bench.look();
    const reason = { code: 'update.signature', say: 'Nobody has signed that.' };
    bench.feed({ type: 'notInstalled', again: false, reason });
    expect(bench.at).toBe('failed');
    bench.feed({ type: 'order', order: orderOf('1.1.0', { serial: 2 }) });
    expect(bench.lookFor(60_000)).toEqual([]);
    expect(bench.state.memory.job?.stage).toEqual({ at: 'failed', reason });
    bench.feed({ type: 'order', order: orderOf('1.1.0', { serial: 3, rollout: 'summer' }) });
    expect(kinds(bench.look())).toEqual(['download']);
  });

  it('of a system that was no good in its rollout is not gone on with under the name of that rollout', () => {
    const bench = new Bench();
    const reason = { code: 'update.notInstalled', say: 'refused' };
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    bench.look();
    bench.feed({ type: 'fetched', path: '/x' });
    bench.look({ wallMs: AT_NOON });
    bench.feed({ type: 'notInstalled', again: false, reason });
    bench.feed({ type: 'order', order: orderOf('1.1.0', { serial: 2, rollout: 'summer' }) });
    expect(bench.at).toBe('fetching');
    bench.feed({ type: 'order', order: orderOf('1.1.0', { serial: 3 }) });
    expect(bench.state.memory.job?.stage).toEqual({ at: 'failed', reason });
  });

  it('that comes while another one is tried begins after that', () => {
    const bench = Bench.onTrial();
    bench.feed({ type: 'order', order: orderOf('1.2.0', { serial: 2 }) });
    expect(kinds(bench.lookFor(70_000))).toEqual(['markGood']);
    bench.feed(marked);
    bench.look();
    expect(bench.state.memory.job).toMatchObject({ version: '1.2.0', stage: { at: 'fetching' } });
  });
});

describe('a power cut', () => {
  it('in the middle of the installation begins it anew, so often and no more', () => {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    bench.look();
    bench.feed({ type: 'fetched', path: '/x' });
    for (let cut = 0; cut < INSTALLS_MOST; cut++) {
      expect(kinds(bench.look())).toEqual(['install']);
      bench.restart(SYSTEM, `boot-${cut + 2}`);
    }
    bench.look();
    expect(bench.state.memory.job?.stage).toMatchObject({ at: 'failed', reason: { code: 'update.cutOff' } });
  });

  it('between installation and window starts the old system, and nothing is lost', () => {
    const bench = Bench.installed();
    bench.restart(SYSTEM, 'boot-2');
    bench.look({ wallMs: AT_NOON });
    expect(bench.state.wait).toBe('window');
    expect(kinds(bench.look())).toEqual(['activate']);
  });

  it('before the switch tries the switch again; after it finds out which system came up', () => {
    const before = Bench.installed();
    before.look();
    before.restart(SYSTEM, 'boot-2');
    expect(kinds(before.look())).toEqual(['activate']);
    const after = Bench.installed();
    after.look();
    after.restart(TRIED, 'boot-2');
    expect(after.at).toBe('probation');
    const fallenBack = Bench.installed();
    fallenBack.look();
    fallenBack.restart({ ...SYSTEM, trial: 'b' }, 'boot-5');
    expect(fallenBack.state.memory.job?.stage).toMatchObject({ at: 'rolledBack' });
  });

  it('of the agent alone is no start of the box', () => {
    const bench = Bench.installed();
    bench.look();
    bench.feed(activated);
    bench.restart({ ...SYSTEM, trial: 'b' }, 'boot-1');
    expect(bench.at).toBe('restarting');
    expect(kinds(bench.look())).toEqual(['restart']);
  });

  it('on trial goes on watching; one after the mark is done', () => {
    const bench = Bench.onTrial();
    bench.lookFor(30_000);
    bench.restart(TRIED, 'boot-3');
    expect(kinds(bench.lookFor(70_000))).toEqual(['markGood']);
    bench.restart({ ...TRIED, trial: null }, 'boot-4');
    expect(bench.at).toBe('done');
  });
});

describe('a new system', () => {
  it('without the board, after which the box was well, goes back as soon as nobody talks', () => {
    const bench = Bench.onTrial();
    const picture = { ...WELL, seen: { ...WELL.seen, board: false } };
    expect(kinds(bench.lookFor(200_000, { picture, calls: true }))).toEqual(['markBad']);
    bench.feed(markedBad);
    expect(bench.lookFor(200_000, { picture, calls: true })).toEqual([]);
    expect(kinds(bench.look({ picture }))).toEqual(['restart']);
    bench.restart(SYSTEM, 'boot-3');
    expect(bench.state.memory.job?.stage).toMatchObject({
      at: 'rolledBack',
      reason: { code: 'update.board' },
    });
    bench.feed({ type: 'order', order: orderOf('1.1.0', { serial: 2 }) });
    expect(bench.lookFor(60_000)).toEqual([]);
    expect(bench.at).toBe('rolledBack');
  });

  it('is believed although the service is out of reach, and not when the service is there and does not get on with it', () => {
    const away = Bench.onTrial();
    expect(kinds(away.lookFor(320_000, { picture: WAN_AWAY, reaches: false }))).toEqual(['markGood']);
    const ours = Bench.onTrial();
    expect(kinds(ours.lookFor(200_000, { picture: WAN_AWAY, reaches: true }))).toEqual(['markBad']);
  });

  it('whose accounts are not registered, with the service there, goes back', () => {
    const bench = Bench.onTrial();
    const picture = { ...WAN_AWAY, seen: { ...WAN_AWAY.seen, cloud: true } };
    expect(kinds(bench.lookFor(200_000, { picture }))).toEqual(['markBad']);
  });

  it('is not blamed for what did not work before', () => {
    const bench = Bench.installed();
    bench.look({ picture: WAN_AWAY });
    bench.feed(activated);
    bench.restart(TRIED, 'boot-2');
    expect(kinds(bench.lookFor(70_000, { picture: WAN_AWAY, reaches: true }))).toEqual(['markGood']);
  });

  it.each([
    ['update.data', { ...WELL, writable: false }],
    ['update.config', { ...WELL, config: 6 }],
    ['update.config', { ...WELL, config: null }],
    ['update.network', { ...WAN_AWAY, network: false }],
  ])('is worse: %s', (code, picture) => {
    const bench = Bench.onTrial();
    bench.lookFor(200_000, { picture });
    expect(bench.state.memory.job?.stage).toMatchObject({ at: 'goingBack', reason: { code } });
  });

  it('in which the agent starts a fourth time goes back', () => {
    const bench = Bench.onTrial();
    for (let start = 0; start < 3; start++) bench.restart(TRIED, 'boot-2');
    expect(bench.state.memory.job?.stage).toMatchObject({
      at: 'goingBack',
      reason: { code: 'update.restarts' },
    });
  });

  it('that is on trial by somebody else’s doing is watched and confirmed', () => {
    const bench = new Bench(TRIED);
    expect(bench.at).toBe('probation');
    expect(kinds(bench.lookFor(70_000))).toEqual(['markGood']);
  });
});

describe('a technician', () => {
  it('who takes a system back in the moment of its confirmation has it marked bad after that', () => {
    const bench = Bench.onTrial();
    expect(kinds(bench.lookFor(70_000))).toEqual(['markGood']);
    bench.feed({ type: 'rollback' });
    expect(bench.look()).toEqual([]);
    bench.feed(marked);
    expect(kinds(bench.look())).toEqual(['markBad']);
    bench.feed(markedBad);
    expect(kinds(bench.look())).toEqual(['restart']);
    bench.restart(SYSTEM, 'boot-3');
    expect(bench.at).toBe('rolledBack');
  });

  it('whose way back does not come up has a box that stays where it is, and says so', () => {
    const bench = Bench.onTrial();
    bench.feed({ type: 'rollback' });
    bench.look();
    bench.feed(markedBad);
    expect(kinds(bench.look())).toEqual(['restart']);
    bench.restart({ ...TRIED, trial: null }, 'boot-3');
    expect(bench.state.memory.job?.stage).toMatchObject({
      at: 'failed',
      reason: { code: 'update.noWayBack' },
    });
    expect(bench.lookFor(600_000)).toEqual([]);
  });

  it('goes back, and the rollout does not bring it again', () => {
    const bench = Bench.onTrial();
    bench.lookFor(70_000);
    bench.feed(marked);
    expect(bench.at).toBe('done');
    bench.feed({ type: 'rollback' });
    expect(kinds(bench.look({ wallMs: AT_NOON }))).toEqual(['activate']);
    bench.feed(activated);
    expect(kinds(bench.look({ wallMs: AT_NOON }))).toEqual(['restart']);
    bench.restart({ ...SYSTEM, trial: 'a' }, 'boot-9');
    bench.lookFor(70_000);
    bench.feed(marked);
    bench.feed({ type: 'order', order: orderOf('1.1.0', { serial: 2 }) });
    expect(bench.lookFor(60_000)).toEqual([]);
    expect(bench.at).toBe('rolledBack');
  });

  it('has nothing to go back to where the other slot cannot be started', () => {
    const dead = { ...SYSTEM, other: { version: null, startable: false } };
    const bench = new Bench(dead);
    expect(canRollBack(bench.state, dead)).toBe(false);
    expect(bench.feed({ type: 'rollback' })).toEqual([]);
    expect(bench.state.memory.job).toBeNull();
  });

  it('brings a file: it goes before what was ordered and not begun, and waits for the night unless told otherwise', () => {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    bench.look();
    const effects = bench.feed({ type: 'file', path: '/usb/x.raucb', version: '1.2.0', now: false });
    expect(kinds(effects)).toEqual(['stopDownload', 'sweep']);
    expect(kinds(bench.look({ wallMs: AT_NOON }))).toEqual(['install']);
    bench.feed({ type: 'installed' });
    bench.look({ wallMs: AT_NOON });
    expect(bench.state.wait).toBe('window');
    bench.feed({ type: 'now' });
    expect(kinds(bench.look({ wallMs: AT_NOON }))).toEqual(['activate']);
  });
});

describe('what does not go by chance', () => {
  it('a service that is away is asked again, later each time', () => {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    const waits: number[] = [];
    bench.look();
    for (let failure = 0; failure < 9; failure++) {
      bench.feed({ type: 'notFetched', why: 'network', say: 'no answer', fraction: 1 });
      waits.push(bench.state.retryMs - bench.nowMs);
      expect(bench.state.wait).toBe('network');
      bench.nowMs = bench.state.retryMs;
      expect(kinds(bench.look())).toEqual(['download']);
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600].map((s) => s * 1_000));
  });

  it('a spoilt file is fetched anew, three times at most', () => {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    for (let fetch = 0; fetch < 3; fetch++) {
      expect(kinds(bench.look())).toEqual(['download']);
      bench.feed({ type: 'notFetched', why: 'spoilt', say: 'not what was ordered', fraction: 0 });
    }
    expect(bench.state.memory.job?.stage).toMatchObject({ at: 'failed', reason: { code: 'update.digest' } });
  });

  it('a file that is gone is fetched anew; an installer that is busy is asked again', () => {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    bench.look();
    bench.feed({ type: 'fetched', path: '/x' });
    bench.look();
    bench.feed({ type: 'notInstalled', again: true, reason: { code: 'update.busy', say: 'busy' } });
    expect(bench.look()).toEqual([]);
    bench.nowMs += 10_000;
    expect(kinds(bench.look())).toEqual(['install']);
    bench.feed({ type: 'notInstalled', again: false, reason: { code: 'update.noFile', say: 'gone' } });
    expect(kinds(bench.look())).toEqual(['download']);
  });

  it('a state that cannot be written stops everything until it can', () => {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    bench.look();
    bench.feed({ type: 'fetched', path: '/x' });
    bench.look();
    bench.feed({ type: 'unsaved', say: 'no space left' });
    expect(bench.state.wait).toBe('space');
    expect(bench.lookFor(50_000)).toEqual([]);
    bench.nowMs += 15_000;
    expect(kinds(bench.look())).toEqual(['install']);
  });

  it('a try that cannot be written down is none: ten of them, and all real ones are still there', () => {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf('1.1.0') });
    bench.look();
    bench.feed({ type: 'fetched', path: '/x' });
    for (let cut = 0; cut < INSTALLS_MOST; cut++) {
      const written = bench.state.memory;
      for (let refused = 0; refused < 10; refused++) {
        expect(kinds(bench.look())).toEqual(['install']);
        bench.feed({ type: 'unsaved', say: 'no space left' });
        expect(bench.state.memory).toEqual(written);
        bench.nowMs += 60_000;
      }
      expect(kinds(bench.look())).toEqual(['install']);
      bench.restart(SYSTEM, `boot-${cut + 2}`);
    }
    bench.look();
    expect(bench.state.memory.job?.stage).toMatchObject({ at: 'failed', reason: { code: 'update.cutOff' } });
  });

  it('a restart that does not come is asked for again', () => {
    const bench = Bench.installed();
    bench.look();
    bench.feed(activated);
    expect(kinds(bench.look())).toEqual(['restart']);
    expect(bench.lookFor(110_000)).toEqual([]);
    bench.nowMs += 20_000;
    bench.look();
    expect(kinds(bench.look())).toEqual(['restart']);
  });
});
