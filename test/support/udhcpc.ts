import type { Lan } from '../../scripts/lab/lan.ts';

/** What udhcpc leases on a host of a LAN, and from whom; `none` where it was given nothing. */
export async function udhcpcLease(
  lan: Lan,
  host: string,
  vendorClass?: string,
): Promise<{ readonly address: string; readonly server: string }> {
  const udhcpc = ['udhcpc', '-i', 'lan0', '-n', '-q', '-f', '-s', '/bin/true', '-t', '4', '-T', '2'];
  const { output } = await lan.run(host, [
    ...udhcpc,
    ...(vendorClass === undefined ? [] : ['-V', vendorClass]),
  ]);
  const [, address = 'none', server = 'none'] = /lease of (\S+) obtained from (\S+),/.exec(output) ?? [];
  return { address, server };
}
