import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { renderPhone } from '../../../../agent/provisioning/templates/index.ts';
import { readGrandstream } from './read-back.ts';
import { AROUND, SETTLED, samplePhone } from './samples.ts';

const KEY = 'k3yOfThisPhoneOnly';

describe('openssl, which does not know our code', () => {
  it.each(['md5', 'sha256'] as const)('reads a file that was encrypted with %s', (digest) => {
    const phone = samplePhone('grandstream', 'GRP2614', { label: '受付 & 電話' });
    const files = renderPhone(phone, { ...SETTLED, encryption: { mode: 'use', key: KEY, digest } });
    if (!files.ok) throw new Error(files.error.say);
    const options = ['enc', '-d', '-aes-256-cbc', '-md', digest, '-pass', `pass:${KEY}`];
    const { status, stdout } = spawnSync('openssl', options, { input: files.value[0]?.bytes ?? '' });
    expect(status).toBe(0);
    const { settings } = readGrandstream(stdout.toString('utf8'));
    expect(settings).toContainEqual(['account.1.name', '受付 & 電話']);
    const wrong = spawnSync('openssl', [...options.slice(0, -1), 'pass:another'], {
      input: files.value[0]?.bytes ?? '',
    });
    expect(wrong.stdout.toString('latin1')).not.toContain('gs_provision');
  });

  it('finds the phone book and every file of names well-formed, if xmllint is there', () => {
    const file = renderPhone(samplePhone('grandstream', 'GRP2614', { label: `<&>"'` }), AROUND);
    if (!file.ok) throw new Error(file.error.say);
    const lint = spawnSync('xmllint', ['--noout', '-'], { input: file.value[0]?.bytes ?? '' });
    if (lint.error !== undefined) return;
    expect(lint.status).toBe(0);
  });
});
