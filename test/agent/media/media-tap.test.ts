import { describe, expect, it } from 'vitest';
import { MediaTap } from '../../../agent/media/media-tap.ts';
import type { MediaEvent } from '../../../agent/media/protocol.ts';
import { instant } from '../../../lib/base/clock.ts';
import { JSON_LINE_LIMIT_BYTES, jsonLine } from '../../../lib/base/json-lines.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

type Told = Extract<MediaEvent, { readonly event: 'traced' }>;

const OF = { session: 's', way: 'in', carries: 'rtp' } as const;
const PLACE = { host: '127.62.0.30', port: 16_384 };

function rig() {
  const clock = new VirtualClock();
  const told: Told[] = [];
  const room = { is: true };
  const tap = new MediaTap(
    clock,
    (event) => {
      if (event.event === 'traced') told.push(event);
    },
    () => room.is,
  );
  const datagrams = (count: number, bytes = 172): void => {
    for (let at = 0; at < count; at++) tap.datagram(OF, PLACE, PLACE, Buffer.alloc(bytes, at));
  };
  return { clock, tap, told, room, datagrams };
}

describe('the tap of the media process', () => {
  it('is shut before it is ordered and after, and says nothing then', () => {
    const { clock, tap, told } = rig();
    expect([tap.packets, tap.sound]).toEqual([false, false]);
    tap.order({ perSecond: 100, sound: true });
    expect([tap.packets, tap.sound]).toEqual([true, true]);
    tap.off();
    clock.advance(1_000);
    expect([tap.packets, tap.sound, told.length]).toEqual([false, false, 0]);
  });

  it('tells in batches, copies what it is given, and counts what is over the rate', () => {
    const { clock, tap, told, datagrams } = rig();
    tap.order({ perSecond: 50, sound: false });
    const bytes = Buffer.alloc(172, 7);
    tap.datagram({ ...OF, decrypted: true }, PLACE, PLACE, bytes);
    bytes.fill(0);
    datagrams(99);
    clock.advance(100);
    expect(told[0]).toMatchObject({ dropped: 50, sound: [] });
    expect(told[0]?.datagrams).toHaveLength(50);
    expect(told[0]?.datagrams[0]).toMatchObject({
      decrypted: true,
      data: Buffer.alloc(172, 7).toString('base64'),
    });
  });

  it('has times that no setting of the clock moves, and says when it told them', () => {
    const { clock, tap, told, datagrams } = rig();
    tap.order({ perSecond: 1_000, sound: true });
    const from = clock.monotonicMs();
    datagrams(1);
    clock.setNow(instant(clock.now() + 20 * 86_400_000));
    clock.advance(60);
    datagrams(1);
    tap.heard(1, Buffer.alloc(80), Buffer.alloc(80));
    clock.advance(60);
    const [first] = told;
    expect(first?.datagrams.map(({ atMs }) => atMs - from)).toEqual([0, 60]);
    expect(first?.sound.map(({ fromMs }) => fromMs - from)).toEqual([60]);
    expect(first?.sentMs).toBe(from + 100);
  });

  it('leaves out everything while the agent takes no more, and counts that', () => {
    const { clock, tap, told, room, datagrams } = rig();
    tap.order({ perSecond: 1_000, sound: false });
    room.is = false;
    datagrams(10);
    clock.advance(100);
    expect(told).toEqual([]);
    room.is = true;
    clock.advance(100);
    expect(told.map(({ dropped }) => dropped)).toEqual([10]);
  });

  it('never tells more than a line to the agent may have, however much comes', () => {
    const { clock, tap, told, datagrams } = rig();
    tap.order({ perSecond: 5_000, sound: true });
    datagrams(5_000, 1_500);
    for (let frame = 0; frame < 500; frame++) {
      for (let port = 1; port <= 8; port++) tap.heard(port, Buffer.alloc(80), Buffer.alloc(80));
    }
    clock.advance(100);
    expect(jsonLine(told[0]).length).toBeLessThan(JSON_LINE_LIMIT_BYTES);
    expect(told[0]?.dropped).toBeGreaterThan(1_000);
  });

  it('puts the sound of a line together, both ways equally long', () => {
    const { clock, tap, told } = rig();
    clock.advance(1_234);
    tap.order({ perSecond: 0, sound: true });
    const from = clock.monotonicMs();
    for (let frame = 0; frame < 10; frame++) {
      tap.heard(1, Buffer.alloc(80, frame), Buffer.alloc(80, 100 + frame));
      clock.advance(10);
    }
    const [sound] = told[0]?.sound ?? [];
    expect([sound?.port, sound?.fromMs]).toEqual([1, from]);
    const [microphone, ear] = [sound?.microphone ?? '', sound?.ear ?? ''].map((text) =>
      Buffer.from(text, 'base64'),
    );
    expect([microphone?.length, ear?.length, microphone?.[799], ear?.[0]]).toEqual([800, 800, 9, 100]);
  });
});
