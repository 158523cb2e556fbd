import { subnetOfInterface } from '../../../lib/net/interface-subnet.ts';
import { formatIpv4, type Ipv4, networkOf } from '../../../lib/net/ipv4.ts';
import type { DhcpAnswer, DhcpView } from '../../local-api/index.ts';
import type { AgentStatus } from '../../status.ts';
import { type LocalChange, localChange } from '../../trial/index.ts';
import { changeSafely } from './change.ts';
import { ownAddress } from './own-address.ts';
import { failed, good, leftOut, type SetupStep, type StepResult } from './step.ts';
import type { SetupWorld } from './world.ts';

/** A whole round of looking takes 8 s. */
const LOOK_LIMIT_MS = 25_000;

type Mode = Extract<LocalChange, { readonly set: 'lan' }>['mode'];
const MODES: readonly (readonly [mode: Mode, about: string])[] = [
  ['optionOnly', 'tells phones where their files are; gives no address'],
  ['phonesOnly', 'gives addresses to phones, beside the router'],
  ['serve', 'gives addresses to everybody; it is the only server'],
  ['detect', 'answers nobody; only looks for other servers'],
  ['off', 'nothing at all'],
];

/** Who gives addresses on the LAN, and what this box does there. */
export const lanStep: SetupStep = {
  name: 'lan',
  about: 'Looks who gives addresses (DHCP) on the LAN, and sets what this box does there.',
  async run(world) {
    const homeless = await ownAddress(world);
    if (homeless !== undefined) return homeless;
    const seen = await lookAround(world);
    if (seen === undefined) return leftOut('DHCP is off, or this box has no LAN of its own');
    const others = seen.foreign.map(({ address }) => address);
    const found =
      others.length === 0 ? 'no other DHCP server on this LAN' : `another DHCP server: ${others.join(', ')}`;
    world.row(seen.looked ? 'OK' : '--', 'looked', seen.looked ? found : `${found} so far`);
    const mode = await chooseMode(world, seen);
    if (mode === undefined) {
      return {
        verdict: 'WARN',
        say: [found, `mode ${seen.mode}, not decided`],
        todo: ['Decide with --lan MODE, or engawa try lan=MODE.'],
      };
    }
    if (mode === 'serve' && others.length > 0) {
      return failed(
        `${found}: two servers would give the same addresses to two devices`,
        'Switch the other one off first, or choose optionOnly or phonesOnly.',
      );
    }
    if (mode === seen.mode && world.options.pool === undefined) return good(found, `mode ${mode}, as it was`);
    return setMode(world, seen, mode, found);
  },
};

async function lookAround(world: SetupWorld): Promise<DhcpView | undefined> {
  const first = await world.must<DhcpAnswer>('/v1/dhcp');
  if (first.dhcp === null || first.dhcp.looked) return first.dhcp ?? undefined;
  world.row('--', 'looking', 'for other servers, about 8 s');
  const seen = await world.until(async () => {
    const { dhcp } = await world.must<DhcpAnswer>('/v1/dhcp');
    return dhcp?.looked === true ? dhcp : undefined;
  }, LOOK_LIMIT_MS);
  return typeof seen === 'object' && 'found' in seen ? seen.found : first.dhcp;
}

async function chooseMode(world: SetupWorld, seen: DhcpView): Promise<Mode | undefined> {
  const said = world.options.lan;
  if (said !== undefined) return MODES.find(([mode]) => mode === said)?.[0];
  const advised: Mode = seen.foreign.length > 0 ? 'optionOnly' : 'serve';
  // What gives addresses already was decided by somebody.
  const fits = seen.mode === 'optionOnly' || seen.mode === 'phonesOnly' || seen.mode === advised;
  const usual = fits ? (seen.mode as Mode) : advised;
  for (const [index, [mode, about]] of MODES.entries()) world.row('', `${index + 1}  ${mode}`, about);
  for (;;) {
    const typed = await world.ask('Which one: number or name', usual);
    const chosen = MODES.find(([mode], index) => mode === typed || String(index + 1) === typed)?.[0];
    if (chosen !== undefined || typed === undefined) return chosen;
    world.row('FAIL', 'lan', `${typed} is none of them`);
  }
}

async function setMode(world: SetupWorld, seen: DhcpView, mode: Mode, found: string): Promise<StepResult> {
  const gives = mode === 'serve' || mode === 'phonesOnly';
  const pool = gives
    ? (world.options.pool ?? (await world.ask('Addresses to give, FIRST-LAST', poolOf(seen.device))))
    : undefined;
  const [first, last] = pool?.split('-') ?? [];
  const change = localChange.safeParse({
    ...{ set: 'lan', mode },
    ...(pool === undefined ? {} : { pool: { first, last } }),
    ...(world.options.router === undefined ? {} : { router: world.options.router }),
  });
  if (!change.success)
    return failed(
      `the addresses ${pool ?? ''} cannot be read`,
      'Write them as 192.168.20.100-192.168.20.199.',
    );
  const wrong = await changeSafely(world, [change.data], async () => {
    await world.wait(world.settleMs);
    const { warnings } = await world.must<AgentStatus>('/v1/status');
    const trouble = warnings.find(({ code }) => /^W-LAN-80[1-5]/.test(code));
    return trouble === undefined ? undefined : `${trouble.code} ${trouble.say}`;
  });
  if (wrong !== undefined)
    return failed(
      `mode ${mode}: ${wrong}`,
      'Choose another mode: engawa setup lan. What is wrong: engawa dhcp',
    );
  return good(found, `mode ${mode}${pool === undefined ? '' : `, addresses ${pool}`}`);
}

/** The hundred addresses in the middle of the box's own network, as they usually are free. */
function poolOf(device: string): string | undefined {
  const own = subnetOfInterface(device);
  if (own === undefined || own.prefixBits !== 24) return undefined;
  const base = networkOf(own);
  return `${formatIpv4((base + 100) as Ipv4)}-${formatIpv4((base + 199) as Ipv4)}`;
}
