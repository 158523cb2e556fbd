import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseControlFrame } from '../../../lib/dsp/t30-frame.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const reversed = (ident: string): string =>
  Buffer.from([...ident.padStart(20)].reverse().join('')).toString('hex');

describe('T.30 control frames', () => {
  it('are told by name, whoever speaks', () => {
    const names = {
      84: 'CFR',
      85: 'CFR',
      44: 'FTT',
      '8c': 'MCF',
      '8d': 'MCF',
      '4c': 'RTN',
      cc: 'RTP',
      fa: 'DCN',
    };
    for (const [field, name] of Object.entries(names)) {
      expect(parseControlFrame(hex(`ff 13 ${field}`))).toEqual({ name });
    }
    expect(parseControlFrame(hex('ff 13 2f'))).toEqual({ name: 'EOP' });
    expect(parseControlFrame(hex('ff 13 81'))?.name).toBe('DTC');
    expect(parseControlFrame(hex('ff 13 80'))?.name).toBe('DIS');
  });

  it('say what a partial page ends', () => {
    expect(parseControlFrame(hex('ff 13 be 2e 00 00 20'))).toEqual({ name: 'PPS-EOP' });
    expect(parseControlFrame(hex('ff 13 bf 4f 00 00 20'))).toEqual({ name: 'PPS-MPS' });
    expect(parseControlFrame(hex('ff 13 be 00 00 00 ff'))).toEqual({ name: 'PPS-NULL' });
    expect(parseControlFrame(hex('ff 13 ce 8e'))).toEqual({ name: 'EOR-EOM' });
    expect(parseControlFrame(hex('ff 13 be'))).toEqual({ name: 'PPS' });
  });

  it('give the identification the right way round, printable, without padding', () => {
    const csi = hex(`ff 03 40 ${reversed('+81 3 5555 0160')}`);
    expect(parseControlFrame(csi)).toEqual({ name: 'CSI', ident: '+81 3 5555 0160' });
    expect(parseControlFrame(hex('ff 03 42 00 41 ff 42'))).toEqual({ name: 'TSI', ident: 'B A' });
    expect(parseControlFrame(hex('ff 03 40'))).toEqual({ name: 'CSI', ident: '' });
  });

  it.each([
    ['20', 14_400, 'V.17'],
    ['28', 12_000, 'V.17'],
    ['24', 9_600, 'V.17'],
    ['2c', 7_200, 'V.17'],
    ['04', 9_600, 'V.29'],
    ['0c', 7_200, 'V.29'],
    ['08', 4_800, 'V.27ter'],
    ['00', 2_400, 'V.27ter'],
  ])('DCS %s chooses %i bit/s', (second, bitRate, modem) => {
    expect(parseControlFrame(hex(`ff 13 82 00 ${second} 00 04`))).toEqual({
      name: 'DCS',
      bitRate,
      modem,
      ecm: true,
      fine: false,
    });
  });

  it('say what a machine can', () => {
    expect(parseControlFrame(hex('ff 13 80 20 6e f8 44'))).toEqual({
      name: 'DIS',
      bitRate: 14_400,
      modem: 'V.17',
      ecm: true,
      fine: true,
      v8: true,
    });
    expect(parseControlFrame(hex('ff 13 80 00 08'))).toMatchObject({ bitRate: 4_800, ecm: false, v8: false });
  });

  it('are none: page data, other addresses, unknown fields, too short', () => {
    for (const none of [
      '',
      'ff',
      'ff 13',
      'ff 03 06 00 00',
      'ff 03 86',
      'fe 13 84',
      'ff 00 84',
      'ff 13 00',
    ]) {
      expect(parseControlFrame(hex(none)), none).toBeNull();
    }
  });

  it('never throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 260 }), (bytes) => void parseControlFrame(bytes)));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const frame = parseControlFrame(Uint8Array.of(0xff, 0x13, ...bytes));
        if (frame?.ident !== undefined) expect(frame.ident).toMatch(/^[ -~]{0,20}$/);
      }),
    );
  });
});
