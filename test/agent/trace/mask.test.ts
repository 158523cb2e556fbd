import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { masked, TRACE_KINDS } from '../../../agent/trace/index.ts';
import { INVITE, mqtt, traced } from './messages.ts';

const shown = (kind: 'sip' | 'mqtt', bytes: Buffer): string =>
  masked(traced({ kind, bytes })).bytes.toString('latin1');

describe('secrets in a trace', () => {
  it('a digest response is stars, also where its header goes on in a second line', () => {
    const text = shown('sip', INVITE);
    expect(text).not.toContain('0123456789abcdef');
    expect(text).toContain(`response="${'*'.repeat(32)}"`);
    expect(text).toContain('username="id-000001-1"');
  });

  it('keys of SRTP are zeros, which readers of captures can read', () => {
    const text = shown('sip', INVITE);
    expect(text).not.toContain('QUJDREVG');
    expect(text).toContain('AES_CM_128_HMAC_SHA1_80 inline:AAAA');
  });

  it('a header name in capitals, a Basic proof and rspauth are known too', () => {
    const bytes = Buffer.from(
      'SIP/2.0 200 OK\r\nAUTHORIZATION : Basic c2VjcmV0OnNlY3JldA==\r\nAuthentication-Info: rspauth="feedface"\r\n\r\n',
    );
    const text = shown('sip', bytes);
    expect(text).not.toMatch(/c2Vj|feedface/);
  });

  it('the password of a CONNECT is stars, whatever stands before it', () => {
    const will = { topic: 'a/b', payload: 'gone', qos: 1, retain: true };
    const who = {
      cmd: 'connect',
      clientId: 'gw-000001',
      username: 'gw-000001',
      password: 'hush-hush-hush-1',
    };
    for (const packet of [who, { ...who, will }]) {
      const text = shown('mqtt', mqtt(packet));
      expect(text).not.toContain('hush');
      expect(text).toContain(`gw-000001\0\x10${'*'.repeat(16)}`);
    }
  });

  it('passwords in JSON are stars, and in JSON that stands in JSON', () => {
    const inner = JSON.stringify({ lines: [{ sip: { user: 'u', password: 'S3cr"et\\word' } }] });
    for (const payload of [inner, JSON.stringify({ v: 1, payload: inner })]) {
      const text = shown('mqtt', mqtt({ cmd: 'publish', topic: 't', payload }));
      expect(text).not.toMatch(/S3cr|et\\+word/);
      expect(text).toContain('user');
    }
  });

  it('a message stays as long as it was, whatever it is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TRACE_KINDS), fc.uint8Array({ maxLength: 400 }), (kind, bytes) => {
        expect(masked(traced({ kind, bytes: Buffer.from(bytes) })).bytes.length).toBe(bytes.length);
      }),
    );
  });

  it('no password of a configuration is seen, whatever characters it has', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 12, maxLength: 40 }),
        fc.integer({ min: 0, max: 2 }),
        (tail, depth) => {
          const password = `Zq9${tail}Xw7`;
          let payload = JSON.stringify({ before: 1, password, after: 2 });
          for (let at = 0; at < depth; at++) payload = JSON.stringify({ v: 1, payload });
          const text = shown('mqtt', mqtt({ cmd: 'publish', topic: 't', payload }));
          expect(text).not.toMatch(/Zq9|Xw7/);
          expect(text).toContain('after');
        },
      ),
    );
  });
});
