import { expect, it } from 'vitest';
import { Guard } from '../../../agent/desk/guard.ts';
import { isScanner } from '../../../agent/desk/scanners.ts';

const message = (...headers: readonly string[]): Buffer =>
  Buffer.from(['OPTIONS sip:100@192.0.2.1 SIP/2.0', ...headers, '', ''].join('\r\n'));

it('a tool that names itself is known by it, a phone whose owner jokes is not', () => {
  expect(isScanner(message('User-Agent: friendly-scanner'))).toBe(true);
  expect(isScanner(message('From: "sipvicious"<sip:100@1.1.1.1>;tag=1'))).toBe(true);
  expect(isScanner(message('f: <sip:SIPVicious@1.1.1.1>'))).toBe(true);
  expect(isScanner(message('User-Agent: Grandstream GRP2614 1.0.9.84', 'Subject: sipvicious'))).toBe(false);
  expect(isScanner(Buffer.alloc(0))).toBe(false);
});

it('a scanner is shunned at its first word, and longer each time', () => {
  const guard = new Guard();
  expect(guard.ban('192.0.2.9', 0)).toBe(true);
  expect(guard.ban('192.0.2.9', 1_000)).toBe(false);
  expect(guard.shuns('192.0.2.9', 29_000)).toBe(true);
  expect(guard.shuns('192.0.2.9', 31_000)).toBe(false);
  expect(guard.ban('192.0.2.9', 31_000)).toBe(true);
  expect(guard.shuns('192.0.2.9', 90_000)).toBe(true);
  expect(guard.shuns('192.0.2.10', 0)).toBe(false);
});
