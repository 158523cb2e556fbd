import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseControlRequest } from '../../../hal/sim/control-protocol.ts';
import { Ear } from '../../../hal/sim/ear.ts';
import { Phone } from '../../../hal/sim/phone.ts';
import { Playout } from '../../../hal/sim/playout.ts';
import {
  CATCH_UP_FRAMES,
  newSampleClock,
  nextFrameMs,
  takeDueFrames,
} from '../../../hal/sim/sample-clock.ts';
import { peakOf } from '../../../lib/dsp/level.ts';

function sine(parts: readonly { hz: number; dbm0: number }[], ms: number): Int16Array {
  return Int16Array.from({ length: ms * 8 }, (_, at) =>
    Math.round(
      parts.reduce((sum, { hz, dbm0 }) => sum + peakOf(dbm0) * Math.sin((2 * Math.PI * hz * at) / 8_000), 0),
    ),
  );
}

describe('ear', () => {
  it('finds frequency within 1 Hz and level within 0.3 dB, window by window', () => {
    for (const hz of [400, 523.25, 659.25, 783.99, 1_046.5, 2_000.3]) {
      const ear = new Ear(500);
      ear.take(sine([{ hz, dbm0: -15 }], 500));
      const heard = ear.heard();
      expect(Math.abs((heard.tones[0]?.hz ?? 0) - hz)).toBeLessThan(1);
      expect(Math.abs(heard.levelDbm0 + 15)).toBeLessThan(0.3);
      expect(heard.windows.length).toBe(5);
      for (const window of heard.windows) {
        expect(Math.abs(window.hz - hz)).toBeLessThan(1);
        expect(Math.abs(window.dbm0 + 15)).toBeLessThan(0.3);
      }
    }
  });

  it('tells two tones apart and calls silence silence', () => {
    const ear = new Ear(200);
    ear.take(
      sine(
        [
          { hz: 770, dbm0: -9 },
          { hz: 1_336, dbm0: -12 },
        ],
        200,
      ),
    );
    expect(ear.heard().tones.map((tone) => Math.round(tone.hz))).toEqual([770, 1_336]);
    const deaf = new Ear(200);
    deaf.take(new Int16Array(1_600));
    expect(deaf.heard()).toMatchObject({ tones: [], levelDbm0: -96, windows: [{ hz: 0 }, { hz: 0 }] });
  });
});

describe('phone', () => {
  it('hears nothing while its handset lies', async () => {
    const phone = new Phone();
    phone.step(8);
    const heard = phone.hear(10);
    phone.ear(sine([{ hz: 400, dbm0: -10 }], 10));
    expect((await heard).levelDbm0).toBe(-96);
  });

  it('dials DTMF of 70 ms with pauses of 70 ms', async () => {
    const phone = new Phone();
    phone.lift();
    phone.step(8);
    const dialled = phone.dial('12', 'dtmf');
    const ear = new Ear(280);
    for (let frame = 0; frame < 28; frame++) ear.take(phone.mouth());
    await dialled;
    const { samples } = ear.heard();
    const loud = Array.from({ length: 28 }, (_, frame) =>
      samples.subarray(frame * 80, frame * 80 + 80).some((sample) => Math.abs(sample) > 3_000),
    );
    expect(loud.map((on) => (on ? 'x' : '.')).join('')).toBe('xxxxxxx.......xxxxxxx.......');
  });

  it('hanging up ends dialling', async () => {
    const phone = new Phone();
    phone.lift();
    phone.step(8);
    const dialled = Promise.all([phone.dial('0355550123', 'dtmf'), phone.dial('1', 'pulse10')]);
    phone.hangUp();
    await dialled;
    expect(phone.step(16)).toBe(false);
    expect(phone.mouth().every((sample) => sample === 0)).toBe(true);
  });
});

describe('sample clock', () => {
  it('deadlines do not drift, however late each is met', () => {
    let clock = newSampleClock(0);
    let frames = 0;
    for (let nowMs = 0; nowMs < 60_000; nowMs = nextFrameMs(clock) + 3.7) {
      const taken = takeDueFrames(clock, nowMs);
      clock = taken.clock;
      frames += taken.due;
      expect(taken.due).toBeLessThanOrEqual(1);
    }
    expect(frames).toBe(5_999);
  });

  it('after a stall at most five frames come at once; the rest is skipped and counted', () => {
    const taken = takeDueFrames(newSampleClock(0), 1_000);
    expect(taken.due).toBe(CATCH_UP_FRAMES);
    expect(taken.clock.slips).toBe(95);
    expect(takeDueFrames(taken.clock, 1_009).due).toBe(0);
    expect(takeDueFrames(taken.clock, 1_010).due).toBe(1);
  });
});

it('playout starts with three frames in hand, plays silence when empty, and bounds its delay', () => {
  const playout = new Playout();
  const frame = new Uint8Array(80);
  playout.push(frame);
  playout.push(frame);
  expect(playout.take()).toBeUndefined();
  playout.push(frame);
  expect([playout.take(), playout.take(), playout.take(), playout.take()]).toEqual([
    frame,
    frame,
    frame,
    undefined,
  ]);
  expect(playout.underruns).toBe(1);
  for (let count = 0; count < 20; count++) playout.push(frame);
  expect(playout.dropped).toBe(12);
});

it('playout gives back the delay that a stall of the box has left, a frame every two seconds', () => {
  const playout = new Playout();
  const frame = new Uint8Array(80);
  for (let count = 0; count < 8; count++) playout.push(frame);
  for (let tick = 0; tick < 2_000; tick++) {
    playout.take();
    playout.push(frame);
  }
  expect(playout.dropped).toBe(5);
  expect(playout.underruns).toBe(0);
});

describe('playout for modems', () => {
  const numbered = (number: number): Uint8Array => new Uint8Array(80).fill(number);

  it('plays silence until its lead lies ready, and then every frame in order through stalls of the box that are shorter', () => {
    const playout = new Playout();
    playout.setLead(30);
    const played: (number | undefined)[] = [];
    let sent = 0;
    let owed = 0;
    for (let tick = 0; tick < 1_000; tick++) {
      played.push(playout.take()?.[0]);
      owed++;
      const stalled = tick > 100 && tick % 97 < 25;
      for (; !stalled && owed > 0; owed--) playout.push(numbered(sent++ & 0xff));
    }
    const silent = played.findIndex((frame) => frame !== undefined);
    expect(silent).toBe(30);
    expect(played.slice(silent)).toEqual(Array.from({ length: 970 }, (_, at) => at & 0xff));
    expect([playout.underruns, playout.dropped]).toEqual([0, 0]);
  });

  it('gives its delay up at once when the modems are gone', () => {
    const playout = new Playout();
    playout.setLead(30);
    for (let count = 0; count < 30; count++) playout.push(numbered(count));
    playout.setLead(0);
    expect(Array.from({ length: 4 }, () => playout.take()?.[0])).toEqual([27, 28, 29, undefined]);
  });
});

describe('control requests', () => {
  it.each([
    [{ op: 'lift', port: 3 }, 'control.noSuchPort'],
    [{ op: 'lift', port: '1' }, 'control.noSuchPort'],
    [{ op: 'dial', port: 1, digits: '' }, 'control.badRequest'],
    [{ op: 'dial', port: 1, digits: '12', by: 'shouting' }, 'control.badRequest'],
    [{ op: 'hear', port: 1, ms: 1e9 }, 'control.badRequest'],
    [{ op: 'explode' }, 'control.badRequest'],
    [null, 'control.badRequest'],
  ])('%j is refused as %s', (request, code) => {
    expect(parseControlRequest(request, 2)).toMatchObject({ ok: false, error: { code } });
  });

  it('any JSON is accepted or refused, never thrown', () => {
    const op = fc.constantFrom('lift', 'dial', 'speak', 'hear', 'flash', 'vanish', 'garbage', 'state', 'x');
    fc.assert(
      fc.property(
        fc.record({ op, port: fc.anything(), ms: fc.anything(), digits: fc.anything(), hz: fc.anything() }),
        (value) => {
          parseControlRequest(value, 2);
        },
      ),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        parseControlRequest(value, 2);
      }),
    );
  });
});
