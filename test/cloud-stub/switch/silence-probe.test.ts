import { expect, it } from 'vitest';
import { SilenceProbe } from '../../../cloud-stub/switch/silence-probe.ts';
import { DEFAULT_LIMITS } from '../../../cloud-stub/switch/switch-limits.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { FakeSession } from './fake-sip.ts';

/** A box whose calls are asked after; it answers what it is set to, or keeps its answer back. */
class AskedBox extends FakeSession {
  knows: boolean | undefined = true;
  asked = 0;
  readonly waiting: (() => void)[] = [];
  late = false;

  constructor() {
    super('in', 'sip:x@127.57.5.1', []);
  }

  probe(told: (knows: boolean | undefined) => void): void {
    this.asked++;
    if (this.late) this.waiting.push(() => told(this.knows));
    else told(this.knows);
  }
}

function rig() {
  const clock = new VirtualClock();
  const probe = new SilenceProbe(clock, DEFAULT_LIMITS.ask);
  const box = new AskedBox();
  const state = { silentMs: 0, forgotten: 0 };
  const pass = (seconds: number, silent = true): void => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      state.silentMs = silent ? state.silentMs + 1_000 : 0;
      probe.look([{ session: box, silentMs: state.silentMs }], () => state.forgotten++);
    }
  };
  return { box, state, pass };
}

it('who sends sound is asked nothing', () => {
  const { box, pass } = rig();
  pass(120, false);
  expect(box.asked).toBe(0);
});

it('who is silent and knows the call, as on hold, is asked every ten seconds and keeps it', () => {
  const { box, state, pass } = rig();
  pass(60);
  expect(box.asked).toBe(5);
  expect(state.forgotten).toBe(0);
});

it('a box that has lost the call ends it within half a minute of its silence', () => {
  const { box, state, pass } = rig();
  box.knows = false;
  pass(24);
  expect(state.forgotten).toBe(0);
  pass(1);
  expect(state.forgotten).toBe(1);
});

it('a box that starts anew and takes the call up after one denial keeps it', () => {
  const { box, state, pass } = rig();
  box.knows = false;
  pass(16);
  box.knows = true;
  pass(10);
  box.knows = false;
  pass(10);
  expect(state.forgotten).toBe(0);
});

it('a box that is away is left to the other rules, and asked once at a time', () => {
  const { box, state, pass } = rig();
  box.knows = undefined;
  pass(120);
  expect(state.forgotten).toBe(0);
  const before = box.asked;
  box.late = true;
  pass(60);
  expect(box.asked).toBe(before + 1);
});

it('sound that comes again while it was asked forgets the denials', () => {
  const { box, state, pass } = rig();
  box.knows = false;
  pass(16);
  box.late = true;
  pass(9);
  pass(3, false);
  for (const answer of box.waiting) answer();
  expect(state.forgotten).toBe(0);
});
