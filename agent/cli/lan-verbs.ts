import type { Command } from 'commander';
import { parseMac } from '../../lib/net/mac-address.ts';
import type { DhcpAnswer, LeasesAnswer, WhyAnswer } from '../local-api/index.ts';
import { type CliIo, EXIT } from './io.ts';
import type { Verdict } from './screen.ts';
import { dhcpScreen, dhcpVerdict, leasesScreen, whyScreen } from './screens/dhcp.ts';

/** Asks the agent for one document and shows it; the exit code. */
export type LanShow = <Answer extends { readonly v: 1 }>(
  command: Command,
  path: string,
  screen: (answer: Answer, colours: boolean) => readonly string[],
  verdict: (answer: Answer) => Verdict,
) => Promise<number>;

/** What `--watch` does. */
export const AGAIN = 'shows it again whenever it changes, until Ctrl-C';

/** `engawa dhcp`, `engawa leases`, `engawa why MAC`. */
export function addLanVerbs(
  program: Command,
  io: CliIo,
  show: LanShow,
  finish: (code: number) => void,
): void {
  const verb = (name: string, about: string, example: string): Command =>
    program
      .command(name)
      .description(about)
      .option('-w, --watch', AGAIN)
      .allowExcessArguments(false)
      .addHelpText('after', `\nExample:\n  ${example}`);
  verb('dhcp', 'addresses on the LAN: what this box does, and who else', 'engawa dhcp').action(
    async (_options, command: Command) =>
      finish(await show<DhcpAnswer>(command, '/v1/dhcp', dhcpScreen, dhcpVerdict)),
  );
  verb('leases', 'which device has which address from this box', 'engawa leases').action(
    async (_options, command: Command) =>
      finish(await show<LeasesAnswer>(command, '/v1/dhcp/leases', leasesScreen, () => 'OK')),
  );
  verb('why', 'why a device was answered so, or not', 'engawa why C0:74:AD:2B:D8:59')
    .argument('<mac>', 'hardware address, as on its label')
    .action(async (text: string, _options, command: Command) => {
      const mac = parseMac(text);
      if (mac === undefined) {
        io.err('engawa: that is no hardware address; write it as on the label: C0:74:AD:2B:D8:59\n');
        finish(EXIT.usage);
        return;
      }
      finish(await show<WhyAnswer>(command, `/v1/why/${mac}`, whyScreen, () => 'OK'));
    });
}
