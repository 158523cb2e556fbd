import { describe, expect, it } from 'vitest';
import { encryptXml } from '../../../../agent/provisioning/templates/grandstream/encryption.ts';
import { renderPhone } from '../../../../agent/provisioning/templates/index.ts';
import { AROUND, SETTLED, samplePhone } from './samples.ts';

const KEY = 'k3yOfThisPhoneOnly';

describe('encrypted files', () => {
  it('begin as OpenSSL writes them, and fill whole blocks', () => {
    const bytes = encryptXml(Buffer.from('<a/>'), KEY, 'md5');
    expect(Buffer.from(bytes.subarray(0, 8)).toString('hex')).toBe('53616c7465645f5f');
    expect(bytes.length).toBe(16 + 16);
  });

  it('are the same bytes for the same contents and key, and share nothing with any other', () => {
    const one = encryptXml(Buffer.from('contents'), KEY, 'sha256');
    expect(encryptXml(Buffer.from('contents'), KEY, 'sha256')).toEqual(one);
    const others = [
      encryptXml(Buffer.from('content!'), KEY, 'sha256'),
      encryptXml(Buffer.from('contents'), `${KEY}2`, 'sha256'),
    ];
    for (const other of others)
      expect(Buffer.from(other.subarray(8, 16))).not.toEqual(Buffer.from(one.subarray(8, 16)));
  });

  it('come only after the phone has been told its key', () => {
    const phone = samplePhone('grandstream', 'GRP2612');
    const told = renderPhone(phone, { ...AROUND, encryption: { mode: 'tell', key: KEY, digest: 'md5' } });
    if (!told.ok) throw new Error(told.error.say);
    const text = Buffer.from(told.value[0]?.bytes ?? []).toString('utf8');
    expect(text).toContain(`<item name="provisioning.config.filePassword">${KEY}</item>`);
    const used = renderPhone(phone, { ...SETTLED, encryption: { mode: 'use', key: KEY, digest: 'md5' } });
    if (!used.ok) throw new Error(used.error.say);
    expect(used.value[0]).toMatchObject({ contentType: 'application/octet-stream', secret: true });
    expect(Buffer.from(used.value[0]?.bytes ?? []).toString('latin1')).not.toContain('gs_provision');
  });

  it('are refused for Panasonic, whose format is in no public document', () => {
    const phone = samplePhone('panasonic', 'KX-HDV230N');
    expect(
      renderPhone(phone, { ...SETTLED, encryption: { mode: 'use', key: KEY, digest: 'md5' } }),
    ).toMatchObject({ ok: false, error: { code: 'template.encryption' } });
  });
});
