import { expect, it } from 'vitest';
import { type Asker, WrongTries } from '../../../cloud-stub/sync/wrong-tries.ts';

const stranger = (address: string): Asker => ({ is: 'stranger', address });
const holder: Asker = { is: 'holder', serial: '0a' };

it('one address has five wrong tries, then one each ten seconds; others go on', () => {
  const tries = new WrongTries(0);
  for (let count = 0; count < 5; count++) {
    expect(tries.mayAsk(stranger('203.0.113.7'), 0)).toBe(true);
    tries.failed(stranger('203.0.113.7'), 0);
  }
  expect(tries.mayAsk(stranger('203.0.113.7'), 0)).toBe(false);
  expect(tries.mayAsk(stranger('203.0.113.8'), 0)).toBe(true);
  expect(tries.mayAsk(stranger('203.0.113.7'), 10_000)).toBe(true);
});

it('many addresses together run dry, and every address of an IPv6 subscriber is one', () => {
  const tries = new WrongTries(0);
  for (let count = 0; count < 5; count++) tries.failed(stranger(`2001:db8:1:1::${count}`), 0);
  expect(tries.mayAsk(stranger('2001:db8:1:1::99'), 0)).toBe(false);
  expect(tries.mayAsk(stranger('2001:db8:1:2::1'), 0)).toBe(true);
  for (let count = 0; count < 100; count++) tries.failed(stranger(`198.51.100.${count}`), 0);
  expect(tries.mayAsk(stranger('192.0.2.1'), 0)).toBe(false);
});

it('strangers who guess keep no box with a certificate from renewing it, or from a download', () => {
  const tries = new WrongTries(0);
  for (let count = 0; count < 200; count++) tries.failed(stranger(`198.51.100.${count}`), 0);
  expect(tries.mayAsk(holder, 0)).toBe(true);
  for (let count = 0; count < 5; count++) tries.failed(holder, 0);
  expect(tries.mayAsk(holder, 0)).toBe(false);
  expect(tries.mayAsk({ is: 'holder', serial: '0b' }, 0)).toBe(true);
});
