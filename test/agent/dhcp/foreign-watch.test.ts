import { describe, expect, it } from 'vitest';
import { decodePacket } from '../../../agent/dhcp/decode.ts';
import {
  foreignServerOf,
  isWatcher,
  stepWatch,
  type Watch,
  watchQuestion,
} from '../../../agent/dhcp/foreign-watch.ts';
import { ip, ipBytes, packet } from './packets.ts';

describe('looking for other servers', () => {
  it('asks three times in four seconds, listens for eight, and rests', () => {
    let watch: Watch = { at: 'resting', nextMs: 0 };
    const asked: number[] = [];
    let ended: unknown;
    for (let nowMs = 0; ended === undefined && nowMs < 60_000; ) {
      const step = stepWatch(watch, nowMs, 600_000);
      if (step.ask) asked.push(nowMs);
      ended = step.ended === undefined ? undefined : [step.ended, nowMs, step.wakeAtMs];
      watch = step.watch;
      nowMs = step.wakeAtMs;
    }
    expect(asked).toEqual([0, 2_000, 4_000]);
    expect(ended).toEqual(['nobody', 8_000, 608_000]);
  });

  it('the question never becomes a request, and is known as ours', () => {
    const decoded = decodePacket(watchQuestion(7).bytes);
    expect(decoded.ok && [decoded.value.type, decoded.value.broadcast, isWatcher(decoded.value)]).toEqual([
      'discover',
      true,
      true,
    ]);
  });

  it('reads who answers, what it gives, and whether phones would find their configuration', () => {
    const offer = packet('offer', 9, {
      op: 'reply',
      with: [
        [54, ipBytes('192.168.20.1')],
        [3, ipBytes('192.168.20.254')],
        [51, Uint8Array.of(0, 0, 14, 16)],
        [66, Buffer.from('tftp')],
      ],
    });
    expect(foreignServerOf(offer, ip('192.168.20.2'), 5)).toEqual({
      serverId: ip('192.168.20.1'),
      firstHeardMs: 5,
      lastHeardMs: 5,
      router: ip('192.168.20.254'),
      leaseS: 3_600,
      provisioning: [66],
    });
    expect(foreignServerOf(offer, ip('192.168.20.1'), 5)).toBeUndefined();
  });

  it('who refuses clients is a server too', () => {
    const nak = packet('nak', 9, { op: 'reply', with: [[54, ipBytes('192.168.20.1')]] });
    expect(foreignServerOf(nak, ip('192.168.20.2'), 5)).toMatchObject({ serverId: ip('192.168.20.1') });
  });
});
