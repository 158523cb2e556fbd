import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownReports } from '../../../cloud-stub/media/report-guard.ts';
import { decodeRtcp, encodeRtcp } from '../../../lib/voice/rtcp/packet.ts';

describe('the reports of a party as the other party gets them', () => {
  it('keep what they say of the sound and lose the name', () => {
    const bytes = Buffer.from('80c9000100000007' + '81ca000300000007' + '0105614031' + '2e3200', 'hex');
    const shown = shownReports(bytes, 'x') ?? Buffer.alloc(0);
    expect(decodeRtcp(shown)).toEqual({
      ok: true,
      value: [
        { type: 'receiverReport', ssrc: 7, reports: [] },
        { type: 'sourceDescription', chunks: [{ ssrc: 7, cname: 'x' }] },
      ],
    });
  });

  it('lose packets that nobody here understands', () => {
    const report = encodeRtcp([{ type: 'receiverReport', ssrc: 7, reports: [] }]);
    const application = Buffer.from('80cc000200000007' + '41424344', 'hex');
    expect(shownReports(Buffer.concat([report, application]), 'x')).toEqual(report);
  });

  it('are nothing where they are no RTCP, whatever the bytes', () => {
    expect(shownReports(Buffer.from('not a report'), 'x')).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const shown = shownReports(Buffer.from(bytes), 'x');
        expect(shown === undefined || decodeRtcp(shown).ok).toBe(true);
      }),
    );
  });
});
