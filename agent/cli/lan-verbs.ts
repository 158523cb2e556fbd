import type { Command } from 'commander';
import { parseMac } from '../../lib/net/mac-address.ts';
import type { DhcpAnswer, LeasesAnswer, WhyAnswer } from '../local-api/index.ts';
import { EXIT } from './exit-codes.ts';
import type { CliIo } from './io.ts';
import type { Look, Verdict } from './screen.ts';
import { dhcpScreen, dhcpVerdict, leasesScreen, whyScreen } from './screens/dhcp.ts';

/** Asks the agent for one document and shows it; the exit code. */
export type LanShow = <Answer extends { readonly v: 1 }>(
  command: Command,
  path: string,
  screen: (answer: Answer, look: Look) => readonly string[],
  verdict: (answer: Answer) => Verdict,
) => Promise<number>;

/** `engawa dhcp`, `engawa leases`, `engawa why MAC`. */
export function addLanVerbs(
  describe: (name: string) => Command,
  io: CliIo,
  show: LanShow,
  finish: (code: number) => void,
): void {
  describe('dhcp').action(async (_options, command: Command) =>
    finish(await show<DhcpAnswer>(command, '/v1/dhcp', dhcpScreen, dhcpVerdict)),
  );
  describe('leases').action(async (_options, command: Command) =>
    finish(await show<LeasesAnswer>(command, '/v1/dhcp/leases', leasesScreen, () => 'OK')),
  );
  describe('why').action(async (text: string, _options, command: Command) => {
    const mac = parseMac(text);
    if (mac === undefined) {
      io.err('engawa: that is no hardware address; write it as on the label: C0:74:AD:2B:D8:59\n');
      finish(EXIT.usage);
      return;
    }
    finish(await show<WhyAnswer>(command, `/v1/why/${mac}`, whyScreen, () => 'OK'));
  });
}
