import { describe, expect, it } from 'vitest';
import { firstPacket, littleEndian, packetOf } from '../../../images/lab/debugger.ts';

describe('the debugger of the emulated machine', () => {
  it('frames words with their sum', () => {
    expect(packetOf('OK')).toBe('$OK#9a');
    expect(packetOf('?')).toBe('$?#3f');
  });

  it('takes the first whole packet and passes over acknowledgements', () => {
    expect(firstPacket('+$T05thread:01;#07+$OK#9a')).toEqual({ words: 'T05thread:01;', rest: '+$OK#9a' });
    expect(firstPacket('+$T05thr')).toBeUndefined();
  });

  it('writes a register from its lowest byte', () => {
    expect(littleEndian(0x600003c5, 4)).toBe('c5030060');
  });
});
