import type { Command } from 'commander';
import { systemClock } from '../../lib/base/clock.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { ECHO_DELAY_MOST_S, ECHO_PORTS } from '../../lib/contract/echo-packet.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { DhcpAnswer, DhcpView, ServicePlace } from '../local-api/index.ts';
import {
  badRow,
  checkNetwork,
  type EchoTarget,
  goodRow,
  type NetRow,
  skippedRow,
} from '../netcheck/index.ts';
import { getJson } from './api-client.ts';
import type { Readers } from './describe.ts';
import type { Finding } from './doctor/finding.ts';
import { checkTarget } from './doctor/network.ts';
import { trunkPlace } from './doctor/trunk-place.ts';
import { EXIT } from './exit-codes.ts';
import type { LineCall } from './line-verbs.ts';
import { boxPaths } from './paths.ts';
import { spoken, worst } from './screen.ts';
import { letterFor, type Needed } from './screens/letter.ts';
import { netcheckScreen } from './screens/netcheck.ts';
import { serviceKnown } from './service-known.ts';
import { numberOf } from './trace-verb.ts';

const USUAL_LIFE_S = 12;

interface NetcheckOptions {
  readonly life?: number;
  readonly echo?: string;
  readonly letter?: boolean;
  readonly state?: string;
}

/** Order of the rows: from the cable outwards, then the LAN. */
const ORDER = [
  'link',
  'dns',
  'time',
  'ntp',
  'mqtt tls',
  'sip tls',
  'rtp udp',
  'nat',
  'nat memory',
  'sip alg',
  'mtu',
  'dhcp',
];

/** `engawa netcheck`. */
export function addNetcheckVerb(
  describe: (name: string, readers?: Readers) => Command,
  callOf: (command: Command) => LineCall,
  finish: (code: number) => void,
): void {
  describe('netcheck', { '--life': numberOf('Seconds', 0, ECHO_DELAY_MOST_S) }).action(
    async (_own: unknown, command: Command) =>
      finish(await netcheck(callOf(command), command.optsWithGlobals<NetcheckOptions>())),
  );
}

async function netcheck(call: LineCall, options: NetcheckOptions): Promise<number> {
  const { io, json, look } = call;
  const known = await serviceKnown(boxPaths(options.state), call.socket);
  if ('code' in known) return call.refused(known);
  const { place, trunk } = known;
  const echo = options.echo === undefined ? trunk?.echo : { host: options.echo, ...ECHO_PORTS };
  if (options.letter === true) {
    const needed = await neededBy(place, trunk, echo);
    if (json) io.out(`${JSON.stringify({ v: 1, needed }, null, 2)}\n`);
    else io.out(`${letterFor(needed, look).join('\n')}\n`);
    return EXIT.good;
  }
  const service = trunk?.host ?? place?.mqtt.host ?? echo?.host ?? 'engawa.invalid';
  const [measured, reached, dhcp] = await Promise.all([
    checkNetwork(
      { clock: systemClock, random: systemRandom },
      {
        ...{ echo, service, byName: !isAddress(service), lifeS: options.life ?? USUAL_LIFE_S },
        onStep: (say) => {
          if (!json) io.err(`${spoken(say, look)}\n`);
        },
      },
    ),
    reachRows(place, trunk, io.now()),
    dhcpRow(call.socket),
  ]);
  const rows = [...measured, ...reached, dhcp].sort(
    (one, other) => ORDER.indexOf(one.name) - ORDER.indexOf(other.name),
  );
  const verdict = worst(rows.map((row) => row.verdict));
  if (json) io.out(`${JSON.stringify({ v: 1, verdict, rows }, null, 2)}\n`);
  else io.out(`${netcheckScreen(rows, look).join('\n')}\n`);
  return verdict === 'OK' ? EXIT.good : EXIT.fault;
}

/** Over TLS, as the doctor looks at it. */
async function reachRows(
  service: ServicePlace | undefined,
  wanted: SiteConfig['trunk'] | undefined,
  nowMs: number,
): Promise<readonly NetRow[]> {
  if (service === undefined) {
    return ['mqtt tls', 'sip tls'].map((name) => skippedRow(name, 'not checked: no enrolment'));
  }
  const elapsed = (): number => systemClock.monotonicMs();
  const { caPem, mqtt } = service;
  const broker = { name: 'mqtt tls', purpose: 'MQTT over TLS', ...mqtt };
  const trunk =
    wanted === undefined
      ? undefined
      : {
          ...{ name: 'sip tls', purpose: 'SIP over TLS', serverName: wanted.serverName },
          ...(await trunkPlace(wanted)),
        };
  const found = await Promise.all([
    checkTarget(broker, caPem, nowMs, elapsed),
    ...(trunk === undefined ? [] : [checkTarget(trunk, caPem, nowMs, elapsed)]),
  ]);
  const rows = found.map(rowOf);
  return trunk === undefined ? [...rows, skippedRow('sip tls', 'not checked: no configuration')] : rows;
}

function rowOf({ name, verdict, say, todo }: Finding): NetRow {
  if (todo === null || verdict === 'OK' || verdict === '--') return goodRow(name, say);
  if (verdict === 'WARN') return badRow(name, 'WARN', 'E-NET-313', say);
  return badRow(name, 'FAIL', todo.code === 'E-DOC-322' ? 'E-NET-312' : 'E-NET-311', say);
}

/** Who gives addresses on the LAN, as the agent has heard it. */
async function dhcpRow(socket: string): Promise<NetRow> {
  const answer = await getJson<DhcpAnswer>(socket, '/v1/dhcp');
  if (!answer.ok) return skippedRow('dhcp', 'not asked: the agent does not answer');
  const { dhcp } = answer.value;
  if (dhcp === null) return skippedRow('dhcp', 'no LAN of its own, or DHCP is off');
  return dhcpVerdict(dhcp);
}

/** One server is what a LAN wants; who it is does not matter. */
export function dhcpVerdict({
  foreign,
  standing,
  looked,
}: Pick<DhcpView, 'foreign' | 'standing' | 'looked'>): NetRow {
  const serving = standing === 'serving' || standing === 'phonesOnly';
  const others = foreign.map(({ address }) => address).join(', ');
  const figures = { standing, others: foreign.length };
  if (foreign.length + (standing === 'serving' ? 1 : 0) > 1) {
    const say = serving ? `${others} and this box both answer.` : `${others} answer.`;
    return badRow('dhcp', 'FAIL', 'E-NET-501', `Several DHCP servers on the LAN: ${say}`, figures);
  }
  if (foreign.length === 1) return goodRow('dhcp', `${others} answers, this box leaves it to that`, figures);
  if (!looked) return skippedRow('dhcp', 'still looking for other servers');
  return goodRow('dhcp', serving ? 'this box answers, and nobody else' : 'nobody answers', figures);
}

async function neededBy(
  service: ServicePlace | undefined,
  wanted: SiteConfig['trunk'] | undefined,
  echo: EchoTarget | undefined,
): Promise<readonly Needed[]> {
  const trunk = wanted === undefined ? undefined : await trunkPlace(wanted);
  return [
    ...(service === undefined
      ? []
      : [
          {
            protocol: 'TCP',
            host: service.mqtt.host,
            ports: String(service.mqtt.port),
            what: 'MQTT over TLS',
          },
        ]),
    ...(trunk === undefined
      ? []
      : [
          { protocol: 'TCP', host: trunk.host, ports: String(trunk.port), what: 'SIP over TLS' },
          { protocol: 'UDP', host: trunk.host, ports: '16384-32767', what: 'sound (RTP)' },
        ]),
    ...(echo === undefined
      ? []
      : [
          {
            protocol: 'UDP',
            host: echo.host,
            ports: `${echo.first}-${echo.second}, ${echo.media}`,
            what: 'measuring',
          },
        ]),
  ];
}

function isAddress(text: string): boolean {
  return /^[\d.]+$/.test(text) || text.includes(':');
}
