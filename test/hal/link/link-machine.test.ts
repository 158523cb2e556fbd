import { describe, expect, it } from 'vitest';
import { FLAG_RELIABLE, FRAME, type Frame } from '../../../hal/link/frame.ts';
import { FrameReader } from '../../../hal/link/frame-reader.ts';
import { linkDeadlineMs, stepLink } from '../../../hal/link/link-machine.ts';
import {
  CONTROL_RESERVE_BYTES,
  type LinkInput,
  type LinkState,
  QUEUE_FRAMES,
  startLink,
  WINDOW_FRAMES,
  zeroCounters,
} from '../../../hal/link/link-state.ts';
import type { Clock, Timer } from '../../../lib/base/clock.ts';
import { type Random, seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

/** What happens to bytes on their way: loss and garbage by chance, always in order, as on a serial line. */
interface Weather {
  readonly lossShare: number;
  readonly flipShare: number;
  readonly delayMs: number;
}

/** One end, with a shell as thin as the driver's. */
class End {
  readonly delivered: Frame[] = [];
  lostAudioFrames = 0;
  lost: string | undefined;
  refused = 0;
  state: LinkState;
  readonly #clock: Clock;
  readonly #put: (bytes: Buffer) => void;
  readonly #reader = new FrameReader();
  #timer: Timer | undefined;

  constructor(clock: Clock, peerReceiveBytes: number, receiveBytes: number, put: (bytes: Buffer) => void) {
    this.#clock = clock;
    this.#put = put;
    const nowMs = clock.monotonicMs();
    this.state = startLink({ nowMs, receiveBytes, peerReceiveBytes, counters: zeroCounters() });
    this.#arm();
  }

  input(input: LinkInput): void {
    const step = stepLink(this.state, input, this.#clock.monotonicMs());
    this.state = step.state;
    for (const effect of step.effects) {
      if (effect.do === 'send') this.#put(effect.bytes);
      else if (effect.do === 'lost') this.lost = effect.why;
      else if (effect.do === 'refuseQueueFull') this.refused++;
      else {
        this.delivered.push(effect.frame);
        this.lostAudioFrames += effect.lostAudioFrames;
      }
    }
    this.#arm();
  }

  receive(bytes: Buffer): void {
    for (const item of this.#reader.push(bytes)) {
      if (item.kind === 'bad') this.input({ type: 'bad', fault: item.fault });
      else this.input({ type: 'frame', frame: item.frame, wireBytes: item.wireBytes });
    }
    this.input({ type: 'flush', tick: 0 });
  }

  control(number: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(number);
    this.input({ type: 'control', message: { type: FRAME.measure, channel: 1, tick: 0, payload } });
  }

  get numbers(): number[] {
    return this.delivered.flatMap((frame) =>
      frame.type === FRAME.measure ? [Buffer.from(frame.payload).readUInt32LE(0)] : [],
    );
  }

  #arm(): void {
    this.#timer?.cancel();
    const dueMs = linkDeadlineMs(this.state);
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.after(dueMs - this.#clock.monotonicMs(), 'link', () =>
      this.input({ type: 'timer', tick: 0 }),
    );
  }
}

function pairOf(
  clock: VirtualClock,
  random: Random,
  weather: Weather,
  receiveBytes = 4_096,
): { a: End; b: End } {
  const carry = (to: () => End) => (bytes: Buffer) => {
    if (random.fraction() < weather.lossShare) return;
    const bent = Buffer.from(bytes);
    if (random.fraction() < weather.flipShare) {
      const at = Math.floor(random.fraction() * bent.length);
      bent[at] = (bent[at] ?? 0) ^ (1 << Math.floor(random.fraction() * 8));
    }
    clock.after(weather.delayMs, 'wire', () => to().receive(bent));
  };
  const ends: { a?: End; b?: End } = {};
  const need = (end: End | undefined): End => {
    if (end === undefined) throw new Error('not joined yet');
    return end;
  };
  const a = new End(
    clock,
    receiveBytes,
    65_536,
    carry(() => need(ends.b)),
  );
  const b = new End(
    clock,
    65_536,
    receiveBytes,
    carry(() => need(ends.a)),
  );
  ends.a = a;
  ends.b = b;
  return { a, b };
}

const count = (length: number): number[] => Array.from({ length }, (_, index) => index);

describe('link machine', () => {
  it('loses, doubles and reorders no control message, whatever the line loses or bends (40 seeds)', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const clock = new VirtualClock();
      const { a, b } = pairOf(clock, seededRandom(seed), { lossShare: 0.1, flipShare: 0.1, delayMs: 1 });
      for (let number = 0; number < 60; number++) {
        a.control(number);
        b.control(1_000 + number);
        a.input({ type: 'audio', payload: Buffer.alloc(161, 0xff), tick: number });
        clock.advance(10);
      }
      clock.advance(4_000);
      expect([seed, b.numbers]).toEqual([seed, count(60)]);
      expect([seed, a.numbers]).toEqual([seed, count(60).map((number) => 1_000 + number)]);
      expect([a.lost, b.lost]).toEqual([undefined, undefined]);
      expect(a.state.unacked.length + a.state.waiting.length + b.state.early.length).toBe(0);
    }
  });

  it('on a clean line nothing is sent twice, and the numbers wrap at 65536', () => {
    const clock = new VirtualClock();
    const { a, b } = pairOf(clock, seededRandom(1), { lossShare: 0, flipShare: 0, delayMs: 1 });
    a.state = { ...a.state, nextSeq: 65_500 };
    b.state = { ...b.state, expectedSeq: 65_500 };
    for (let round = 0; round < 20; round++) {
      for (let number = 0; number < 10; number++) a.control(round * 10 + number);
      clock.advance(3);
    }
    clock.advance(100);
    expect(b.numbers).toEqual(count(200));
    expect(a.state.nextSeq).toBe(65_500 + 200 - 65_536);
    expect(a.state.counters.controlRetransmits).toBe(0);
    expect(b.state.counters.controlDuplicates).toBe(0);
  });

  it('a lost frame alone is sent again after 50 ms; those after it are not', () => {
    const clock = new VirtualClock();
    let dropNext = false;
    const ends: { a?: End; b?: End } = {};
    const put = (to: 'a' | 'b') => (bytes: Buffer) => {
      if (dropNext) dropNext = false;
      else clock.after(1, 'wire', () => ends[to]?.receive(bytes));
    };
    const a = new End(clock, 4_096, 65_536, put('b'));
    const b = new End(clock, 65_536, 4_096, put('a'));
    ends.a = a;
    ends.b = b;
    clock.advance(10);
    dropNext = true;
    for (const number of count(5)) a.control(number);
    clock.advance(40);
    expect(b.numbers).toEqual([]);
    clock.advance(30);
    expect(b.numbers).toEqual(count(5));
    expect(a.state.counters.controlRetransmits).toBe(1);
  });

  it('a line that went dead is called silent within 1.5 s, one without answers unacknowledged', () => {
    const clock = new VirtualClock();
    const { a, b } = pairOf(clock, seededRandom(1), { lossShare: 1, flipShare: 0, delayMs: 1 });
    clock.advance(1_499);
    expect(a.lost).toBeUndefined();
    clock.advance(1);
    expect([a.lost, b.lost]).toEqual(['silent', 'silent']);
    const oneWay = new End(clock, 4_096, 65_536, () => undefined);
    oneWay.control(1);
    for (let ms = 0; ms < 1_200; ms += 100) {
      oneWay.input({ type: 'frame', frame: ackFrame(0), wireBytes: 20 });
      clock.advance(100);
    }
    expect(oneWay.lost).toBe('unacknowledged');
  });

  it('audio without credit is dropped and counted; control still finds room', () => {
    const clock = new VirtualClock();
    const sent: Buffer[] = [];
    const a = new End(clock, 1_024, 65_536, (bytes) => sent.push(bytes));
    for (let frame = 0; frame < 10; frame++)
      a.input({ type: 'audio', payload: Buffer.alloc(161, 0x11), tick: 0 });
    const bytes = sent.reduce((sum, part) => sum + part.length, 0);
    expect(bytes).toBeLessThanOrEqual(1_024 - CONTROL_RESERVE_BYTES);
    expect(a.state.counters.audioDroppedForCredit).toBe(10 - sent.length);
    const before = sent.length;
    a.control(1);
    expect(sent.length).toBe(before + 1);
  });

  it('bytes lost on the line do not eat up credit for ever: heartbeats mend the count', () => {
    const clock = new VirtualClock();
    const random = seededRandom(3);
    const { a } = pairOf(clock, random, { lossShare: 0.1, flipShare: 0, delayMs: 1 }, 2_048);
    for (let frame = 0; frame < 1_000; frame++) {
      a.input({ type: 'audio', payload: Buffer.alloc(161, 0x11), tick: 0 });
      clock.advance(10);
    }
    // 17 kB were lost, eight times the receive buffer: without mending the audio would have stopped for good.
    expect(a.state.counters.audioDroppedForCredit).toBeLessThan(100);
    clock.advance(1_000);
    const dropped = a.state.counters.audioDroppedForCredit;
    a.input({ type: 'audio', payload: Buffer.alloc(161, 0x11), tick: 0 });
    expect(a.state.counters.audioDroppedForCredit).toBe(dropped);
  });

  it('a gap in audio is told to the receiver, 10 ms for each frame, and never sent again', () => {
    const clock = new VirtualClock();
    const { a, b } = pairOf(clock, seededRandom(9), { lossShare: 0.2, flipShare: 0, delayMs: 1 });
    for (let frame = 0; frame < 200; frame++) {
      a.input({ type: 'audio', payload: Buffer.alloc(81, 0x11), tick: frame * 80 });
      clock.advance(10);
    }
    const audio = b.delivered.filter((frame) => frame.type === FRAME.audio);
    const last = audio.at(-1)?.seq ?? 0;
    expect(audio.length + b.lostAudioFrames).toBe(last + 1 - (audio[0]?.seq ?? 0));
    expect(b.lostAudioFrames).toBeGreaterThan(10);
    expect(b.state.counters.audioGaps).toBe(b.lostAudioFrames);
  });

  it('commands beyond window and queue are refused and counted', () => {
    const clock = new VirtualClock();
    const a = new End(clock, 65_536, 65_536, () => undefined);
    for (const number of count(WINDOW_FRAMES + QUEUE_FRAMES + 3)) a.control(number);
    expect(a.refused).toBe(3);
    expect(a.state.counters.controlDroppedQueueFull).toBe(3);
  });

  it('frames of a foreign major version are counted, not delivered', () => {
    const clock = new VirtualClock();
    const a = new End(clock, 4_096, 65_536, () => undefined);
    a.input({ type: 'frame', frame: { ...ackFrame(0), version: 2, flags: FLAG_RELIABLE }, wireBytes: 20 });
    expect([a.delivered.length, a.state.counters.framingErrors]).toEqual([0, 1]);
  });

  it('an acknowledgement of frames never sent is ignored', () => {
    const clock = new VirtualClock();
    const a = new End(clock, 4_096, 65_536, () => undefined);
    a.control(1);
    a.input({ type: 'frame', frame: ackFrame(500), wireBytes: 20 });
    expect(a.state.unacked.length).toBe(1);
    a.input({ type: 'frame', frame: ackFrame(1), wireBytes: 20 });
    expect(a.state.unacked.length).toBe(0);
  });
});

function ackFrame(ack: number): Frame {
  const header = { version: 1, type: FRAME.ack, channel: 0, flags: 0, seq: 0, tick: 0 };
  return { ...header, ack, payload: Buffer.from([0, 0]) };
}
