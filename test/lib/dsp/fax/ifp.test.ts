import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { IFP_BYTES_MOST, isIfp } from '../../../../lib/dsp/fax/ifp.ts';
import { T38Terminal } from '../../../../lib/dsp/fax/t38-terminal.ts';
import { must } from '../../../support/fax-trial.ts';
import { anyIfp } from './odd-ifp.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('the grammar of IFP packets', () => {
  it('takes indicators of all sixteen kinds, and no more', () => {
    for (let indicator = 0; indicator < 16; indicator += 1) {
      expect(isIfp(Uint8Array.of(indicator << 1), 0)).toBe(true);
    }
    expect(isIfp(hex('20 00'), 3)).toBe(false);
    expect(isIfp(hex('80'), 3)).toBe(false);
    expect(isIfp(new Uint8Array(), 3)).toBe(false);
  });

  it('takes the same frame in the grammar of its version only', () => {
    // V.21, two fields: data "ff 13 8c", then "checksum right, end of signal" (type 4) without data.
    const corrected = hex('c0 02 80 00 02 ff 13 8c 20');
    const first = hex('c0 02 80 00 02 ff 13 8c 40');
    expect(isIfp(corrected, 3)).toBe(true);
    expect(isIfp(corrected, 1)).toBe(true);
    expect(isIfp(first, 0)).toBe(true);
    expect(isIfp(first, 3)).toBe(false);
  });

  it('lets two fields without data share an octet in version 0', () => {
    expect(isIfp(hex('c0 02 24'), 0)).toBe(true);
    expect(isIfp(hex('c0 03 24 10'), 0)).toBe(true);
    expect(isIfp(hex('c0 03 24'), 0)).toBe(false);
  });

  it('takes the zeros that parity leaves behind a rebuilt packet, and nothing else', () => {
    expect(isIfp(hex('06 00 00 00'), 0)).toBe(true);
    expect(isIfp(hex('06 00 01 00'), 0)).toBe(false);
    expect(isIfp(hex('c0 01 80 00 00 ff 00 00'), 3)).toBe(true);
  });

  it('refuses what is cut anywhere, and what is too long', () => {
    const whole = hex('c0 02 80 00 02 ff 13 8c 20');
    for (let length = 1; length < whole.length; length += 1) {
      expect(isIfp(whole.subarray(0, length), 3), `${length} octets`).toBe(false);
    }
    expect(isIfp(new Uint8Array(IFP_BYTES_MOST), 0)).toBe(true);
    expect(isIfp(new Uint8Array(IFP_BYTES_MOST + 1), 0)).toBe(false);
  });

  it('takes all that the library itself sends', () => {
    for (const version of [0, 1, 3] as const) {
      const sent: Uint8Array[] = [];
      const terminal = must(
        T38Terminal.open({
          calling: false,
          ident: '1',
          ecm: true,
          modems: 'v17',
          version,
          onIfp: (ifp) => sent.push(ifp),
          onEnd: () => undefined,
        }),
      );
      for (let tick = 0; tick < 500; tick += 1) terminal.tick(160);
      terminal.close();
      expect(sent.length).toBeGreaterThan(10);
      expect(sent.every((ifp) => isIfp(ifp, version))).toBe(true);
    }
  });

  it('answers for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0, 1, 2, 3), (bytes, version) => {
        expect(typeof isIfp(bytes, version as 0 | 1 | 2 | 3)).toBe('boolean');
      }),
    );
    const random = seededRandom(9);
    for (let round = 0; round < 2_000; round += 1) isIfp(anyIfp(random, round % 2 === 0 ? 0 : 3), 3);
  });
});
