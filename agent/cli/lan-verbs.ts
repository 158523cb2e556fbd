import type { Command } from 'commander';
import type { DhcpAnswer, LeasesAnswer } from '../local-api/index.ts';
import type { Look, Verdict } from './screen.ts';
import { dhcpScreen, dhcpVerdict, leasesScreen } from './screens/dhcp.ts';

/** Asks the agent for one document and shows it; the exit code. */
export type LanShow = <Answer extends { readonly v: 1 }>(
  command: Command,
  path: string,
  screen: (answer: Answer, look: Look) => readonly string[],
  verdict: (answer: Answer) => Verdict,
) => Promise<number>;

/** `engawa dhcp`, `engawa leases`. */
export function addLanVerbs(
  describe: (name: string) => Command,
  show: LanShow,
  finish: (code: number) => void,
): void {
  describe('dhcp').action(async (_options, command: Command) =>
    finish(await show<DhcpAnswer>(command, '/v1/dhcp', dhcpScreen, dhcpVerdict)),
  );
  describe('leases').action(async (_options, command: Command) =>
    finish(await show<LeasesAnswer>(command, '/v1/dhcp/leases', leasesScreen, () => 'OK')),
  );
}
