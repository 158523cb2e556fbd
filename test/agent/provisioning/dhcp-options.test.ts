import { describe, expect, it } from 'vitest';
import { phoneOptionRules } from '../../../agent/provisioning/dhcp-options.ts';
import { ip } from './world.ts';

const URL_TEXT = 'http://192.168.21.2:8080/p/';

function optionsFor(match: object): Record<number, string> {
  const rule = phoneOptionRules(URL_TEXT, ip('192.168.21.2')).find(
    (each) => JSON.stringify(each.match) === JSON.stringify(match),
  );
  return Object.fromEntries(
    [...(rule?.options ?? [])].map(([code, bytes]) => [code, Buffer.from(bytes).toString('latin1')]),
  );
}

describe('what leases tell phones', () => {
  it('a Grandstream its files (66, 160) and the registrar (120, RFC 3361)', () => {
    expect(optionsFor({ oui: 'c074ad' })).toEqual({
      66: URL_TEXT,
      120: '\x01\xc0\xa8\x15\x02',
      160: URL_TEXT,
    });
    expect(optionsFor({ vendorClassPrefix: 'Grandstream' })[66]).toBe(URL_TEXT);
  });

  it('a Panasonic its files, with a slash at the end', () => {
    expect(optionsFor({ oui: '0080f0' })).toEqual({ 66: URL_TEXT, 159: URL_TEXT, 160: URL_TEXT });
  });

  it('nobody else anything, and nobody a time offset', () => {
    const rules = phoneOptionRules(URL_TEXT, ip('192.168.21.2'));
    expect(rules.every((rule) => Object.keys(rule.match).length === 1)).toBe(true);
    expect(rules.some((rule) => rule.options.has(2))).toBe(false);
  });
});
