import { expect, it } from 'vitest';
import { VoiceSdp } from '../../../agent/calls/voice-sdp.ts';
import { seededRandom } from '../../../lib/base/random.ts';

const voiceSdp = new VoiceSdp(null);

it('offers and answers G.711 µ-law at 20 ms with telephone-event, each end with its own address', () => {
  const offer = voiceSdp.offer('127.54.0.1', 20_000, 1);
  expect(offer).toContain('m=audio 20000 RTP/AVP 0 101');
  expect(offer).toContain('a=ptime:20');
  const made = voiceSdp.answer(offer, '127.54.0.9', 30_000, 1);
  const far = { host: '127.54.0.1', port: 20_000, payloadType: 0, dtmfPayloadType: 101 };
  expect(made?.remote).toEqual(far);
  expect(voiceSdp.readAnswer(made?.sdp ?? '', 20_000)).toEqual({ ...far, host: '127.54.0.9', port: 30_000 });
});

it('takes no description without audio that it speaks', () => {
  expect(voiceSdp.readAnswer('v=0\r\n', 20_000)).toBeUndefined();
  expect(voiceSdp.answer('', '127.54.0.9', 30_000, 1)).toBeUndefined();
});

it('offers and takes comfort noise where the office has it so, and nowhere else', () => {
  const quiet = new VoiceSdp(seededRandom(3), () => true);
  const offer = quiet.offer('127.54.0.1', 20_000, 1);
  expect(offer).toContain('m=audio 20000 RTP/AVP 0 101 13');
  const [takes, declines] = [quiet, voiceSdp].map((far) => far.answer(offer, '127.54.0.9', 30_000, 1));
  expect(takes?.remote.comfortNoise).toBe(true);
  expect(declines?.remote).not.toHaveProperty('comfortNoise');
  expect(quiet.readAnswer(takes?.sdp ?? '', 20_000)?.comfortNoise).toBe(true);
  expect(quiet.readAnswer(declines?.sdp ?? '', 20_000)).not.toHaveProperty('comfortNoise');
});

it('offers anew inside a call with the media of before in their places, on hold or not', () => {
  const before = voiceSdp.offer('127.54.0.9', 30_000, 1).concat('m=image 0 udptl t38\r\n');
  const held = voiceSdp.reoffer('127.54.0.1', 20_000, 2, true, before);
  expect(held).toContain('a=sendonly');
  expect(held.match(/^m=.*/gm)).toEqual(['m=audio 20000 RTP/AVP 0 101', 'm=image 0 udptl t38']);
  expect(voiceSdp.reoffer('127.54.0.1', 20_000, 3, false, null)).toContain('a=sendrecv');
});

it('offers and takes keys on the trunk: its own in each call, the same through a call, and goes on without', () => {
  const [box, cloud] = [new VoiceSdp(seededRandom(1)), new VoiceSdp(seededRandom(2))];
  const talk = (port: number, first = box.offer('127.54.0.1', port, 1)) => {
    const answered = cloud.answer(first, '127.54.0.9', 30_000, 1);
    const read = box.readAnswer(answered?.sdp ?? '', port);
    expect(read?.srtp?.local).toBe(answered?.remote.srtp?.remote);
    expect(read?.srtp?.remote).toBe(answered?.remote.srtp?.local);
    return read?.srtp;
  };
  const one = talk(20_000);
  expect(one?.suite).toBe('AES_CM_128_HMAC_SHA1_80');
  const held = box.reoffer('127.54.0.1', 20_000, 2, true, null);
  expect(talk(20_000, held)).toEqual(one);
  const next = talk(20_000);
  expect([next?.local, next?.remote]).not.toContain(one?.local);
  expect([next?.local, next?.remote]).not.toContain(one?.remote);
  const plain = voiceSdp.answer(box.offer('127.54.0.1', 20_002, 1), '127.54.0.9', 30_000, 1);
  expect(box.readAnswer(plain?.sdp ?? '', 20_002)).not.toHaveProperty('srtp');
  expect(
    box.answer(voiceSdp.offer('127.54.0.9', 30_000, 1), '127.54.0.1', 20_004, 1)?.remote.srtp,
  ).toBeUndefined();
});
