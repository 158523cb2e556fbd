import { describe, expect, it } from 'vitest';
import { Gate, hashPassword, verifyPassword } from '../../../cloud-stub/sync/credentials.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

const GATEWAY = 'gw-000001' as GatewayId;
const random = seededRandom(7);

function gateWith(stored: () => string | undefined): { gate: Gate; clock: VirtualClock } {
  const clock = new VirtualClock();
  return { clock, gate: new Gate({ credential: async () => stored(), clock, random }) };
}

describe('a stored password', () => {
  it('is a salted hash that only its password opens', async () => {
    const [one, two] = [await hashPassword('secret', random), await hashPassword('secret', random)];
    expect(one).not.toBe(two);
    expect(await verifyPassword('secret', one)).toBe(true);
    expect(await verifyPassword('Secret', one)).toBe(false);
    for (const bad of ['', 'secret', 'scrypt$1$1$1$$', one.replace('4096', '16')]) {
      expect(await verifyPassword('secret', bad)).toBe(false);
    }
  });
});

describe('the gate', () => {
  it('admits the right password, also the second time, and nobody unknown', async () => {
    const stored = await hashPassword('secret', random);
    const { gate } = gateWith(() => stored);
    expect(await gate.admit(GATEWAY, 'secret')).toBe('admitted');
    expect(await gate.admit(GATEWAY, 'secret')).toBe('admitted');
    expect(await gate.admit(GATEWAY, 'wrong')).toBe('wrong');
    expect(await gateWith(() => undefined).gate.admit(GATEWAY, 'secret')).toBe('wrong');
  });

  it('forgets a password at the moment in which it is replaced', async () => {
    let stored = await hashPassword('old', random);
    const { gate } = gateWith(() => stored);
    expect(await gate.admit(GATEWAY, 'old')).toBe('admitted');
    stored = await hashPassword('new', random);
    expect(await gate.admit(GATEWAY, 'old')).toBe('wrong');
    expect(await gate.admit(GATEWAY, 'new')).toBe('admitted');
  });

  it('tires of wrong passwords, without locking out the box that it knows', async () => {
    const stored = await hashPassword('secret', random);
    const { gate, clock } = gateWith(() => stored);
    await gate.admit(GATEWAY, 'secret');
    const answers = [];
    for (let attempt = 0; attempt < 12; attempt++) answers.push(await gate.admit(GATEWAY, 'wrong'));
    expect(answers.slice(0, 10).every((answer) => answer === 'wrong')).toBe(true);
    expect(answers.at(-1)).toBe('overloaded');
    expect(await gate.admit(GATEWAY, 'secret')).toBe('admitted');
    clock.advance(6_000);
    expect(await gate.admit(GATEWAY, 'wrong')).toBe('wrong');
  });
});
