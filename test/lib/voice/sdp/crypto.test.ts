import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { cryptoLinesOf } from '../../../../lib/voice/sdp/crypto.ts';
import { answerOffer, type LocalAudio, makeOffer, readAnswer } from '../../../../lib/voice/sdp/index.ts';
import { makeSrtpKeys } from '../../../../lib/voice/srtp/suites.ts';

const KEYS = makeSrtpKeys(seededRandom(1));
const OTHER_KEYS = makeSrtpKeys(seededRandom(2));
const LOCAL: LocalAudio = { host: '127.68.0.1', port: 30_000, id: 7, version: 1 };
const PEER: LocalAudio = { host: '127.68.0.2', port: 31_000, id: 8, version: 1 };
const required = { use: 'required', keys: KEYS } as const;
const optional = { use: 'optional', keys: OTHER_KEYS } as const;
const key = (index: number, keys = KEYS): string => keys[index]?.key ?? '';

/** Offer, answer, and both paths. */
function agree(local: LocalAudio, peer: LocalAudio) {
  const offer = makeOffer(local);
  const answered = answerOffer(offer, peer);
  if (!answered.ok) return { offer, refused: answered.error.code };
  const read = readAnswer(answered.value.sdp, 'sendrecv', offer);
  return {
    offer,
    answer: answered.value.sdp,
    theirs: answered.value.path,
    ours: read.ok ? read.value : read.error,
  };
}

const withCrypto = (lines: readonly string[], protocol = 'RTP/SAVP'): string =>
  [
    ...['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'],
    `m=audio 4000 ${protocol} 0`,
    ...lines.map((line) => `a=crypto:${line}`),
    '',
  ].join('\r\n');

describe('keys in offer and answer (RFC 4568)', () => {
  it('required: RTP/SAVP with a line for each suite; each side sends with its own key', () => {
    const { offer, answer, theirs, ours } = agree({ ...LOCAL, srtp: required }, { ...PEER, srtp: optional });
    expect(offer).toContain('m=audio 30000 RTP/SAVP 0 101\r\n');
    expect(offer).toContain(`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key(0)}\r\n`);
    expect(offer).toContain(`a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:${key(1)}\r\n`);
    expect(answer).toContain('m=audio 31000 RTP/SAVP 0 101\r\n');
    expect(answer?.match(/a=crypto/g)).toHaveLength(1);
    const suite = 'AES_CM_128_HMAC_SHA1_80';
    expect(theirs).toMatchObject({ srtp: { suite, local: key(0, OTHER_KEYS), remote: key(0) } });
    expect(ours).toMatchObject({ srtp: { suite, local: key(0), remote: key(0, OTHER_KEYS) } });
  });

  it('optional: RTP/AVP with keys, and plain with a peer that has none', () => {
    const both = agree({ ...LOCAL, srtp: { use: 'optional', keys: KEYS } }, { ...PEER, srtp: optional });
    expect(both.offer).toContain('RTP/AVP 0 101\r\n');
    expect(both.ours).toHaveProperty('srtp');
    const plain = agree({ ...LOCAL, srtp: { use: 'optional', keys: KEYS } }, PEER);
    expect(plain.answer).not.toContain('crypto');
    expect(plain.ours).not.toHaveProperty('srtp');
    expect(plain.theirs).not.toHaveProperty('srtp');
  });

  it('required on either side never ends in plain sound', () => {
    expect(agree({ ...LOCAL, srtp: required }, PEER)).toMatchObject({ refused: 'sdp.noKeys' });
    expect(agree(LOCAL, { ...PEER, srtp: required })).toMatchObject({ refused: 'sdp.noCodec' });
    const offer = makeOffer({ ...LOCAL, srtp: required });
    const stripped = makeOffer(PEER).replace('RTP/AVP', 'RTP/SAVP');
    expect(readAnswer(stripped, 'sendrecv', offer)).toMatchObject({ error: { code: 'sdp.noKeys' } });
    expect(readAnswer(makeOffer(PEER), 'sendrecv', offer)).toMatchObject({ error: { code: 'sdp.noCodec' } });
  });

  it('the answer has one line, of a tag and suite that were offered, and a key of its own', () => {
    const offer = makeOffer({ ...LOCAL, srtp: required });
    const answer = (line: string): unknown => readAnswer(withCrypto([line]), 'sendrecv', offer);
    const theirs = key(0, OTHER_KEYS);
    expect(answer(`1 AES_CM_128_HMAC_SHA1_80 inline:${theirs}`)).toMatchObject({ ok: true });
    for (const bad of [
      `2 AES_CM_128_HMAC_SHA1_80 inline:${theirs}`,
      `3 AES_CM_128_HMAC_SHA1_80 inline:${theirs}`,
      `1 AES_CM_128_HMAC_SHA1_80 inline:${key(0)}`,
      `1 F8_128_HMAC_SHA1_80 inline:${theirs}`,
    ]) {
      expect(answer(bad)).toMatchObject({ ok: false, error: { code: 'sdp.noKeys', status: 488 } });
    }
    const two = [`1 AES_CM_128_HMAC_SHA1_80 inline:${theirs}`, `2 AES_CM_128_HMAC_SHA1_32 inline:${theirs}`];
    expect(readAnswer(withCrypto(two), 'sendrecv', offer)).toMatchObject({ error: { code: 'sdp.noKeys' } });
  });

  it('the first line that is understood wins; the peer’s order counts', () => {
    const lines = [
      `1 AES_256_CM_HMAC_SHA1_80 inline:${'A'.repeat(62)}==`,
      `2 AES_CM_128_HMAC_SHA1_32 inline:${key(1)}|2^20|1:4`,
      `3 AES_CM_128_HMAC_SHA1_32 inline:${key(1)}|2^31 WSH=128 -FUTURE`,
      `4 AES_CM_128_HMAC_SHA1_80 inline:${key(0)}`,
    ];
    const answered = answerOffer(withCrypto(lines), { ...PEER, srtp: optional });
    if (!answered.ok) throw new Error(answered.error.say);
    expect(answered.value.sdp).toContain(
      `a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:${key(1, OTHER_KEYS)}\r\n`,
    );
    expect(answered.value.path.srtp?.suite).toBe('AES_CM_128_HMAC_SHA1_32');
  });

  it.each([
    ['a rate of key derivation', `1 AES_CM_128_HMAC_SHA1_80 inline:${key(0)} KDR=1`],
    ['no encryption', `1 AES_CM_128_HMAC_SHA1_80 inline:${key(0)} UNENCRYPTED_SRTP`],
    ['no authentication', `1 AES_CM_128_HMAC_SHA1_80 inline:${key(0)} UNAUTHENTICATED_SRTP`],
    ['several keys', `1 AES_CM_128_HMAC_SHA1_80 inline:${key(0)};inline:${key(1)}`],
    ['a key that is too short', '1 AES_CM_128_HMAC_SHA1_80 inline:AAAA'],
    ['no key', '1 AES_CM_128_HMAC_SHA1_80 inline:'],
    ['another method', `1 AES_CM_128_HMAC_SHA1_80 uri:${key(0)}`],
    ['no tag', `AES_CM_128_HMAC_SHA1_80 inline:${key(0)}`],
  ])('a line with %s is passed over', (_name, line) => {
    const answered = answerOffer(withCrypto([line]), { ...PEER, srtp: optional });
    expect(answered).toMatchObject({ ok: false, error: { code: 'sdp.noKeys' } });
  });

  it('any text for a line leads to keys of the right length, or to none', () => {
    const part = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom('1', 'AES_CM_128_HMAC_SHA1_80', `inline:${key(0)}`, '|2^20', '|1:4', 'KDR=0', ';', ' '),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        for (const line of cryptoLinesOf({ attributes: [['crypto', parts.join(' ')]] })) {
          expect(Buffer.from(line.key, 'base64')).toHaveLength(30);
        }
      }),
    );
  });
});

describe('what else a description says of sound', () => {
  const path = (lines: readonly string[], more: Partial<LocalAudio> = {}) => {
    const sdp = [
      ...[
        'v=0',
        'o=- 1 1 IN IP4 192.0.2.1',
        's=-',
        'c=IN IP4 192.0.2.1',
        't=0 0',
        'm=audio 4000 RTP/AVP 0 13',
      ],
      ...lines,
      '',
    ].join('\r\n');
    const answered = answerOffer(sdp, { ...PEER, ...more });
    if (!answered.ok) throw new Error(answered.error.say);
    return answered.value;
  };

  it('RTCP: muxed where offered (RFC 5761), elsewhere only on the same host (RFC 3605)', () => {
    const muxed = path(['a=rtcp-mux']);
    expect(muxed.path.rtcpMux).toBe(true);
    expect(muxed.sdp).toContain('a=rtcp-mux\r\n');
    expect(path([]).sdp).not.toContain('rtcp-mux');
    expect(path(['a=rtcp:53020']).path.rtcp).toEqual({ host: '192.0.2.1', port: 53_020 });
    expect(path(['a=rtcp:53020 IN IP4 192.0.2.1']).path.rtcp?.port).toBe(53_020);
    for (const other of [
      'a=rtcp:4001',
      'a=rtcp:53020 IN IP4 203.0.113.9',
      'a=rtcp:0',
      'a=rtcp:x',
      'a=rtcp:99999',
    ]) {
      expect(path([other]).path).not.toHaveProperty('rtcp');
    }
    const offer = makeOffer({ ...LOCAL, rtcpMux: true });
    expect(readAnswer(muxed.sdp, 'sendrecv', offer)).toMatchObject({ value: { rtcpMux: true } });
    const unasked = readAnswer(muxed.sdp, 'sendrecv', makeOffer(LOCAL));
    expect(unasked.ok && unasked.value).not.toHaveProperty('rtcpMux');
  });

  it.each([
    [['a=ptime:30'], 30],
    [['a=ptime:40', 'a=maxptime:20'], undefined],
    [['a=ptime:15'], 10],
    [['a=ptime:0'], 10],
    [['a=ptime:400'], 60],
    [['a=ptime:many'], undefined],
  ])('packets as long as the peer wants: %j is %s', (lines, wanted) => {
    expect(path(lines).path.ptimeMs).toBe(wanted);
  });

  it('comfort noise only where both sides want it', () => {
    expect(path([]).path).not.toHaveProperty('comfortNoise');
    const wanted = path([], { comfortNoise: true });
    expect(wanted.path.comfortNoise).toBe(true);
    expect(wanted.sdp).toContain('m=audio 31000 RTP/AVP 0 13\r\n');
    expect(readAnswer(wanted.sdp, 'sendrecv', makeOffer({ ...LOCAL, comfortNoise: true }))).toMatchObject({
      value: { comfortNoise: true },
    });
  });
});
