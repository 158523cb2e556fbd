import { expect, it } from 'vitest';
import { Doorkeeper } from '../../../agent/desk/doorkeeper.ts';
import { Guard } from '../../../agent/desk/guard.ts';
import { isScanner, signsForOthers } from '../../../agent/desk/scanners.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { SipAddress } from '../../../lib/voice/sip/api.ts';

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

const udp: SipAddress = { transport: 'udp', host: '192.0.2.9', port: 5_060 };
const tcp: SipAddress = { ...udp, transport: 'tcp' };

/** A door in front of an office where `users` are registered from the host of `udp`. */
function doorWith(...users: string[]) {
  const clock = new VirtualClock();
  const said: string[] = [];
  const health = { raise: (_code: string, say: string) => void said.push(say), clear: () => {} };
  const usersAt = (host: string): readonly string[] => (host === udp.host ? users : []);
  const door = new Doorkeeper({ clock, log: silentLog(), health, usersAt });
  const wrong = (user: string, times: number, source = udp): void => {
    for (let count = 0; count < times; count++) door.judged(user, source, false);
  };
  return { clock, said, users, door, wrong };
}

it('a datagram in the name of a registered phone silences nobody, and is told once in a while', () => {
  const { clock, said, door } = doorWith('21');
  for (let count = 0; count < 1_000; count++) door.strange(udp, count % 2 === 0);
  expect([door.shuns(udp), door.shuns(tcp)]).toEqual([false, false]);
  expect(door.mayOnlySign(udp)).toBeUndefined();
  expect(said).toEqual([expect.stringMatching(/^192\.0\.2\.9 looks for extensions.*goes on being heard/)]);
  clock.advance(90_000);
  door.strange(udp, true);
  expect(said).toHaveLength(2);
});

it('where no phone is, a mere claim shuns datagrams alone, for 30 s, and then leaves a minute to register in', () => {
  const { clock, said, door } = doorWith();
  for (const times of [1, 2, 3]) {
    door.strange(udp, true);
    expect([door.shuns(udp), door.shuns(tcp)]).toEqual([true, false]);
    expect(said).toHaveLength(times);
    clock.advance(30_000);
    for (let quarter = 0; quarter < 4; quarter++) {
      expect(door.shuns(udp)).toBe(false);
      for (let count = 0; count < 9; count++) door.strange(udp, count === 0);
      clock.advance(15_000);
    }
  }
});

it('what came over a connection was the source itself: all of it is shunned, longer each time', () => {
  const { clock, door } = doorWith();
  door.strange(tcp, true);
  expect([door.shuns(udp), door.shuns(tcp)]).toEqual([true, true]);
  clock.advance(30_000);
  expect(door.shuns(tcp)).toBe(false);
  for (let count = 0; count < 8; count++) door.strange(tcp, false);
  clock.advance(59_000);
  expect(door.shuns(tcp)).toBe(true);
});

it('a phone that guesses the passwords of others is told of, and heard for itself alone', () => {
  const { clock, said, users, door, wrong } = doorWith('21');
  wrong('22', 7);
  door.judged('21', udp, true);
  wrong('23', 1);
  expect([door.shuns(udp), door.shuns(tcp)]).toEqual([false, true]);
  expect(door.mayOnlySign(udp)).toEqual(['21']);
  expect(said).toEqual([expect.stringContaining('wrong passwords')]);
  users.length = 0;
  expect(door.shuns(udp)).toBe(true);
  clock.advance(30_000);
  expect([door.shuns(udp), door.mayOnlySign(udp)]).toEqual([false, undefined]);
});

it('whose password a request carries is known however it is written', () => {
  const signed = (...lines: readonly string[]): Buffer =>
    message(
      ...['Via: SIP/2.0/UDP h;branch=z9hG4bKa', 'From: <sip:a@h>;tag=1', 'To: <sip:a@h>', 'Call-ID: c'],
      ...['CSeq: 1 OPTIONS', ...lines],
    );
  const foreign = (...lines: readonly string[]): boolean => signsForOthers(signed(...lines), ['21']);
  const own = 'Authorization: Digest username="21", realm="engawa"';
  expect(foreign()).toBe(false);
  expect(foreign(own)).toBe(false);
  expect(foreign('Authorization: Digest username="22", realm="engawa"')).toBe(true);
  expect(foreign('proxy-authorization : Digest realm=engawa,\tUSERNAME = 22')).toBe(true);
  expect(foreign('Proxy-Authorization:\r\n Digest username=22')).toBe(true);
  expect(foreign(own, 'Authorization: Digest realm="engawa", username="22"')).toBe(true);
  expect(foreign('Authorization: Digest realm="engawa"')).toBe(true);
  expect(signsForOthers(Buffer.from('no message'), [])).toBe(false);
});
