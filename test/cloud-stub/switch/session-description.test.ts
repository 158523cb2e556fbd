import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAudio, writeAudio } from '../../../cloud-stub/switch/session-description.ts';

const ANCHOR = { host: '127.57.3.10', port: 17_000, sessionId: 1, version: 1 };
const OFFER = [
  'v=0',
  'o=secret 1 1 IN IP4 192.0.2.77',
  's=office of somebody',
  'c=IN IP4 192.0.2.77',
  't=0 0',
  'm=audio 4000 RTP/AVP 0 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
  'a=candidate:1 1 UDP 1 192.0.2.77 4000 typ host',
  'a=sendonly',
  'm=video 4002 RTP/AVP 96',
  '',
].join('\r\n');

describe('the session description that crosses the switch', () => {
  it('keeps codec and direction, and hides every address and name of the party', () => {
    const audio = readAudio(OFFER);
    expect(audio).toMatchObject({
      host: '192.0.2.77',
      port: 4_000,
      direction: 'sendonly',
      payloadTypes: [0, 101],
    });
    if (audio === undefined) return;
    const written = writeAudio(audio, ANCHOR);
    expect(written).not.toContain('192.0.2.77');
    expect(written).not.toContain('secret');
    expect(written).not.toContain('somebody');
    expect(written).toContain('m=audio 17000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000');
    expect(written).toContain('a=sendonly\r\nm=video 0 RTP/AVP 0');
    expect(readAudio(written)).toMatchObject({ host: '127.57.3.10', port: 17_000, place: 0 });
  });

  it.each([
    ['nothing', undefined],
    ['no audio', OFFER.replace('m=audio 4000', 'm=audio 0')],
    ['encrypted audio that cannot be relayed unseen', OFFER.replace('4000 RTP/AVP', '4000 RTP/SAVP')],
    ['a host name instead of an address', OFFER.replace('c=IN IP4 192.0.2.77', 'c=IN IP4 evil.example')],
    ['a port that is none', OFFER.replace('m=audio 4000', 'm=audio 70000')],
    ['an endless one', OFFER + 'a=x\r\n'.repeat(3_000)],
  ])('is refused when it holds %s', (_what, sdp) => {
    expect(readAudio(sdp)).toBeUndefined();
  });

  it('never throws, and what it writes can be read again', () => {
    const line = fc.oneof(
      fc.constantFrom(...OFFER.split('\r\n'), 'm=image 5 udptl t38', 'a=inactive', 'c=IN IP4 1.2.3.4'),
      fc.string({ maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 25 }), (lines) => {
        const audio = readAudio(lines.join('\r\n'));
        if (audio === undefined) return;
        const again = readAudio(writeAudio(audio, ANCHOR));
        expect(again?.payloadTypes).toEqual(audio.payloadTypes);
        expect(again?.direction).toBe(audio.direction);
        expect(again?.host).toBe(ANCHOR.host);
      }),
      { numRuns: 120 },
    );
  });
});
