import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { answerOffer, makeOffer } from '../../../../lib/voice/sdp/index.ts';
import {
  afterImageRefused,
  answerImageOffer,
  glareDelayMs,
  type LocalImage,
  makeAudioOffer,
  makeImageOffer,
  mediaWish,
  readImageAnswer,
} from '../../../../lib/voice/t38/image-media.ts';
import { OUR_T38 } from '../../../../lib/voice/t38/t38-parameters.ts';

const OURS: LocalImage = { host: '127.51.0.1', port: 30_000, id: 7, version: 2, parameters: OUR_T38 };
const AUDIO = { host: '127.51.0.1', port: 30_000, id: 7, version: 3 };

const sdp = (...lines: string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n');

const media = (text: string): string[] => text.split('\r\n').filter((line) => line.startsWith('m='));

/** A provider's offer with both media in one INVITE. */
const BOTH = sdp(
  'm=audio 4000 RTP/AVP 0 101',
  'a=rtpmap:0 PCMU/8000',
  'm=image 4002 udptl t38',
  'a=T38FaxVersion:0',
  'a=T38FaxMaxDatagram:612',
);

describe('an offer of T.38', () => {
  it('is the description of the README', () => {
    expect(makeImageOffer(OURS)).toBe(
      [
        'v=0',
        'o=- 7 2 IN IP4 127.51.0.1',
        's=-',
        'c=IN IP4 127.51.0.1',
        't=0 0',
        'm=image 30000 udptl t38',
        'a=T38FaxVersion:0',
        'a=T38MaxBitRate:14400',
        'a=T38FaxRateManagement:transferredTCF',
        'a=T38FaxMaxBuffer:1800',
        'a=T38FaxMaxDatagram:400',
        'a=T38FaxUdpEC:t38UDPRedundancy',
        '',
      ].join('\r\n'),
    );
  });

  it('takes the place of the audio in a call that has one media', () => {
    expect(media(makeImageOffer(OURS, makeOffer(AUDIO)))).toEqual(['m=image 30000 udptl t38']);
  });

  it('keeps every place in a call that has more, the others with port 0', () => {
    expect(media(makeImageOffer(OURS, BOTH))).toEqual(['m=audio 0 RTP/AVP 0 101', 'm=image 30000 udptl t38']);
    const video = sdp('m=video 5000 RTP/AVP 96', 'm=audio 4000 RTP/AVP 0');
    expect(media(makeImageOffer(OURS, video))).toEqual(['m=video 0 RTP/AVP 96', 'm=image 30000 udptl t38']);
  });

  it('gives the audio its place back afterwards', () => {
    expect(media(makeAudioOffer(AUDIO, makeImageOffer(OURS)))).toEqual(['m=audio 30000 RTP/AVP 0 101']);
    expect(media(makeAudioOffer(AUDIO, BOTH))).toEqual([
      'm=audio 30000 RTP/AVP 0 101',
      'm=image 0 udptl t38',
    ]);
  });
});

describe('the answer to T.38', () => {
  it('takes the image of an offer that has both, and refuses the audio in its place', () => {
    const answer = answerImageOffer(BOTH, OURS);
    if (!answer.ok) throw new Error(answer.error.say);
    expect(media(answer.value.sdp)).toEqual(['m=audio 0 RTP/AVP 0 101', 'm=image 30000 udptl t38']);
    expect(answer.value.path).toMatchObject({ host: '192.0.2.1', port: 4_002 });
    expect(answer.value.path.agreement.maxDatagramBytes).toBe(612);
    expect(mediaWish(answer.value.sdp)).toBe('image');
  });

  it('refuses the image of the same offer when the audio is taken', () => {
    const answer = answerOffer(BOTH, AUDIO);
    if (!answer.ok) throw new Error(answer.error.say);
    expect(media(answer.value.sdp)).toEqual(['m=audio 30000 RTP/AVP 0', 'm=image 0 udptl t38']);
  });

  it('reads a protocol and format in capitals, and an address of the media itself', () => {
    const offer = sdp('m=image 4002 UDPTL T38', 'c=IN IP4 198.51.100.2', 'a=t38faxversion:3');
    const answer = answerImageOffer(offer, { ...OURS, parameters: { ...OUR_T38, version: 2 } });
    if (!answer.ok) throw new Error(answer.error.say);
    expect(answer.value.path).toMatchObject({ host: '198.51.100.2', port: 4_002 });
    expect(answer.value.path.agreement.version).toBe(2);
  });

  it.each([
    ['audio alone', sdp('m=audio 4000 RTP/AVP 0'), 't38.noImage', 488],
    ['an image with port 0', sdp('m=image 0 udptl t38'), 't38.noImage', 488],
    ['an image over TCP', sdp('m=image 4000 tcp t38'), 't38.noImage', 488],
    ['an image to nowhere', sdp('m=image 4000 udptl t38', 'c=IN IP4 0.0.0.0'), 't38.noAddress', 488],
    ['an image to a name', sdp('m=image 4000 udptl t38', 'c=IN IP4 fax.example'), 't38.noAddress', 488],
    ['no description', 'm=image', 'sdp.malformed', 400],
  ])('refuses %s', (_name, offer, code, status) => {
    const answer = answerImageOffer(offer, OURS);
    expect(answer.ok ? undefined : [answer.error.code, answer.error.status]).toEqual([code, status]);
    expect(readImageAnswer(offer, OUR_T38).ok).toBe(false);
  });

  it('is agreed alike at both ends', () => {
    const theirs = {
      ...OURS,
      host: '192.0.2.9',
      parameters: { ...OUR_T38, version: 3 as const, maxDatagramBytes: 200 },
    };
    const answer = answerImageOffer(makeImageOffer(OURS), theirs);
    if (!answer.ok) throw new Error(answer.error.say);
    const read = readImageAnswer(answer.value.sdp, OUR_T38);
    if (!read.ok) throw new Error(read.error.say);
    expect(read.value).toMatchObject({ host: '192.0.2.9', agreement: { version: 0, maxDatagramBytes: 200 } });
    expect(answer.value.path.agreement).toMatchObject({ version: 0, maxDatagramBytes: 400 });
  });

  it('survives any damage to a description', () => {
    fc.assert(
      fc.property(fc.nat(BOTH.length), fc.nat(40), fc.string({ maxLength: 20 }), (at, cut, put) => {
        const text = BOTH.slice(0, at) + put + BOTH.slice(at + cut);
        mediaWish(text);
        const answer = answerImageOffer(text, OURS);
        if (answer.ok)
          expect(media(answer.value.sdp)).toHaveLength(media(text.replaceAll(/\r?\n/g, '\r\n')).length);
        expect(media(makeImageOffer(OURS, text))).not.toHaveLength(0);
        expect(media(makeAudioOffer(AUDIO, text))).not.toHaveLength(0);
      }),
    );
  });
});

describe('what a peer wants', () => {
  it.each([
    ['audio', sdp('m=audio 4000 RTP/AVP 0')],
    ['image', sdp('m=image 4002 udptl t38')],
    ['image', sdp('m=audio 0 RTP/AVP 0', 'm=image 4002 udptl t38')],
    ['both', BOTH],
    ['nothing', sdp('m=video 4000 RTP/AVP 96')],
    ['nothing', 'hello'],
  ])('%s', (wish, text) => {
    expect(mediaWish(text)).toBe(wish);
  });
});

describe('a refused offer of T.38', () => {
  it.each([
    [491, 'retry'],
    [488, 'audio'],
    [415, 'audio'],
    [606, 'audio'],
    [501, 'audio'],
    [408, 'audio'],
    [481, 'ended'],
  ] as const)('%i: %s', (status, next) => {
    expect(afterImageRefused(status)).toBe(next);
  });

  it('waits after 491 as RFC 3261 §14.1 says', () => {
    const random = seededRandom(1);
    const owner = Array.from({ length: 2_000 }, () => glareDelayMs(true, random));
    const other = Array.from({ length: 2_000 }, () => glareDelayMs(false, random));
    expect([Math.min(...owner), Math.max(...owner)]).toEqual([2_100, 4_000]);
    expect([Math.min(...other), Math.max(...other)]).toEqual([0, 2_000]);
    expect([...owner, ...other].every((ms) => ms % 10 === 0)).toBe(true);
  });
});
