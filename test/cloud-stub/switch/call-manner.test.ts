import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODE_HEADER, mannerOf, mediaOf } from '../../../cloud-stub/switch/call-manner.ts';

const sdp = (...media: string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...media, ''].join('\r\n');
const inviteOf = (headers: Readonly<Record<string, string>>, text?: string) => ({
  header: (name: string) => (headers[name] === undefined ? [] : [headers[name]]),
  sdp: text,
});

describe('what a call wants to carry [S2-017] [S2-027]', () => {
  it.each([
    ['voice', ['m=audio 4000 RTP/AVP 0']],
    ['voice', ['m=audio 4000 RTP/AVP 9 0 101', 'a=rtpmap:101 telephone-event/8000']],
    ['voice', ['m=audio 4000 RTP/AVP 0', 'm=video 0 RTP/AVP 96']],
    ['voice', ['m=image 4000 udptl t38']],
    ['video', ['m=audio 4000 RTP/AVP 0', 'm=video 4002 RTP/AVP 96']],
    ['video', ['m=audio 4000 RTP/AVP 0', 'm=video 1 RTP/AVP 96']],
    ['dataConnect', ['m=application 4000 TCP/SIPDC *']],
    ['highQualityAudio', ['m=audio 4000 RTP/AVP 9 101', 'a=rtpmap:101 telephone-event/8000']],
    ['highQualityAudio', ['m=audio 4000 RTP/AVP 97', 'a=rtpmap:97 AMR-WB/16000/1']],
    ['voice', ['m=audio 4000 RTP/AVP 97', 'a=rtpmap:97 AMR/8000/1']],
  ])('is %s for %j', (media, lines) => {
    expect(mediaOf(sdp(...lines))).toBe(media);
  });

  it('is voice for whatever is no description', () => {
    fc.assert(fc.property(fc.string(), (text) => void mediaOf(text)));
    expect(mediaOf(undefined)).toBe('voice');
  });
});

describe('how a device makes a call', () => {
  it('is read from its INVITE: mode, country, app, and number to show [S3-012] [S3-014] [S3-009] [S0-089]', () => {
    const headers = {
      [MODE_HEADER]: 'mobile',
      'P-Access-Network-Info': '3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=31041000000001',
      'User-Agent': 'engawa-ios/1.6.9 (test)',
      'P-Preferred-Identity': '<sip:0355550101@engawa.example>',
    };
    expect(mannerOf(inviteOf(headers, sdp('m=audio 4000 RTP/AVP 9')))).toEqual({
      media: 'highQualityAudio',
      mode: 'mobile',
      abroad: true,
      client: { os: 'ios', version: '1.6.9' },
      presents: '0355550101',
    });
  });

  it('is an ordinary one where nothing is said, or nothing that counts', () => {
    for (const headers of [
      {},
      { 'User-Agent': 'engawa-gateway/1.0' },
      { 'P-Access-Network-Info': '3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=44010000000001' },
      { [MODE_HEADER]: 'ip' },
      { 'User-Agent': 'engawa-ios/' },
    ]) {
      expect(mannerOf(inviteOf(headers, sdp('m=audio 4000 RTP/AVP 0')))).toEqual({});
    }
  });

  it('is read from any text without a fault', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        mannerOf(inviteOf({ 'User-Agent': one, 'P-Access-Network-Info': other, [MODE_HEADER]: one }, other));
      }),
    );
  });
});
