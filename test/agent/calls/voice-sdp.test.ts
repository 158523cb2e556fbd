import { expect, it } from 'vitest';
import { voiceSdp } from '../../../agent/calls/voice-sdp.ts';

it('offers and answers G.711 µ-law at 20 ms with telephone-event, each end with its own address', () => {
  const offer = voiceSdp.offer('127.54.0.1', 20_000, 1);
  expect(offer).toContain('m=audio 20000 RTP/AVP 0 101');
  expect(offer).toContain('a=ptime:20');
  const made = voiceSdp.answer(offer, '127.54.0.9', 30_000, 1);
  const far = { host: '127.54.0.1', port: 20_000, payloadType: 0, dtmfPayloadType: 101 };
  expect(made?.remote).toEqual(far);
  expect(voiceSdp.readAnswer(made?.sdp ?? '')).toEqual({ ...far, host: '127.54.0.9', port: 30_000 });
});

it('takes no description without audio that it speaks', () => {
  expect(voiceSdp.readAnswer('v=0\r\n')).toBeUndefined();
  expect(voiceSdp.answer('', '127.54.0.9', 30_000, 1)).toBeUndefined();
});

it('offers anew inside a call with the media of before in their places, on hold or not', () => {
  const before = voiceSdp.offer('127.54.0.9', 30_000, 1).concat('m=image 0 udptl t38\r\n');
  const held = voiceSdp.reoffer('127.54.0.1', 20_000, 2, true, before);
  expect(held).toContain('a=sendonly');
  expect(held.match(/^m=.*/gm)).toEqual(['m=audio 20000 RTP/AVP 0 101', 'm=image 0 udptl t38']);
  expect(voiceSdp.reoffer('127.54.0.1', 20_000, 3, false, null)).toContain('a=sendrecv');
});
