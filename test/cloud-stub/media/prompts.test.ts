import { describe, expect, it } from 'vitest';
import { PacedSender } from '../../../cloud-stub/media/player.ts';
import { promptAudio, promptSource, toneSource } from '../../../cloud-stub/media/prompts/prompts.ts';
import { PROMPT_TABLE } from '../../../cloud-stub/media/prompts/table.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { ulawDecodeBlock } from '../../../lib/dsp/g711.ts';
import { strongestTone } from '../../../lib/dsp/goertzel.ts';

const BAND = { fromHz: 250, toHz: 3_400 };

function framesOf(source: { take(frame: Uint8Array): boolean }, most = 1_000): number {
  let count = 0;
  while (count < most && source.take(new Uint8Array(160))) count++;
  return count;
}

describe('the stored prompts', () => {
  it.each(PROMPT_TABLE)('$name has its words in two languages and can be told by its two notes', (prompt) => {
    expect(prompt.text.ja.length).toBeGreaterThan(5);
    expect(prompt.text.en.length).toBeGreaterThan(5);
    const audio = ulawDecodeBlock(promptAudio(prompt.name) ?? new Uint8Array());
    const heard = [1_600, 4_800].map((at) => strongestTone(audio.subarray(at, at + 800), BAND)?.hz ?? 0);
    const wanted = prompt.notes.slice(0, 2).map((note) => note.hz);
    for (const [index, hz] of heard.entries()) expect(Math.abs(hz - (wanted[index] ?? 0))).toBeLessThan(8);
  });

  it('the busy message is one default audio for everybody [S0-075]', () => {
    expect(PROMPT_TABLE.filter((prompt) => prompt.facts.includes('S0-075'))).toHaveLength(1);
    const others = PROMPT_TABLE.map((prompt) => prompt.notes.map((note) => note.hz).join());
    expect(new Set(others).size).toBe(PROMPT_TABLE.length);
  });

  it('a default after-hours announcement exists [S0-117]', () => {
    expect(promptAudio('default.afterHours')?.length).toBe(8_000);
  });

  it('plays so many times in a row, and a name that nobody knows is not silence', () => {
    expect(framesOf(promptSource('tollFree.afterHours', 1))).toBe(50);
    expect(framesOf(promptSource('tollFree.afterHours', 2))).toBe(100);
    expect(framesOf(promptSource('nobody.knows', 1))).toBe(50);
    expect(framesOf(promptSource('tollFree.afterHours', 0))).toBe(0);
  });

  it("asks for the customer's own recording first", () => {
    const own = (name: string) => (name === 'mine' ? new Uint8Array(320).fill(7) : undefined);
    const frame = new Uint8Array(160);
    const source = promptSource('mine', 1, own);
    expect(source.take(frame)).toBe(true);
    expect([...frame].every((byte) => byte === 7)).toBe(true);
    expect(framesOf(source)).toBe(1);
  });

  it('a tone lasts as long as it is told', () => {
    expect(framesOf(toneSource('busy', 5_000))).toBe(250);
  });
});

describe('the paced sender', () => {
  const random = {
    fraction: () => 0,
    bytes: (count: number) => Buffer.from([1, 2, 3, 4]).subarray(0, count),
  };

  it('sends one packet each 20 ms, with the header of the README, and says when it is done', () => {
    const clock = new VirtualClock();
    const sent: { readonly atMs: number; readonly data: Buffer }[] = [];
    let done = 0;
    const source = promptSource('mine', 1, () => new Uint8Array(480));
    const push = (data: Buffer) => sent.push({ atMs: clock.monotonicMs(), data });
    new PacedSender({ clock, random }, source, push, () => done++).start();
    clock.advance(200);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 20, 40]);
    expect(done).toBe(1);
    expect(sent[0]?.data.subarray(0, 2).toString('hex')).toBe('8080');
    expect(sent[1]?.data.subarray(0, 2).toString('hex')).toBe('8000');
    expect(sent[0]?.data.subarray(8, 12).toString('hex')).toBe('01020304');
    const sequences = sent.map(({ data }) => data.readUInt16BE(2));
    expect(sequences.map((each) => each - (sequences[0] ?? 0))).toEqual([0, 1, 2]);
    const stamps = sent.map(({ data }) => data.readUInt32BE(4));
    expect(stamps.map((each) => each - (stamps[0] ?? 0))).toEqual([0, 160, 320]);
  });

  it('that is stopped sends nothing more and never says that it is done', () => {
    const clock = new VirtualClock();
    let [sent, done] = [0, 0];
    const sender = new PacedSender(
      { clock, random },
      promptSource('default.busy', 1),
      () => sent++,
      () => done++,
    );
    sender.start();
    clock.advance(100);
    sender.stop();
    clock.advance(5_000);
    expect([sent, done]).toEqual([6, 0]);
  });
});
