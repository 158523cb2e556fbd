import { expect, it } from 'vitest';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { firstAddress } from '../../../lib/net/first-address.ts';
import { type Ipv4Subnet, parseIpv4 } from '../../../lib/net/ipv4.ts';

function at(text: string): Ipv4Subnet {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(text);
  return { address, prefixBits: 24 };
}

it('is the address of the first interface that has one, and follows it', () => {
  const clock = new VirtualClock();
  const subnets = new Map<string, Ipv4Subnet>();
  const host = firstAddress(['wan', 'lan'], clock, (device) => subnets.get(device));
  expect(host()).toBe('0.0.0.0');
  subnets.set('lan', at('192.168.1.5'));
  clock.advance(1_000);
  expect(host()).toBe('192.168.1.5');
  subnets.set('wan', at('203.0.113.9'));
  clock.advance(1_000);
  expect(host()).toBe('203.0.113.9');
  subnets.delete('wan');
  clock.advance(1_000);
  expect(host()).toBe('192.168.1.5');
});

it('asks the kernel twice a second at most', () => {
  const clock = new VirtualClock();
  let asked = 0;
  const host = firstAddress(['lan'], clock, () => {
    asked++;
    return at('192.168.1.5');
  });
  for (let call = 0; call < 100; call++) host();
  expect(asked).toBe(1);
});
