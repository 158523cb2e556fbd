import { algRow } from './alg-verdict.ts';
import { dnsRow, ntpRow } from './dns-verdict.ts';
import { linkOf, linkRow } from './link.ts';
import { mtuRow } from './mtu-verdict.ts';
import { probeNames, probeTime } from './name-probes.ts';
import { lifeRow, natKind, natRow } from './nat-verdict.ts';
import { type NetRow, skippedRow } from './net-row.ts';
import { addressTowards } from './probe-socket.ts';
import { clockOffsetMs, clockRow, soundFigures, soundRow } from './sound-verdict.ts';
import {
  type EchoTarget,
  type ProbeWorld,
  probeAlg,
  probeLife,
  probeMtu,
  probeNat,
  probeSound,
} from './udp-probes.ts';

export {
  badRow,
  goodRow,
  NET_CODES,
  type NetCode,
  type NetRow,
  skippedRow,
} from './net-row.ts';
export type { EchoTarget, ProbeWorld } from './udp-probes.ts';

/** What is to be looked at. */
export interface NetcheckOptions {
  /** Where the service echoes; undefined where no configuration names it. */
  readonly echo: EchoTarget | undefined;
  /** Name or address of the service. */
  readonly service: string;
  /** The service is found by its name. */
  readonly byName: boolean;
  /** Longest silence that is tried; 0: none. */
  readonly lifeS: number;
  /** Told when something has begun that takes its time. */
  onStep(say: string): void;
}

const NO_ECHO = 'not measured: the configuration names no echo of the service';
const ECHO_ROWS = ['nat', 'nat memory', 'sip alg', 'mtu', 'rtp udp', 'time'];

/** Looks at what the networks between the box and the service do. Changes nothing, and needs no agent. */
export async function checkNetwork(world: ProbeWorld, options: NetcheckOptions): Promise<readonly NetRow[]> {
  const { echo, service, byName, onStep } = options;
  onStep('Asking name servers and time servers.');
  const names = Promise.all([probeNames(world, service), probeTime(world)]);
  const measured =
    echo === undefined
      ? ECHO_ROWS.map((name) => skippedRow(name, NO_ECHO))
      : await measure(world, echo, options);
  const [nameServers, timeServers] = await names;
  return [...measured, dnsRow(nameServers, byName), ntpRow(timeServers)];
}

async function measure(
  world: ProbeWorld,
  echo: EchoTarget,
  { lifeS, onStep }: NetcheckOptions,
): Promise<readonly NetRow[]> {
  const place = { host: echo.host, port: echo.first };
  const address = await addressTowards(place);
  const link = address === undefined ? undefined : linkOf(address);
  const way = linkRow(link, echo.host);
  if (address === undefined)
    return [way, ...ECHO_ROWS.map((name) => skippedRow(name, 'not measured: no way'))];
  const silences = lifeS === 0 ? [] : [...new Set([lifeS / 4, lifeS / 2, lifeS].map(Math.ceil))];
  const life = probeLife(world, echo, silences);
  onStep('Asking the service how it sees us.');
  const seen = await probeNat(world, echo, address);
  const udp = natKind(seen) !== 'blocked';
  onStep('Sending SIP, and packets of many sizes.');
  const mirrored = await probeAlg(world, echo, address);
  const sizes = await probeMtu(world, echo, link?.mtu ?? 1_500);
  onStep('Sending three seconds of packets like sound.');
  const burst = await probeSound(world, echo);
  if (lifeS > 0) onStep('Waiting how long the way stays open.');
  const memory = udp ? lifeRow(await life) : skippedRow('nat memory', 'not measured: no answer over UDP');
  return [
    way,
    natRow(seen, `${echo.host}:${echo.first}, ${echo.second}`),
    memory,
    algRow(mirrored, echo.sip, udp),
    mtuRow(sizes),
    soundRow(soundFigures(burst.sent, burst.echoed, burst.counted), `${echo.host}:${echo.media}`),
    clockRow(clockOffsetMs(burst.trips)),
  ];
}
