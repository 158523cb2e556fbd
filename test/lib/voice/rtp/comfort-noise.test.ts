import { describe, expect, it } from 'vitest';
import { ulawEncodeBlock } from '../../../../lib/dsp/g711.ts';
import {
  decodeComfortNoise,
  encodeComfortNoise,
  levelOf,
  NoiseMaker,
  SilenceDetector,
} from '../../../../lib/voice/rtp/comfort-noise.ts';
import { JitterBuffer } from '../../../../lib/voice/rtp/jitter-buffer.ts';

const noiseAt = (levelDbov: number, blocks: number): Uint8Array[] => {
  const maker = new NoiseMaker();
  maker.level(levelDbov);
  const linear = new Int16Array(160);
  for (let index = 0; index < 20; index++) maker.fill(linear);
  return Array.from({ length: blocks }, () => {
    maker.fill(linear);
    return Uint8Array.from(ulawEncodeBlock(linear));
  });
};

describe('comfort noise (RFC 3389)', () => {
  it('the level survives the wire', () => {
    expect(encodeComfortNoise(-63).toString('hex')).toBe('3f');
    expect(decodeComfortNoise(Buffer.from('3f', 'hex'))).toBe(-63);
    expect(decodeComfortNoise(Buffer.from('bf0102', 'hex'))).toBe(-63);
    expect(decodeComfortNoise(Buffer.alloc(0))).toBeUndefined();
    expect(encodeComfortNoise(-300)[0]).toBe(127);
    expect(encodeComfortNoise(20)[0]).toBe(0);
  });

  it.each([-30, -50, -60])('noise made at %i dBov measures so', (level) => {
    for (const block of noiseAt(level, 5)) expect(Math.abs(levelOf(block) - level)).toBeLessThan(1.5);
  });

  it('talk is sent whole with 300 ms behind it, silence is told once, again each half second', () => {
    const detector = new SilenceDetector();
    const talk = noiseAt(-20, 25).map((block) => detector.decide(block).send);
    expect(new Set(talk)).toEqual(new Set(['sound']));
    const quiet = noiseAt(-62, 100).map((block) => detector.decide(block).send);
    expect(quiet.slice(0, 14)).toEqual(Array(14).fill('sound'));
    expect(quiet.slice(14).filter((send) => send === 'sound')).toEqual([]);
    const told = quiet.filter((send) => send === 'noise').length;
    expect(told).toBeGreaterThanOrEqual(3);
    expect(told).toBeLessThanOrEqual(5);
    expect(noiseAt(-25, 1).map((block) => detector.decide(block).send)).toEqual(['sound']);
  });

  it('is heard while the far end sends nothing, counts as no loss, and gives way to talk', () => {
    const buffer = new JitterBuffer();
    const out = new Int16Array(80);
    const packet = (index: number) => ({
      payloadType: 0,
      marker: false,
      sequence: index,
      timestamp: index * 160,
      ssrc: 1,
      payload: noiseAt(-20, 1)[0] ?? new Uint8Array(160),
    });
    for (let index = 0; index < 10; index++) {
      buffer.push(packet(index), index * 20);
      buffer.pull(out);
      buffer.pull(out);
    }
    buffer.comfort(-50);
    const levels: number[] = [];
    for (let frame = 0; frame < 100; frame++) {
      buffer.pull(out);
      if (frame > 60) levels.push(levelOf(ulawEncodeBlock(out)));
    }
    for (const level of levels) expect(Math.abs(level + 50)).toBeLessThan(3);
    expect(buffer.figures.concealedMs).toBe(0);
    for (let index = 60; index < 80; index++) {
      buffer.push(packet(index), index * 20);
      buffer.pull(out);
      buffer.pull(out);
    }
    expect(levelOf(ulawEncodeBlock(out))).toBeGreaterThan(-24);
  });
});
