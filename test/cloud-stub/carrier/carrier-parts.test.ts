import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CarrierCallView, carrierCallStates, reached } from '../../../cloud-stub/carrier/call-view.ts';
import { behaviourOf } from '../../../cloud-stub/carrier/number-table.ts';
import { analyse, Ear } from '../../../cloud-stub/foreign/ear.ts';
import { readRtp, writeRtp } from '../../../cloud-stub/foreign/rtp-packet.ts';
import { audioAddress, describeAudio } from '../../../cloud-stub/foreign/session-description.ts';
import { MELODY_HZ, ToneSource } from '../../../cloud-stub/foreign/tone-source.ts';
import { instant } from '../../../lib/base/clock.ts';
import { ulawEncodeBlock } from '../../../lib/dsp/g711.ts';

describe('the number table', () => {
  it('refuses 110, 118 and 119 unless emergency calls are simulated', () => {
    for (const number of ['110', '118', '119']) {
      expect(behaviourOf(number, { simulateEmergency: false })).toMatchObject({
        kind: 'refuses',
        status: 403,
      });
      expect(behaviourOf(number, { simulateEmergency: true })).toMatchObject({ kind: 'answers' });
    }
  });

  it('calls every number outside its plan unallocated (404, cause 1)', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^0[0-9]{9,10}$/), (number) => {
        fc.pre(!['0355550123', '0355550199', '0355550180', '0355550150', '09012345678'].includes(number));
        const does = behaviourOf(number, { simulateEmergency: false });
        expect(does).toMatchObject({ kind: 'refuses', status: 404, cause: 1 });
      }),
    );
  });
});

describe('RTP packets', () => {
  it('are the bytes of the diagram', () => {
    const packet = {
      payloadType: 0,
      marker: false,
      sequence: 1,
      timestamp: 160,
      ssrc: 0x01020304,
      payload: Buffer.from('ffff', 'hex'),
    };
    const bytes = writeRtp(packet);
    expect(bytes.toString('hex')).toBe('80000001000000a001020304ffff');
    expect(readRtp(bytes)).toEqual(packet);
  });

  it('never throw on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_600 }), (bytes) => {
        const read = readRtp(Buffer.from(bytes));
        expect(read === undefined || read.payload.length <= bytes.length).toBe(true);
      }),
    );
  });
});

describe('the ear', () => {
  it('finds the four notes of the melody in 400 ms steps', () => {
    const heard = analyse(new ToneSource({ kind: 'melody' }).next(8 * 1_600));
    const notes = [100, 500, 900, 1_300].map((atMs) => heard.windows.find((w) => w.atMs === atMs)?.hz ?? 0);
    notes.forEach((hz, index) => {
      expect(Math.abs(hz - (MELODY_HZ[index] ?? 0))).toBeLessThan(4);
    });
    expect(heard.levelDbm0).toBeCloseTo(-13, 0);
  });

  it('keeps time over a lost packet: the gap is silence', () => {
    const source = new ToneSource({ kind: 'steady', hz: 700 });
    const ear = new Ear(300);
    for (let frame = 0; frame < 15; frame++) {
      const payload = ulawEncodeBlock(source.next(160));
      if (frame < 5 || frame >= 10) ear.take(0xffffff00 + frame * 160, payload);
    }
    expect(ear.heard().windows.map((w) => w.atMs)).toEqual([0, 200]);
  });
});

describe('session descriptions', () => {
  it('round-trip the address', () => {
    expect(audioAddress(describeAudio('127.57.1.2', 20_000, 3, 'recvonly'))).toEqual({
      host: '127.57.1.2',
      port: 20_000,
      direction: 'recvonly',
    });
  });

  it('never throw, and accept no host that is not an address', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'v=0',
        'm=audio 4000 RTP/AVP 0',
        'm=image 1 udptl t38',
        'c=IN IP4 127.0.0.1',
        'a=sendonly',
      ),
      fc.string({ maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const found = audioAddress(lines.join('\r\n'));
        expect(found === undefined || /^[0-9.]+$/.test(found.host)).toBe(true);
      }),
    );
  });
});

describe('the history of a call', () => {
  it('never goes back and ends once, whatever is reported', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...carrierCallStates), { maxLength: 20 }), (states) => {
        const start: CarrierCallView = {
          call: 'k-1',
          direction: 'toTrunk',
          from: '1',
          to: '2',
          asserted: null,
          state: 'calling',
          status: null,
          reason: null,
          endedBy: null,
          history: [{ state: 'calling', atMs: 0 }],
        };
        let view = start;
        for (const state of states) view = reached(view, state, instant(1));
        const order = view.history.map((entry) => carrierCallStates.indexOf(entry.state));
        expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
      }),
    );
  });
});
