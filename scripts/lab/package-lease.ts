import { join } from 'node:path';
import type { Lan } from './lan.ts';

const CLIENT = join(import.meta.dirname, 'package-client.ts');
const LIMIT_S = 15;

/** What the client of the `dhcp` package was given. */
export interface PackageLease {
  readonly address: string;
  readonly server: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Runs the client of the `dhcp` package on a host without an address; undefined when it was given none. */
export async function packageLease(lan: Lan, host: string): Promise<PackageLease | undefined> {
  // It uses ordinary sockets: they want a route even for a broadcast, and hear nothing from where none leads back.
  await lan.run(host, ['ip', 'route', 'replace', 'default', 'dev', 'lan0']);
  const unfiltered = ['net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.lan0.rp_filter=0'];
  await lan.run(host, ['sysctl', '-qw', ...unfiltered]);
  const command = ['timeout', String(LIMIT_S), process.execPath, '--import', 'tsx', CLIENT, lan.macOf(host)];
  const { output } = await lan.run(host, command);
  const line = output.split('\n').find((each) => each.startsWith('{'));
  return line === undefined ? undefined : (JSON.parse(line) as PackageLease);
}
