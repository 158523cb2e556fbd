import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFax, sameFax, writeFax } from '../../../cloud-stub/switch/fax-description.ts';
import { readAudio } from '../../../cloud-stub/switch/session-description.ts';

const ANCHOR = { host: '127.57.1.10', port: 16_400, sessionId: 7, version: 3 };
const OFFER = [
  'v=0',
  'o=box 1 2 IN IP4 192.0.2.9',
  's=secret name',
  'c=IN IP4 192.0.2.9',
  't=0 0',
  'm=audio 0 RTP/AVP 0',
  'm=image 4002 udptl t38',
  'a=T38FaxVersion:0',
  'a=T38FaxUdpEC:t38UDPRedundancy',
  'a=candidate:1 1 UDP 1 192.0.2.9 4002 typ host',
  '',
].join('\r\n');

describe('the fax stream of a session description', () => {
  it('is passed on with the address of the cloud, its T.38 attributes, and nothing else', () => {
    const fax = readFax(OFFER);
    expect(fax).toMatchObject({ host: '192.0.2.9', port: 4_002, place: 1, otherMedia: ['audio'] });
    if (fax === undefined) return;
    const text = writeFax(fax, ANCHOR);
    expect(text.split('\r\n')).toEqual([
      'v=0',
      'o=- 7 3 IN IP4 127.57.1.10',
      's=-',
      'c=IN IP4 127.57.1.10',
      't=0 0',
      'm=audio 0 RTP/AVP 0',
      'm=image 16400 udptl t38',
      'a=T38FaxVersion:0',
      'a=T38FaxUdpEC:t38UDPRedundancy',
      '',
    ]);
    expect(readFax(text)).toMatchObject({ host: ANCHOR.host, port: ANCHOR.port });
  });

  it('tells whether live audio is offered beside it, and a refresh from a change', () => {
    const [plain, both] = [readFax(OFFER), readFax(OFFER.replace('m=audio 0', 'm=audio 4000'))];
    expect([plain?.audioToo, both?.audioToo]).toEqual([false, true]);
    if (plain === undefined || both === undefined) throw new Error('no fax');
    expect(sameFax(plain, both)).toBe(true);
    for (const changed of ['4002', 'T38FaxVersion:0', '192.0.2.9']) {
      const other = readFax(OFFER.replaceAll(changed, changed.replace(/\d$/, '1')));
      expect(other !== undefined && sameFax(plain, other)).toBe(false);
    }
  });

  it('is none with port 0, over TCP, or without an address', () => {
    for (const [from, to] of [
      ['m=image 4002', 'm=image 0'],
      ['udptl', 'tcp'],
      ['c=IN IP4 192.0.2.9', 'c=IN IP6 ::1'],
    ] as const) {
      expect(readFax(OFFER.replace(from, to))).toBeUndefined();
    }
    expect(readFax(undefined)).toBeUndefined();
    expect(readAudio(OFFER)).toBeUndefined();
  });

  it('never throws, whatever the other side writes', () => {
    const line = fc.constantFrom(...OFFER.split('\r\n'));
    const noise = fc.oneof(line, fc.string({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 30 }), (lines) => {
        const fax = readFax(lines.join('\r\n'));
        if (fax !== undefined) expect(readFax(writeFax(fax, ANCHOR))?.port).toBe(ANCHOR.port);
      }),
      { numRuns: 500 },
    );
  });
});
