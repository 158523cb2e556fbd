import { describe, expect, it } from 'vitest';
import { parseControlRequest } from '../../../hal/sim/control-protocol.ts';
import { DisplayDemodulator } from '../../../hal/sim/display-demodulator.ts';
import { DisplayReader, type Shown } from '../../../hal/sim/display-reader.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { ulawDecodeBlock, ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import { levelDbm0, peakOf } from '../../../lib/dsp/level.ts';
import { encodeDisplayFrame } from '../../../lib/dsp/number-display/frame.ts';
import type { CallerDisplay } from '../../../lib/dsp/number-display/message.ts';
import { DISPLAY_MODULATION, modulateFrame } from '../../../lib/dsp/number-display/modulator.ts';

function receive(samples: Int16Array): Shown | undefined {
  const demodulator = new DisplayDemodulator();
  const reader = new DisplayReader();
  let shown: Shown | undefined;
  for (let at = 0; at < samples.length; at += 80) {
    shown = reader.push(demodulator.push(samples.subarray(at, at + 80))) ?? shown;
  }
  return shown;
}

/** The frame as a line brings it: attenuated, with noise, in µ-law. */
function signal(message: CallerDisplay, levelDbm0: number, noiseDbm0: number, seed = 1): Int16Array {
  const clean = modulateFrame(encodeDisplayFrame(message), { ...DISPLAY_MODULATION, levelDbm0 });
  const random = seededRandom(seed);
  const peak = peakOf(noiseDbm0) * Math.sqrt(1.5);
  const noisy = clean.map((sample) => sample + Math.round((random.fraction() * 2 - 1) * peak));
  const out = new Int16Array(400 + noisy.length + 400);
  out.set(noisy, 400);
  return ulawDecodeBlock(ulawEncodeBlock(out));
}

describe('a display that shares nothing with the sender', () => {
  it('shows number, reason and called number', () => {
    const shown = (message: CallerDisplay): Shown | undefined => receive(signal(message, -14, -60));
    expect(shown({ caller: { number: '0312345678' } })).toEqual({
      number: '0312345678',
      reason: null,
      dialled: null,
    });
    for (const reason of ['P', 'C', 'O', 'S'] as const) {
      expect(shown({ caller: { reason } })).toEqual({ number: null, reason, dialled: null });
    }
    expect(shown({ caller: { number: '09012345678' }, dialled: '0355550101' })).toEqual({
      number: '09012345678',
      reason: null,
      dialled: '0355550101',
    });
    // A message of 16 bytes: its length looks like DLE.
    expect(shown({ caller: { number: '01012125550100' } })?.number).toBe('01012125550100');
  });

  it('reads it weak and in noise: −34 dBm0 with 20 dB between signal and noise', () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect(receive(signal({ caller: { number: '0312345678' } }, -34, -54, seed))?.number).toBe(
        '0312345678',
      );
    }
  });

  it('shows nothing rather than something wrong when the signal is cut or buried', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const buried = receive(signal({ caller: { number: '0312345678' } }, -14, -14, seed));
      expect(buried?.number ?? '0312345678').toBe('0312345678');
    }
    const whole = signal({ caller: { number: '0312345678' } }, -14, -60);
    whole.fill(0, 1_400, 1_450);
    expect(receive(whole)).toBeUndefined();
  });
});

describe('the signal', () => {
  it('has its level, 60 ms of 1,300 Hz first, and never jumps', () => {
    const samples = modulateFrame(encodeDisplayFrame({ caller: { number: '0312345678' } }));
    expect(levelDbm0(samples)).toBeCloseTo(-14, 0);
    const crossings = samples.subarray(0, 480).filter((each, at, all) => each >= 0 && (all[at - 1] ?? 0) < 0);
    // 78 cycles; the very first sample rises from nothing.
    expect(crossings.length).toBe(77);
    const steepest = peakOf(-14) * 2 * Math.sin((Math.PI * 2_100) / 8_000);
    for (let at = 1; at < samples.length; at++) {
      expect(Math.abs((samples[at] ?? 0) - (samples[at - 1] ?? 0))).toBeLessThan(steepest * 1.01);
    }
  });
});

describe('control of the display and the wires', () => {
  it('takes what a line can be and nothing else', () => {
    const code = (value: unknown): string => {
      const parsed = parseControlRequest(value, 2);
      return parsed.ok ? 'ok' : parsed.error.code;
    };
    expect(code({ op: 'display', port: 1 })).toBe('ok');
    expect(code({ op: 'numberDisplay', port: 1, on: true })).toBe('ok');
    expect(code({ op: 'numberDisplay', port: 1, on: 1 })).toBe('control.badRequest');
    expect(code({ op: 'lineFault', port: 1, fault: { leakageKohm: 40, receiverOffHook: true } })).toBe('ok');
    expect(code({ op: 'lineFault', port: 1, fault: null })).toBe('ok');
    expect(code({ op: 'lineFault', port: 1, fault: { leakageKohm: -1 } })).toBe('control.badRequest');
    expect(code({ op: 'lineFault', port: 1, fault: { constructor: 1 } })).toBe('control.badRequest');
    expect(code({ op: 'lineFault', port: 3, fault: {} })).toBe('control.noSuchPort');
  });
});
