import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { EventSender } from '../../../../lib/voice/rtp/event-sender.ts';
import type { RtpPacket } from '../../../../lib/voice/rtp/packet.ts';
import { RtpSender } from '../../../../lib/voice/rtp/sender.ts';
import {
  decodeTelephoneEvent,
  type TelephoneEvent,
  TelephoneEventReceiver,
} from '../../../../lib/voice/rtp/telephone-event.ts';

/** Runs until nothing waits; each step is 20 ms. */
function packetsOf(events: EventSender, sender: RtpSender): { packets: RtpPacket[]; steps: number } {
  const packets: RtpPacket[] = [];
  let steps = 0;
  let begun = 0;
  for (; events.active && steps < 20_000; steps++) {
    const packet = events.next();
    if (packet === undefined) continue;
    if (packet.marker) begun = sender.timestamp;
    packets.push(sender.event(101, packet.payload, begun, packet.marker));
    if (packet.last) sender.reach(begun + packet.offset);
  }
  return { packets, steps };
}

describe('pressing keys (RFC 4733)', () => {
  it('one press: a marker, growing durations under one timestamp, three ends', () => {
    const events = new EventSender();
    expect(events.press('5', 100)).toBe(true);
    const { packets } = packetsOf(events, new RtpSender(seededRandom(1)));
    const read = packets.map((packet) => decodeTelephoneEvent(packet.payload));
    expect(read.map((event) => event?.duration)).toEqual([160, 320, 480, 640, 800, 800, 800]);
    expect(read.map((event) => event?.end)).toEqual([false, false, false, false, true, true, true]);
    expect(packets.map(({ marker }) => marker)).toEqual([true, ...Array<boolean>(6).fill(false)]);
    expect(new Set(packets.map(({ timestamp }) => timestamp)).size).toBe(1);
    for (const [index, packet] of packets.entries()) {
      expect(packet.sequence).toBe(((packets[0]?.sequence ?? 0) + index) & 0xffff);
    }
  });

  it('a key that is held lasts until it comes up, but no longer than 16 bits of samples can say', () => {
    const events = new EventSender();
    const step = (): TelephoneEvent | undefined => {
      const packet = events.next();
      return packet === undefined ? undefined : decodeTelephoneEvent(packet.payload);
    };
    expect(events.hold('3')).toBe(true);
    for (let count = 0; count < 10; count++) expect(step()).toMatchObject({ end: false });
    events.release(230);
    expect([step(), step(), step(), step()].map((told) => told?.duration)).toEqual([
      1_760, 1_840, 1_840, 1_840,
    ]);
    expect(events.hold('x')).toBe(false);
    // Over before its first packet went: it lasts as long as it did, and 40 ms at least.
    expect(events.hold('4')).toBe(true);
    events.release(10);
    while (step() === undefined) expect(events.active).toBe(true);
    expect([step(), step()]).toMatchObject([{ duration: 320, end: true }, { duration: 320 }]);
    events.hold('5');
    let last = step();
    for (let count = 0; count < 500 && !(last?.end === true && last.digit === '5'); count++) last = step();
    expect(last).toMatchObject({ duration: 64_000, end: true });
  });

  it('whatever is pressed is heard, in order and once each, though every second packet is lost', () => {
    const digits = fc.stringMatching(/^[0-9*#A-D]{1,32}$/);
    fc.assert(
      fc.property(digits, fc.integer({ min: 40, max: 500 }), (text, ms) => {
        const events = new EventSender();
        events.press(text, ms);
        const receiver = new TelephoneEventReceiver();
        const { packets } = packetsOf(events, new RtpSender(seededRandom(7)));
        const heard = packets.filter((_, index) => index % 2 === 1).map((packet) => receiver.push(packet));
        expect(heard.filter((digit) => digit !== undefined).join('')).toBe(text);
      }),
      { numRuns: 40 },
    );
  });

  it('pauses 80 ms between presses, refuses what is no key and more than 64 at once', () => {
    const events = new EventSender();
    expect(events.press('12', 40)).toBe(true);
    expect(packetsOf(events, new RtpSender(seededRandom(1))).steps).toBe(2 * (4 + 4));
    expect(events.press('1x')).toBe(false);
    expect(events.press('1'.repeat(65))).toBe(false);
    expect(events.active).toBe(false);
  });
});
