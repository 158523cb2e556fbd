import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Slot, SystemView } from '../../../agent/update/slot-tool.ts';
import { type Effect, NOTHING_YET, type State, updateMemory } from '../../../agent/update/state.ts';
import { stepUpdate } from '../../../agent/update/step.ts';
import { isOpen, minuteOfDay } from '../../../agent/update/window.ts';
import { orderOf, WAN_AWAY, WELL, worldOf } from './sample.ts';

const VERSIONS = ['1.0.0', '1.1.0', '1.2.0', '0.9.0'] as const;
const ROLLOUTS = ['spring', 'summer'] as const;
/** Bundles of this version are refused, and this system is worse than any before. */
const REFUSED = '1.2.0';

type Happening =
  | {
      readonly is: 'look';
      readonly calls: boolean;
      readonly minute: number | null;
      readonly wan: boolean;
      readonly timeS: number;
    }
  | {
      readonly is: 'order';
      readonly version: number;
      readonly rollout: number;
      readonly hold: boolean;
      readonly older: boolean;
    }
  | { readonly is: 'answer'; readonly good: boolean }
  | { readonly is: 'power' }
  | { readonly is: 'agent' }
  | { readonly is: 'rollback' };

const seldom = fc.constantFrom(true, false, false, false);
const mostly = fc.constantFrom(false, true, true, true);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      is: fc.constant('look' as const),
      calls: seldom,
      minute: fc.option(fc.constantFrom(0, 119, 120, 200, 200, 200, 299, 300), { freq: 9 }),
      wan: mostly,
      timeS: fc.constantFrom(5, 5, 60, 200),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('order' as const),
      version: fc.nat(VERSIONS.length - 1),
      rollout: fc.nat(ROLLOUTS.length - 1),
      hold: seldom,
      older: fc.boolean(),
    }),
  },
  { weight: 8, arbitrary: fc.record({ is: fc.constant('answer' as const), good: mostly }) },
  { weight: 1, arbitrary: fc.constant({ is: 'power' as const }) },
  { weight: 1, arbitrary: fc.constant({ is: 'agent' as const }) },
  { weight: 1, arbitrary: fc.constant({ is: 'rollback' as const }) },
);

/** A box with two slots, as the bootloader and RAUC have them, around the machine. */
class Box {
  readonly versions: Record<Slot, string> = { a: '1.0.0', b: '1.0.0' };
  running: Slot = 'a';
  next: Slot = 'a';
  trial: Slot | null = null;
  tries = 3;
  boots = 1;
  serial = 0;
  nowMs = 0;
  state: State = NOTHING_YET;
  pending: Effect | null = null;
  open = false;
  /** What was asked for in this step, with what the box looked like. */
  readonly broken: string[] = [];
  readonly ended = new Map<string, string>();

  constructor() {
    this.boot();
  }

  get other(): Slot {
    return this.running === 'a' ? 'b' : 'a';
  }

  get system(): SystemView {
    return {
      compatible: 'engawa-virt-arm64',
      running: { slot: this.running, version: this.versions[this.running] },
      trial: this.trial,
      other: { version: this.versions[this.other], startable: true },
    };
  }

  boot(): void {
    // The state is what lies on disk, and can be read again.
    const memory = updateMemory.parse(JSON.parse(JSON.stringify(this.state.memory)));
    this.state = { ...NOTHING_YET, memory };
    this.pending = null;
    this.feed({ type: 'start', system: this.system, boot: `boot-${this.boots}` }, false);
  }

  power(): void {
    this.boots++;
    if (this.next !== this.running) this.tries = 3;
    this.running = this.next;
    if (this.trial === this.running && --this.tries <= 0) {
      this.next = this.other;
      this.running = this.next;
    }
    this.boot();
  }

  feed(input: Parameters<typeof stepUpdate>[1], calls: boolean): void {
    const { state, effects } = stepUpdate(this.state, input, this.nowMs);
    this.state = state;
    for (const effect of effects) this.do(effect, calls);
    this.remember();
  }

  do(effect: Effect, calls: boolean): void {
    const { job } = this.state.memory;
    const name = `${job?.rollout ?? ''} ${job?.version ?? ''}`;
    if (effect.do === 'restart' && calls) this.broken.push('restarted under a call');
    if (effect.do === 'activate' && job?.from === 'cloud' && !this.open)
      this.broken.push('started outside the window');
    if (effect.do === 'install' && calls) this.broken.push('installed under a call');
    if (effect.do === 'install' && this.trial === this.running)
      this.broken.push('installed over what it goes back to');
    if (effect.do === 'install' && job?.from === 'cloud' && this.ended.has(name)) {
      this.broken.push(`tried ${name} again`);
    }
    if (effect.do === 'stopDownload') this.pending = null;
    else if (effect.do !== 'sweep') this.pending = effect;
  }

  /** What ended without the new system is remembered here beside the machine's own memory. */
  remember(): void {
    const { job } = this.state.memory;
    const own =
      job?.stage.at === 'rolledBack' || (job?.stage.at === 'failed' && /refused/.test(job.stage.reason.say));
    if (job?.from === 'cloud' && own) this.ended.set(`${job.rollout ?? ''} ${job.version}`, job.stage.at);
  }

  answer(good: boolean): void {
    const effect = this.pending;
    this.pending = null;
    switch (effect?.do) {
      case 'download':
        if (good) this.feed({ type: 'fetched', path: '/x' }, false);
        else this.feed({ type: 'notFetched', why: 'network', say: 'away', fraction: 0 }, false);
        return;
      case 'install':
        if (effect.version === REFUSED || !good) {
          const reason = { code: 'update.notInstalled', say: 'refused' };
          this.feed({ type: 'notInstalled', again: effect.version !== REFUSED, reason }, false);
          return;
        }
        this.versions[this.other] = effect.version;
        this.feed({ type: 'installed' }, false);
        return;
      case 'activate':
        if (good) {
          this.next = this.other;
          this.trial = this.other;
        }
        this.feed({ type: 'activated', done: good, say: '' }, false);
        return;
      case 'markGood':
      case 'markBad':
        if (good && effect.do === 'markGood') this.trial = null;
        if (good && effect.do === 'markBad') this.next = this.other;
        this.feed(
          { type: 'marked', as: effect.do === 'markGood' ? 'good' : 'bad', done: good, say: '' },
          false,
        );
        return;
      case 'restart':
        this.power();
        return;
      case 'stopDownload':
      case 'sweep':
      case undefined:
    }
  }

  happen(each: Happening): void {
    switch (each.is) {
      case 'look': {
        this.nowMs += each.timeS * 1_000;
        const wallMs = each.minute === null ? null : Date.UTC(2026, 10, 20, 15, each.minute);
        const picture = each.wan ? WELL : WAN_AWAY;
        const { calls } = each;
        this.open = wallMs !== null && minuteOfDay(wallMs) >= 120 && minuteOfDay(wallMs) < 300;
        this.feed({ type: 'look', world: worldOf({ calls, wallMs, picture, reaches: each.wan }) }, calls);
        return;
      }
      case 'order': {
        const change = {
          serial: ++this.serial,
          rollout: ROLLOUTS[each.rollout] ?? 'spring',
          allowOlder: each.older,
        };
        const action = each.hold ? 'hold' : 'install';
        const order = orderOf(VERSIONS[each.version] ?? '1.1.0', { ...change, action });
        this.feed({ type: 'order', order }, true);
        return;
      }
      case 'answer':
        this.answer(each.good);
        return;
      case 'power':
        this.power();
        return;
      case 'agent':
        this.boot();
        return;
      case 'rollback':
        this.feed({ type: 'rollback' }, true);
        return;
    }
  }
}

describe('whatever happens', () => {
  it('no call is cut, nothing is written over the way back, no window is missed, and nothing that ended badly is tried again', () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 100, maxLength: 150, size: 'max' }), (happenings) => {
        const box = new Box();
        for (const each of happenings) box.happen(each);
        expect(box.broken).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('the box comes to rest on a system that is confirmed', () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 40, maxLength: 100, size: 'max' }), (happenings) => {
        const box = new Box();
        for (const each of happenings) box.happen(each);
        // From now on everything goes well and nobody orders anything.
        for (let turn = 0; turn < 150; turn++) {
          box.happen({ is: 'look', calls: false, minute: 200, wan: true, timeS: 60 });
          box.happen({ is: 'answer', good: true });
        }
        const at = box.state.memory.job?.stage.at ?? 'idle';
        const held = box.state.wait === 'held';
        expect(held || ['idle', 'done', 'failed', 'rolledBack'].includes(at)).toBe(true);
        expect(box.trial === box.running).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a window', () => {
  const minute = fc.nat(1_439);

  it('goes over midnight, and the whole day when it ends where it begins', () => {
    const at = (hour: number, min: number): number => Date.UTC(2026, 0, 1, hour - 9, min);
    const night = { fromMinute: 23 * 60, toMinute: 60 };
    expect([at(22, 59), at(23, 0), at(0, 59 + 1_440), at(1, 0)].map((each) => isOpen(night, each))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    fc.assert(
      fc.property(minute, minute, (from, now) =>
        isOpen({ fromMinute: from, toMinute: from }, Date.UTC(2026, 0, 1, 0, now)),
      ),
    );
  });

  it('and the one that is left of the day are never open together, and never both shut', () => {
    fc.assert(
      fc.property(minute, minute, minute, (fromMinute, toMinute, now) => {
        fc.pre(fromMinute !== toMinute);
        const at = Date.UTC(2026, 5, 1, 0, now);
        const [here, there] = [
          isOpen({ fromMinute, toMinute }, at),
          isOpen({ fromMinute: toMinute, toMinute: fromMinute }, at),
        ];
        expect(here).not.toBe(there);
      }),
    );
  });
});
