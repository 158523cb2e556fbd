import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dtmfSamples } from '../../../lib/dsp/dtmf-generator.ts';
import { DtmfReceiver } from '../../../lib/dsp/dtmf-receiver.ts';
import { ulawDecodeBlock, ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import type { RtpPacket } from '../../../lib/voice/rtp/packet.ts';
import { decodeTelephoneEvent, encodeTelephoneEvent } from '../../../lib/voice/rtp/telephone-event.ts';
import {
  board,
  call,
  code,
  events,
  farEnd,
  lift,
  pass,
  run,
  send,
  settle,
  setUp,
  tearDown,
  until,
} from './far-ends.ts';
import { voice } from './voice-packet.ts';

beforeEach(setUp);

afterEach(tearDown);

describe('keys pressed at the far end', () => {
  it('go as events (RFC 4733), and the sound is held back meanwhile', async () => {
    const far = await farEnd();
    await call('a', far);
    await lift('a');
    await pass(100);
    await run({ type: 'dtmf', session: 'a', digits: '5#', durationMs: 100 });
    await pass(600);
    await until(() => far.packets().filter(({ payloadType }) => payloadType === 101).length === 14);
    const packets = far.packets();
    const first = packets.findIndex(({ payloadType }) => payloadType === 101);
    const last = packets.findLastIndex(({ payloadType }) => payloadType === 101);
    const within = packets.slice(first, last + 1);
    expect(within.filter(({ payloadType }) => payloadType === 0)).toEqual([]);
    expect(within.map(({ payload }) => decodeTelephoneEvent(payload)?.digit).join('')).toBe(
      `${'5'.repeat(7)}${'#'.repeat(7)}`,
    );
    expect(new Set(within.map(({ timestamp }) => timestamp)).size).toBe(2);
    for (const [index, { sequence }] of packets.entries()) {
      expect(sequence).toBe(((packets[0]?.sequence ?? 0) + index) & 0xffff);
    }
    // Time has gone on: the sound behind them is not older than they.
    const after = packets[last + 1];
    expect(((after?.timestamp ?? 0) - (within.at(-1)?.timestamp ?? 0)) | 0).toBeGreaterThan(800);
  });

  it('go as tones to a far end that takes no events', async () => {
    const far = await farEnd();
    await call('a', far, { dtmfPayloadType: null });
    await run({ type: 'dtmf', session: 'a', digits: '19' });
    await pass(600);
    await until(() => far.packets().length >= 18);
    const receiver = DtmfReceiver.open();
    if (!receiver.ok) throw new Error(receiver.error.say);
    const heard = far
      .packets()
      .map(({ payload }) => receiver.value.push(ulawDecodeBlock(payload, new Int16Array(160))));
    expect(heard.join('')).toBe('19');
    receiver.value.close();
  });

  it('are refused when they are none, or too many', async () => {
    await call('a', await farEnd());
    expect(await code({ type: 'dtmf', session: 'b', digits: '1' })).toBe('media.noSession');
    expect(await code({ type: 'dtmf', session: 'a', digits: 'x' })).toBe('media.keys');
    expect(await code({ type: 'dtmf', session: 'a', digits: '1'.repeat(60) })).toBe('ok');
    expect(await code({ type: 'dtmf', session: 'a', digits: '1'.repeat(60) })).toBe('media.keys');
  });

  it('in the sound of a far end without events they are heard, too', async () => {
    const far = await farEnd();
    const port = await call('a', far, { dtmfPayloadType: null });
    await lift('a');
    const tone = new Int16Array(160 * 40);
    tone.set(dtmfSamples('7', 120, -9), 160 * 5);
    await pass(800, async (frame) => {
      if (frame % 2 === 1) return;
      const payload = ulawEncodeBlock(tone.subarray(frame * 80, frame * 80 + 160));
      await send(far, voice(frame / 2, { payload }), port);
    });
    expect(events.filter((event) => event.event === 'digit')).toEqual([
      { event: 'digit', port: 1, digit: '7', by: 'rtp' },
    ]);
  });

  it('pass through a joined call, as tones where the other side takes no events', async () => {
    const [one, other, plain] = [await farEnd(), await farEnd(), await farEnd()];
    const port = await call('a', one);
    await call('b', other, { dtmfPayloadType: 96 });
    await run({ type: 'bridge', session: 'a', other: 'b' });
    const press = (end: boolean): Buffer =>
      encodeTelephoneEvent({ digit: '3', end, volume: 10, duration: 800 }) ?? Buffer.alloc(0);
    await send(one, voice(1, { payloadType: 101, payload: press(false) }), port);
    await until(() => other.packets().length === 1);
    expect(other.packets()[0]).toMatchObject({ payloadType: 96, payload: press(false) });
    await call('c', plain, { dtmfPayloadType: null });
    await run({ type: 'bridge', session: 'a', other: 'c' });
    await send(one, voice(2, { payloadType: 101, timestamp: 99_999, payload: press(false) }), port);
    await settle(50);
    await pass(300);
    await until(() => plain.packets().length >= 9);
    expect(plain.packets().every(({ payloadType }) => payloadType === 0)).toBe(true);
  });
});

describe('keys of a phone', () => {
  /** Keys that a receiver of tones finds in what came as sound. */
  function keysInSound(packets: readonly RtpPacket[]): string {
    const receiver = DtmfReceiver.open();
    if (!receiver.ok) throw new Error(receiver.error.say);
    const sound = packets.filter(({ payloadType }) => payloadType === 0);
    const heard = sound.map(({ payload }) =>
      receiver.value.push(ulawDecodeBlock(payload, new Int16Array(160))),
    );
    receiver.value.close();
    return heard.join('');
  }

  /** Each press as it was told: the digit, and how long it lasted in ms. */
  function presses(packets: readonly RtpPacket[]): { digit: string; ms: number }[] {
    const told = new Map<number, { digit: string; ms: number }>();
    for (const { payloadType, payload, timestamp } of packets) {
      const event = payloadType === 101 ? decodeTelephoneEvent(payload) : undefined;
      if (event?.end === true) told.set(timestamp, { digit: event.digit, ms: event.duration / 8 });
    }
    return [...told.values()];
  }

  /** Line 1 says what `tone` has, from now on. */
  function speak(tone: Int16Array): void {
    let from: number | undefined;
    board.microphones.set(1, (position) => {
      from ??= position;
      return tone[position - from] ?? 0;
    });
  }

  it('go to the far end as events that last as long as the key is down, and not in the sound', async () => {
    const far = await farEnd();
    await call('a', far);
    await lift('a');
    const tone = new Int16Array(8 * 1_500);
    tone.set(dtmfSamples('5', 100, -9), 8 * 100);
    tone.set(dtmfSamples('#', 700, -12), 8 * 400);
    speak(tone);
    await pass(1_600);
    await until(() => presses(far.packets()).length === 2);
    const [short, long] = presses(far.packets());
    expect([short?.digit, long?.digit]).toEqual(['5', '#']);
    expect(Math.abs((short?.ms ?? 0) - 100)).toBeLessThanOrEqual(40);
    expect(Math.abs((long?.ms ?? 0) - 700)).toBeLessThanOrEqual(40);
    expect(keysInSound(far.packets())).toBe('');
    expect(events.filter((event) => event.event === 'digit')).toHaveLength(2);
  });

  it('stay in the sound of a far end that takes no events', async () => {
    const far = await farEnd();
    await call('a', far, { dtmfPayloadType: null });
    await lift('a');
    speak(dtmfSamples('8', 100, -9));
    await pass(400);
    await until(() => far.packets().length >= 18);
    expect(keysInSound(far.packets())).toBe('8');
  });

  it('are told to every far end of a conference in its own way', async () => {
    const [one, plain] = [await farEnd(), await farEnd()];
    await call('a', one);
    await call('b', plain, { dtmfPayloadType: null });
    board.hook(1, true);
    const both = (['a', 'b'] as const).map((session) => ({ to: 'rtp', session }) as const);
    await run({ type: 'attach', port: 1, attachment: { to: 'conference', with: both } });
    speak(dtmfSamples('4', 100, -9));
    await pass(600);
    await until(() => presses(one.packets()).length === 1 && keysInSound(plain.packets()) !== '');
    expect(presses(one.packets())[0]?.digit).toBe('4');
    expect(keysInSound(one.packets())).toBe('');
    expect(keysInSound(plain.packets())).toBe('4');
  });

  it('played in the sound of a desk phone without events go on as events where the other side takes them', async () => {
    const [phone, trunk] = [await farEnd(), await farEnd()];
    const port = await call('a', phone, { dtmfPayloadType: null });
    await call('b', trunk);
    await run({ type: 'bridge', session: 'a', other: 'b' });
    const tone = new Int16Array(160 * 40);
    tone.set(dtmfSamples('7', 120, -9), 160 * 5);
    await pass(800, async (frame) => {
      if (frame % 2 === 1) return;
      const payload = ulawEncodeBlock(tone.subarray(frame * 80, frame * 80 + 160));
      await send(phone, voice(frame / 2, { payload }), port);
    });
    // A busy machine brings the last packets when the clock of the board has stood still already.
    for (let tries = 0; tries < 500 && presses(trunk.packets()).length === 0; tries++) {
      await settle();
      await pass(20);
    }
    expect(presses(trunk.packets())).toHaveLength(1);
    expect(presses(trunk.packets())[0]?.digit).toBe('7');
    expect(keysInSound(trunk.packets())).toBe('');
  });

  it('of the far end sound in the ear of a line, and their echo is nobody’s press', async () => {
    const far = await farEnd();
    const port = await call('a', far);
    await lift('a');
    // What the hybrid gives back, 60 ms later: enough for a receiver of tones.
    board.microphones.set(1, (position) => Math.round(0.2 * (board.heard(1)[position - 480] ?? 0)));
    await pass(100);
    for (let packet = 0; packet < 8; packet++) {
      const payload = encodeTelephoneEvent({
        digit: '9',
        end: packet > 5,
        volume: 10,
        duration: Math.min(960, 160 * (packet + 1)),
      });
      await send(
        far,
        voice(packet, { payloadType: 101, timestamp: 500, payload: payload ?? Buffer.alloc(0) }),
        port,
      );
      await settle();
      await pass(20);
    }
    await pass(500);
    const receiver = DtmfReceiver.open();
    if (!receiver.ok) throw new Error(receiver.error.say);
    expect(receiver.value.push(board.heard(1))).toBe('9');
    receiver.value.close();
    expect(presses(far.packets())).toEqual([]);
    expect(events.filter((event) => event.event === 'digit')).toEqual([
      { event: 'digit', port: 1, digit: '9', by: 'rtp' },
    ]);
  });
});
