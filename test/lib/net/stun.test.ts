import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStun, encodeStunRequest, encodeStunResponse } from '../../../lib/net/stun.ts';

/** RFC 5769 §2.1 and §2.2, with the attributes that we do not read left where they are. */
const SAMPLE_IPV4 =
  '0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96';
const SAMPLE_IPV6 =
  '010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c';

const transaction = fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => Buffer.from(bytes));
const place = fc.record({
  host: fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8:0:0:0:0:0:1', 'fe80:0:0:0:1:2:3:4')),
  port: fc.integer({ min: 0, max: 65_535 }),
});

describe('STUN Binding', () => {
  it('reads the sample answers of RFC 5769', () => {
    expect(decodeStun(Buffer.from(SAMPLE_IPV4, 'hex'))?.mapped).toEqual({ host: '192.0.2.1', port: 32_853 });
    expect(decodeStun(Buffer.from(SAMPLE_IPV6, 'hex'))?.mapped).toEqual({
      host: '2001:db8:1234:5678:11:2233:4455:6677',
      port: 32_853,
    });
  });

  it('writes what it reads', () => {
    fc.assert(
      fc.property(transaction, place, place, fc.boolean(), (id, mapped, other, changePort) => {
        expect(decodeStun(encodeStunRequest(id, changePort))).toEqual({
          ...{ kind: 'request', transaction: id, changePort },
        });
        const answer = decodeStun(encodeStunResponse(id, { mapped, origin: other, other }));
        expect(answer).toEqual({ kind: 'response', transaction: id, changePort: false, mapped, other });
      }),
    );
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, headed) => {
        if (headed && bytes.length >= 20) {
          Buffer.from(bytes.buffer).writeUInt32BE(0x2112a442, 4);
          Buffer.from(bytes.buffer).writeUInt32BE(0x01010000 | (bytes.length - 20), 0);
        }
        decodeStun(bytes);
      }),
    );
  });
});
