import { expect, it } from 'vitest';
import { GuidancePlayer, guideSamples } from '../../../agent/media/guidance/guidance.ts';
import { GUIDES } from '../../../agent/media/protocol.ts';
import { tonePower } from '../../../lib/dsp/goertzel.ts';

const CONGESTION_HZ = 400;

function secondsOf(player: GuidancePlayer, seconds: number): Int16Array {
  const all = new Int16Array(seconds * 8_000);
  const frame = new Int16Array(80);
  for (let at = 0; at < all.length; at += frame.length) {
    player.fill(frame);
    all.set(frame, at);
  }
  return all;
}

it.each(GUIDES)(
  '%s is a voice: seconds of sound at the level of speech, and no tone of the exchange',
  (guide) => {
    const samples = guideSamples(guide);
    expect(samples.length / 8_000).toBeGreaterThan(4);
    const loud = samples.filter((sample) => Math.abs(sample) > 300);
    expect(loud.length / samples.length).toBeGreaterThan(0.4);
    const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    expect(20 * Math.log10(rms / 22_775)).toBeGreaterThan(-26);
    expect(tonePower(samples, CONGESTION_HZ)).toBeLessThan(-25);
  },
);

it('is said twice, and then congestion tone plays for whoever keeps the handset', () => {
  const said = guideSamples('guideCeiling');
  const player = new GuidancePlayer('guideCeiling');
  const seconds = Math.ceil((2 * said.length) / 8_000) + 3;
  const heard = secondsOf(player, seconds);
  expect(heard.subarray(0, said.length)).toEqual(said);
  const again = said.length + 6_400;
  expect(heard.subarray(again, again + said.length)).toEqual(said);
  const after = heard.subarray(again + said.length + 6_400, again + said.length + 6_400 + 4_000);
  expect(tonePower(after, CONGESTION_HZ)).toBeGreaterThan(-24);
});
