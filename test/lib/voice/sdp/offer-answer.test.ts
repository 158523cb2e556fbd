import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerOffer, type LocalAudio, makeOffer, readAnswer } from '../../../../lib/voice/sdp/index.ts';
import { parseSdp } from '../../../../lib/voice/sdp/parse.ts';
import { writeSdp } from '../../../../lib/voice/sdp/write.ts';

const LOCAL: LocalAudio = { host: '127.51.0.1', port: 30_000, id: 7, version: 1 };
const PEER: LocalAudio = { host: '127.51.0.2', port: 31_000, id: 8, version: 1 };

/** The example of the README. */
const OFFER = [
  'v=0',
  'o=- 7 1 IN IP4 127.51.0.1',
  's=-',
  'c=IN IP4 127.51.0.1',
  't=0 0',
  'm=audio 30000 RTP/AVP 0 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
  'a=sendrecv',
  '',
].join('\r\n');

const audio = (
  lines: readonly string[],
  first = ['v=0', 'o=a 1 1 IN IP4 192.0.2.1', 's=-', 't=0 0'],
): string => [...first, ...lines, ''].join('\r\n');

describe('SDP offer and answer', () => {
  test('the offer is the one of the README', () => {
    expect(makeOffer(LOCAL)).toBe(OFFER);
    expect(Buffer.from(OFFER).subarray(0, 5).toString('hex')).toBe('763d300d0a');
  });

  test('both sides learn where to send, and the payload types', () => {
    const answered = answerOffer(makeOffer(LOCAL), PEER);
    if (!answered.ok) throw new Error(answered.error.say);
    expect(answered.value.path).toEqual({
      host: '127.51.0.1',
      port: 30_000,
      payloadType: 0,
      dtmfPayloadType: 101,
      direction: 'sendrecv',
    });
    expect(readAnswer(answered.value.sdp)).toMatchObject({
      ok: true,
      value: { host: '127.51.0.2', port: 31_000 },
    });
  });

  test.each([
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendonly', 'sendrecv', 'recvonly'],
    ['inactive', 'sendrecv', 'inactive'],
    ['recvonly', 'sendrecv', 'sendonly'],
    ['sendonly', 'sendonly', 'inactive'],
  ] as const)('offered %s to one willing to %s: %s', (offered, willing, expected) => {
    const answered = answerOffer(makeOffer({ ...LOCAL, direction: offered }), {
      ...PEER,
      direction: willing,
    });
    if (!answered.ok) throw new Error(answered.error.say);
    expect(answered.value.path.direction).toBe(expected);
    expect(answered.value.sdp).toContain(`a=${expected}\r\n`);
    const back = readAnswer(answered.value.sdp, offered);
    const mirror = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' };
    expect(back).toMatchObject({ ok: true, value: { direction: mirror[expected] } });
  });

  test('the null address of RFC 2543 is a hold', () => {
    const offer = audio(['c=IN IP4 0.0.0.0', 'm=audio 4000 RTP/AVP 0']);
    expect(answerOffer(offer, PEER)).toMatchObject({ ok: true, value: { path: { direction: 'inactive' } } });
  });

  test('DTMF is answered under the number that was offered, and left out where none was', () => {
    const lines = ['c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 8 0 96', 'a=rtpmap:96 TELEPHONE-EVENT/8000'];
    const withEvents = answerOffer(audio(lines), PEER);
    expect(withEvents).toMatchObject({ ok: true, value: { path: { dtmfPayloadType: 96 } } });
    if (withEvents.ok) expect(withEvents.value.sdp).toContain('m=audio 31000 RTP/AVP 0 96\r\n');
    const without = answerOffer(audio(lines.slice(0, 2)), PEER);
    expect(without).toMatchObject({ ok: true, value: { path: { dtmfPayloadType: null } } });
  });

  test('other media keep their place and are refused with port 0', () => {
    const lines = [
      'c=IN IP4 192.0.2.1',
      'm=video 3227 RTP/AVP 31',
      'm=audio 4000 RTP/AVP 0',
      'm=image 4002 udptl t38',
    ];
    const answered = answerOffer(audio(lines), PEER);
    if (!answered.ok) throw new Error(answered.error.say);
    const ports = answered.value.sdp.split('\r\n').filter((line) => line.startsWith('m='));
    expect(ports).toEqual(['m=video 0 RTP/AVP 31', 'm=audio 31000 RTP/AVP 0', 'm=image 0 udptl t38']);
  });

  test.each([
    ['no audio', ['c=IN IP4 192.0.2.1', 'm=image 4002 udptl t38'], 'sdp.noAudio'],
    ['audio switched off', ['c=IN IP4 192.0.2.1', 'm=audio 0 RTP/AVP 0'], 'sdp.noAudio'],
    ['another codec', ['c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 9'], 'sdp.noCodec'],
    ['SRTP', ['c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/SAVP 0'], 'sdp.noCodec'],
    ['no address', ['m=audio 4000 RTP/AVP 0'], 'sdp.noAddress'],
    ['a name for an address', ['c=IN IP4 media.example', 'm=audio 4000 RTP/AVP 0'], 'sdp.noAddress'],
    ['a port that is none', ['c=IN IP4 192.0.2.1', 'm=audio 70000 RTP/AVP 0'], 'sdp.malformed'],
  ])('%s is refused with a code', (_name, lines, code) => {
    const refused = answerOffer(audio(lines), PEER);
    expect(refused).toMatchObject({
      ok: false,
      error: { code, status: code === 'sdp.malformed' ? 400 : 488 },
    });
    if (!refused.ok) expect(refused.error.say.length).toBeGreaterThan(20);
  });

  test('LF alone ends lines too, and IPv6 works', () => {
    const offer = makeOffer({ ...LOCAL, host: '2001:db8::1' }).replaceAll('\r\n', '\n');
    expect(answerOffer(offer, PEER)).toMatchObject({ ok: true, value: { path: { host: '2001:db8::1' } } });
    expect(offer).toContain('c=IN IP6 2001:db8::1');
  });

  test('what is written reads back the same', () => {
    const parsed = parseSdp(OFFER);
    if (!parsed.ok) throw new Error(parsed.error.say);
    expect(writeSdp(parsed.value)).toBe(OFFER);
  });

  test('no text makes the parser throw', () => {
    const pieces = [
      ...OFFER.split('\r\n'),
      'a=',
      '=',
      'm=audio',
      'c=IN IP6 ::',
      'o=',
      'a=rtpmap:x',
      '\0',
      '__proto__=x',
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 40 }), (lines) => {
        const result = answerOffer(['v=0', ...lines].join('\n'), PEER);
        if (!result.ok) expect(result.error.fault).toBe('peer');
      }),
      { numRuns: 2_000 },
    );
  });
});
