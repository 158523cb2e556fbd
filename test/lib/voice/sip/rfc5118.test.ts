import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sdpOf } from '../../../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { responseTo } from '../../../../lib/voice/sip/codec/respond.ts';
import { writeResponse } from '../../../../lib/voice/sip/codec/write.ts';
import { wholeMessage } from './whole-message.ts';

const FOLDER = 'test/vectors/rfc5118';
const PARSED = JSON.parse(readFileSync(`${FOLDER}/parsed.json`, 'utf8')) as Record<string, object>;
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.dat'))
  .map((name) => name.slice(0, -4));

function parsed(name: string) {
  const result = parseMessage(readFileSync(`${FOLDER}/${name}.dat`));
  if (result.kind !== 'ok') throw new Error(`${name} ${result.kind}: ${result.say}`);
  return result.message;
}

describe('RFC 5118 torture messages', () => {
  test('there are 12, and one of them is invalid: an address without brackets gets 400', () => {
    expect(NAMES.length).toBe(12);
    expect(Object.keys(PARSED).sort()).toEqual(NAMES.filter((name) => name !== 'ipv6-bad').sort());
    const bad = parseMessage(readFileSync(`${FOLDER}/ipv6-bad.dat`));
    expect(bad).toMatchObject({ kind: 'reject', status: 400, via: { host: '2001:db8::9:1' } });
  });

  test.each(Object.entries(PARSED))('%s', (name, whole) => {
    expect(wholeMessage(parsed(name))).toEqual(whole);
  });

  test('§4.3, §4.4: what stands inside the brackets is the address, what stands behind them the port', () => {
    expect(parsed('port-ambiguous')).toMatchObject({
      requestUri: { host: '2001:db8::10:5070', port: undefined },
    });
    expect(parsed('port-unambiguous')).toMatchObject({ requestUri: { host: '2001:db8::10', port: 5070 } });
  });

  test('§4.6, §4.9: the description is handed on as it is', () => {
    expect(sdpOf(parsed('ipv6-in-sdp'))).toContain('c=IN IP6 2001:db8::20\r\n');
    expect(sdpOf(parsed('ipv4-mapped-ipv6'))).toContain('c=IN IP6 ::ffff:192.0.2.2\r\n');
  });

  test('§4.10: three colons mean what two mean', () => {
    expect(wholeMessage(parsed('ipv6-bug-abnf-3-colons'))).toEqual(
      wholeMessage(parsed('ipv6-correct-abnf-2-colons')),
    );
  });

  test('an answer names IPv6 hosts in brackets, and the source without', () => {
    const request = parsed('ipv6-good');
    if (request.kind !== 'request') throw new Error('no request');
    const wire = writeResponse(responseTo(request, { host: '2001:db8::9:255', port: 5060 }, 200)).toString();
    expect(wire).toContain(
      'Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111;received=2001:db8::9:255\r\n',
    );
  });
});
