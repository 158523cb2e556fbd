import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '../../../lib/base/clock.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import {
  checkSiteConfig,
  ENVELOPE_LIMIT_BYTES,
  openDesired,
  signDesired,
} from '../../../lib/contract/envelope.ts';
import { OFFICE_FEATURES, SITE_CONFIG_LIMIT_BYTES, siteConfig } from '../../../lib/contract/site-config.ts';
import { configKeys, signedSite, siteLine, siteOf, TEST_GATEWAY } from '../../support/site-config.ts';

const { privateKey, publicKey } = configKeys();
const ours = { gateway: TEST_GATEWAY, publicKey };

function codeOf(bytes: Uint8Array, options = ours): string {
  const opened = openDesired(bytes, options);
  return opened.ok ? 'opened' : opened.error.code;
}

/** Changes fields of a signed envelope without signing it again. */
function tampered(change: (envelope: Record<string, unknown>) => void): Buffer {
  const envelope = JSON.parse(signedSite(privateKey, 7).toString()) as Record<string, unknown>;
  change(envelope);
  return Buffer.from(JSON.stringify(envelope));
}

describe('a signed configuration', () => {
  it('comes out of its envelope as it went in', () => {
    const opened = openDesired(signedSite(privateKey, 7, siteOf(), 1_790_000_000_000), ours);
    expect(opened).toMatchObject({
      ok: true,
      value: { rev: 7, issuedAt: 1_790_000_000_000, config: siteOf() },
    });
  });

  it('has the signature that the README shows', () => {
    const seed = Buffer.alloc(32, 7);
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const fixed = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const config = siteOf();
    const signed = signDesired(config, {
      rev: 3,
      gateway: TEST_GATEWAY,
      privateKey: fixed,
      now: instant(1_790_000_000_000),
    });
    if (!signed.ok) throw new Error(signed.error.say);
    const envelope = JSON.parse(signed.value.bytes.toString()) as Record<string, unknown>;
    expect({ ...envelope, payload: undefined }).toMatchSnapshot();
    const readme = readFileSync(new URL('../../../lib/contract/README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`begins \`${String(envelope['signature']).slice(0, 20)}…\``);
    expect(readme).toContain(`${String(envelope['size'])} bytes of payload`);
    expect(readme).toContain(`${String(envelope['sha256']).slice(0, 10)}….`);
    expect(codeOf(signed.value.bytes, { gateway: TEST_GATEWAY, publicKey: createPublicKey(fixed) })).toBe(
      'opened',
    );
  });

  it.each<[string, Buffer, string]>([
    ['larger than any configuration', Buffer.alloc(ENVELOPE_LIMIT_BYTES + 1, 0x20), 'config.tooLarge'],
    ['nothing', Buffer.alloc(0), 'config.notJson'],
    ['garbage', Buffer.from([0xff, 0xfe, 0x00, 0x41]), 'config.notJson'],
    ['half of a message', signedSite(privateKey, 7).subarray(0, 200), 'config.notJson'],
    ['JSON of another kind', Buffer.from('[1,2,3]'), 'config.schema'],
    [
      'an envelope of a later generation',
      tampered((envelope) => Object.assign(envelope, { v: 2 })),
      'config.schemaVersion',
    ],
    [
      'an envelope with a foreign field',
      tampered((envelope) => Object.assign(envelope, { extra: 1 })),
      'config.schema',
    ],
    [
      'a revision changed on the way',
      tampered((envelope) => Object.assign(envelope, { rev: 8 })),
      'config.signature',
    ],
    [
      'a gateway changed on the way',
      tampered((envelope) => Object.assign(envelope, { gateway: 'gw-000002' })),
      'config.signature',
    ],
    [
      'a payload changed on the way',
      tampered((envelope) => {
        envelope['payload'] = String(envelope['payload']).replace('0355550100', '0355550999');
      }),
      'config.digest',
    ],
    [
      'a payload of another length',
      tampered((envelope) => {
        envelope['payload'] = `${String(envelope['payload'])} `;
      }),
      'config.digest',
    ],
    ['signed by another cloud', signedSite(generateKeyPairSync('ed25519').privateKey, 7), 'config.signature'],
    [
      'for another gateway',
      signedSite(privateKey, 7, siteOf({ gateway: 'gw-000002' })),
      'config.otherGateway',
    ],
  ])('%s is refused', (_what, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  it('is refused when the key is not one for signatures', () => {
    const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(codeOf(signedSite(privateKey, 7), { gateway: TEST_GATEWAY, publicKey: rsa })).toBe(
      'config.signature',
    );
  });

  it('is not made when a gateway would refuse it, and the sentence names the field', () => {
    const bad = siteOf({ lines: [siteLine(1, '11'), { ...siteLine(2, '12'), extension: '0' }] });
    const signed = signDesired(bad, { rev: 1, gateway: TEST_GATEWAY, privateKey, now: instant(1) });
    expect(signed).toMatchObject({ ok: false, error: { code: 'config.schema', rev: 1 } });
    if (!signed.ok) expect(signed.error.say).toContain('lines, item 2, extension');
  });

  it('is not made for a gateway that it does not name', () => {
    const gateway = 'gw-000009' as GatewayId;
    const signed = signDesired(siteOf(), { rev: 1, gateway, privateKey, now: instant(1) });
    expect(signed).toMatchObject({ ok: false, error: { code: 'config.otherGateway' } });
  });

  it('stays under the limit of a message with the largest office', () => {
    const lines = Array.from({ length: 8 }, (_unused, index) => ({
      ...siteLine(index + 1, String(20_000 + index)),
      label: '縁'.repeat(40),
      sip: { user: String(index).repeat(64), password: '"'.repeat(128) },
      ringsFor: Array.from({ length: 16 }, () => '0'.repeat(20)),
    }));
    const bytes = signedSite(privateKey, 7, siteOf({ lines }));
    expect(bytes.length).toBeLessThan(SITE_CONFIG_LIMIT_BYTES);
    expect(codeOf(bytes)).toBe('opened');
  });
});

describe('any bytes', () => {
  it('are opened or refused and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expect(codeOf(bytes)).toMatch(/^config\./);
      }),
      { numRuns: 300 },
    );
  });

  it('that are any JSON are refused and never throw', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(codeOf(Buffer.from(text))).toMatch(/^config\./);
      }),
      { numRuns: 300 },
    );
  });

  it('that differ from a signed envelope in one place are refused', () => {
    const signed = signedSite(privateKey, 7);
    fc.assert(
      fc.property(fc.nat({ max: signed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(signed);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(codeOf(changed)).toMatch(/^config\./);
      }),
      { numRuns: 500 },
    );
  });

  it('nested without end are refused and never throw', () => {
    expect(codeOf(Buffer.from('['.repeat(60_000)))).toBe('config.notJson');
    expect(codeOf(Buffer.from('['.repeat(30_000) + ']'.repeat(30_000)))).toMatch(/^config\./);
  });
});

describe('the sense of an office', () => {
  it.each([
    ['a port twice', [siteLine(1, '11'), { ...siteLine(2, '12'), port: 1 }], 'config.duplicatePort'],
    ['an extension twice', [siteLine(1, '11'), siteLine(2, '11')], 'config.duplicateExtension'],
    [
      'an ID twice',
      [siteLine(1, '11'), { ...siteLine(2, '12'), serviceId: 'id-000001-1' }],
      'config.duplicateService',
    ],
    [
      'a SIP account twice',
      [siteLine(1, '11'), { ...siteLine(2, '12'), sip: siteLine(1, '11').sip }],
      'config.duplicateAccount',
    ],
    ['an extension that hides 119', [siteLine(1, '119')], 'config.reservedExtension'],
    ['a label that drives a terminal', [{ ...siteLine(1, '11'), label: 'x\u001b[2J' }], 'config.text'],
    [
      'a SIP user that splits a header',
      [{ ...siteLine(1, '11'), sip: { user: 'a\r\nVia: x', password: 'a-long-enough-one' } }],
      'config.text',
    ],
  ])('%s is refused', (_what, lines, code) => {
    expect(checkSiteConfig(siteOf({ lines }))).toMatchObject({ ok: false, error: { code } });
  });

  it.each([
    ['codes that begin alike', { features: { ...OFFICE_FEATURES, park: '*81' } }, 'config.featureCodes'],
    [
      'a flash that cannot be made',
      { lines: [{ ...siteLine(1, '11'), flash: { leastMs: 600, mostMs: 500 } }] },
      'config.flashWindow',
    ],
  ])('with %s is refused', (_what, changes, code) => {
    expect(checkSiteConfig(siteOf(changes))).toMatchObject({ ok: false, error: { code } });
  });

  it('without what was added later means the usual values of Japan', () => {
    const { features: _f, ...office } = siteOf();
    const old = {
      ...office,
      lines: office.lines.map(({ port, serviceId, label, extension, sip, presents, ringsFor, ring }) => {
        return { port, serviceId, label, extension, sip, presents, ringsFor, ring };
      }),
    };
    expect(siteConfig.parse(old)).toEqual(siteOf());
  });

  it('of two lines is good', () => {
    expect(checkSiteConfig(siteOf())).toEqual({ ok: true, value: undefined });
  });
});
