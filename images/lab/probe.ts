import { LabError } from './lab-error.ts';
import type { LabNetwork, Standpoint } from './network.ts';

/** What a box answered to a knock on its ports. */
export interface Probed {
  /** Ports that answered with a service, `tcp/8080`. */
  readonly open: readonly string[];
  /** Ports that answered that nobody is there: the packet filter let the knock through. */
  readonly closed: readonly string[];
}

/** Services that boxes are looked for by, beside our own. */
const TCP = [21, 22, 23, 25, 53, 80, 111, 139, 443, 445, 1883, 5060, 5061, 8080, 8443, 8883, 9100];
const UDP = [53, 67, 69, 123, 161, 500, 1900, 5060, 5353, 16_384, 20_002, 32_767];
const SCAN_LIMIT_MS = 180_000;

/** Knocks on the box from a place of the laboratory. */
export async function probe(network: LabNetwork, from: Standpoint, address: string): Promise<Probed> {
  const scans = [
    ['-sS', '-p', TCP.join(',')],
    ['-sU', '-p', UDP.join(',')],
  ];
  const found = { open: [] as string[], closed: [] as string[] };
  for (const scan of scans) {
    const command = [
      // What is in the most frequent state is named only where so many details are asked for.
      ...['nmap', '-n', '-Pn', '-dd'],
      // Nobody answers most knocks: all at once, and each three times.
      ...['--min-parallelism', '32', '--max-retries', '2', '--max-rtt-timeout', '1500ms'],
      ...scan,
      ...['-oG', '-', address],
    ];
    const { code, output } = await network.run(from, command, SCAN_LIMIT_MS);
    if (code !== 0) throw new LabError(`nmap from ${from} ended with ${code}: ${output.slice(-300)}`);
    const seen = readProbe(output);
    found.open.push(...seen.open);
    found.closed.push(...seen.closed);
  }
  return found;
}

/** Reads nmap's output for programs (`-oG -`). */
export function readProbe(output: string): Probed {
  const ports = [...output.matchAll(/\b([0-9]{1,5})\/([a-z|]+)\/(tcp|udp)\//g)];
  const of = (state: string): string[] =>
    ports.filter(([, , is]) => is === state).map(([, port, , kind]) => `${kind}/${port}`);
  // What it says of the most frequent state names no ports.
  const rest = /Ignored State: closed/.test(output) ? ['others'] : [];
  return { open: of('open'), closed: [...of('closed'), ...rest] };
}

/** Whether the box answers an echo request from there. */
export async function answersPing(network: LabNetwork, from: Standpoint, address: string): Promise<boolean> {
  const command = ['nmap', '-n', '-sn', '-PE', '--disable-arp-ping', '--max-retries', '4', address];
  return (await network.run(from, command, 60_000)).output.includes('Host is up');
}
