import type { PhoneConfig } from '../../lib/contract/lan-config.ts';
import { formatIpv4, type Ipv4, type Ipv4Subnet, isHostOf } from '../../lib/net/ipv4.ts';
import { formatMac, type MacAddress } from '../../lib/net/mac-address.ts';
import { type FileDigest, splitFolder } from './encryption-trial.ts';
import type { GateAnswer } from './fetch-gate.ts';
import type { LoginVerdict } from './file-login.ts';
import type { FetchVerdict } from './phone-record.ts';
import { fileOf, macInName } from './request-path.ts';
import type { AskedFile } from './templates/index.ts';
import { readUserAgent } from './user-agent.ts';

/** A request as it came, headers that nobody looks at left out. */
export interface FetchRequest {
  readonly method: string;
  /** As in the request line: `/p/cfgc074ad2bd859.xml`. */
  readonly target: string;
  readonly source: Ipv4;
  readonly userAgent: string | null;
  /** The `Authorization` header. */
  readonly authorization: string | null;
}

/** What the decision asks of the world. Every answer is of this moment. */
export interface FetchWorld {
  readonly lan: Ipv4Subnet;
  readonly gate: GateAnswer;
  /** Whose hardware address the kernel has for an address of the LAN (ARP). */
  neighbour(address: Ipv4): MacAddress | undefined;
  /** To whom the box has leased an address, if it has. */
  leaseHolder(address: Ipv4): MacAddress | undefined;
  phone(mac: MacAddress): PhoneConfig | undefined;
  filesFor(phone: PhoneConfig): readonly AskedFile[];
  /** It was given its password once. */
  isSetUp(mac: MacAddress): boolean;
  isApproved(mac: MacAddress): boolean;
  /** This file may carry its secrets now. */
  mayGiveSecrets(mac: MacAddress, file: string): boolean;
  /** How it logged in; undefined where it was never given a login. */
  login(mac: MacAddress): LoginVerdict | undefined;
  /** The firmware file whose turn has come for this phone. */
  firmwareTurn(mac: MacAddress): string | undefined;
}

export type FetchRule =
  | 'fetch.lockedOut'
  | 'fetch.tooMany'
  | 'fetch.busy'
  | 'fetch.method'
  | 'fetch.notLan'
  | 'fetch.path'
  | 'fetch.noNeighbour'
  | 'fetch.foreignName'
  | 'fetch.foreignLease'
  | 'fetch.foreignAgent'
  | 'fetch.unassigned'
  | 'fetch.notOurs'
  | 'fetch.notMade'
  | 'fetch.notApproved'
  | 'fetch.wrongLogin'
  | 'fetch.firmwareTurn';

/**
 * What is done with a request. A refusal is always the same 404; the reason stays in the box. Only a phone that has passed
 * every other rule is ever asked for a login.
 */
export type FetchDecision =
  | {
      readonly do: 'serve';
      readonly mac: MacAddress;
      readonly phone: PhoneConfig;
      readonly file: AskedFile | { readonly name: string; readonly what: 'firmware' };
      readonly secrets: boolean;
      /** The encryption that it has read, by where it asks. */
      readonly proves?: FileDigest | undefined;
      readonly verdict: FetchVerdict;
    }
  /** It is asked for the login that it was given; refused when it came with a wrong one. */
  | {
      readonly do: 'challenge';
      readonly mac: MacAddress;
      readonly file: AskedFile;
      readonly stale: boolean;
      readonly verdict: FetchVerdict;
    }
  | {
      readonly do: 'refuse';
      /** Who asked, by the neighbour table; never by what it said. */
      readonly mac: MacAddress | undefined;
      readonly file: string | undefined;
      /** It asked for what is not its own: counts towards being locked out. */
      readonly miss: boolean;
      readonly verdict: FetchVerdict;
    };

/** Folder below `/p/` with the firmware of all models, on the disk and in the phones' files. */
export const FIRMWARE_FOLDER = 'firmware';

/** Whether a request gets its file, and by which rule not. Pure. */
export function decideFetch(request: FetchRequest, world: FetchWorld): FetchDecision {
  const { source } = request;
  const shut = gateRefusal(world.gate);
  if (shut !== undefined) return shut;
  if (!isHostOf(source, world.lan) || source === world.lan.address) {
    return no('fetch.notLan', 'It does not come from this LAN.');
  }
  const mac = world.neighbour(source);
  const named = fileOf(request.target);
  const { file, proves } = named === undefined ? NOTHING : splitFolder(named);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return no('fetch.method', 'Files are fetched with GET.', { mac, miss: true });
  }
  if (file === undefined) return no('fetch.path', 'That is no name of a phone’s file.', { mac, miss: true });
  if (mac === undefined) {
    const say = `The LAN does not tell whose address ${formatIpv4(source)} is.`;
    return no('fetch.noNeighbour', say, { file });
  }
  const contradiction = contradictionOf(request, world, mac, file);
  if (contradiction !== undefined) return contradiction;
  const decision = decideFile(world, mac, file);
  return decision.do === 'serve' ? { ...decision, proves } : decision;
}

const NOTHING = { file: undefined, proves: undefined } as const;

function gateRefusal(gate: GateAnswer): FetchDecision | undefined {
  switch (gate) {
    case 'lockedOut':
      return no(
        'fetch.lockedOut',
        'It asked too often for what is not its own and is not heard for a while.',
      );
    case 'source':
      return no('fetch.tooMany', 'It asks too often.');
    case 'everybody':
      return no('fetch.busy', 'More is asked than any office asks.');
    case 'open':
      return undefined;
  }
}

/** Name, lease and `User-Agent` must not speak of another device than the one that the LAN says it is. */
function contradictionOf(
  request: FetchRequest,
  world: FetchWorld,
  mac: MacAddress,
  file: string,
): FetchDecision | undefined {
  const named = macInName(file);
  const who = formatMac(mac);
  if (named !== undefined && named !== mac) {
    const say = `The file is of ${formatMac(named)}, the device that asks is ${who}.`;
    return no('fetch.foreignName', say, { mac, file, miss: true });
  }
  const holder = world.leaseHolder(request.source);
  if (holder !== undefined && holder !== mac) {
    const say = `Its address was leased to ${formatMac(holder)}, the device that asks is ${who}.`;
    return no('fetch.foreignLease', say, { mac, file, miss: true });
  }
  const claimed = readUserAgent(request.userAgent).mac;
  if (claimed !== undefined && claimed !== mac) {
    const say = `It calls itself ${formatMac(claimed)} (User-Agent), the device that asks is ${who}.`;
    return no('fetch.foreignAgent', say, { mac, file, miss: true });
  }
  return undefined;
}

function decideFile(world: FetchWorld, mac: MacAddress, file: string): FetchDecision {
  const phone = world.phone(mac);
  if (phone === undefined) {
    // No guess: a phone that nobody has entered asks for its own file for ever.
    return no('fetch.unassigned', 'No configuration names this device.', { mac, file });
  }
  const turn = world.firmwareTurn(mac);
  if (turn !== undefined && file === `${FIRMWARE_FOLDER}/${turn}`) {
    const verdict = { done: 'served', rule: 'fetch.firmware', say: 'Its turn for new firmware.' } as const;
    return { do: 'serve', mac, phone, file: { name: turn, what: 'firmware' }, secrets: false, verdict };
  }
  const asked = world.filesFor(phone).find((each) => each.name.toLowerCase() === file.toLowerCase());
  if (asked === undefined) {
    return file.startsWith(`${FIRMWARE_FOLDER}/`)
      ? no('fetch.firmwareTurn', 'Its turn for firmware has not come.', { mac, file })
      : no('fetch.notOurs', `The box has no such file for a ${phone.model}.`, { mac, file });
  }
  if (asked.what === 'refused') {
    return no('fetch.notMade', 'This file is tried before the right one and is never made.', { mac, file });
  }
  if (!world.isApproved(mac) && !world.isSetUp(mac)) {
    const say = `Nobody has approved it: engawa approve ${formatMac(mac)}`;
    return no('fetch.notApproved', say, { mac, file });
  }
  const secrets = asked.what === 'configuration' && world.mayGiveSecrets(mac, asked.name);
  const login = asked.login && !secrets ? world.login(mac) : undefined;
  if (login !== undefined && login !== 'right') return challenge(mac, asked, login);
  const say = secrets ? 'Approved: with its password.' : 'Its own file, without passwords.';
  const verdict = { done: 'served', rule: secrets ? 'fetch.approved' : 'fetch.own', say } as const;
  return { do: 'serve', mac, phone, file: asked, secrets, verdict };
}

function challenge(
  mac: MacAddress,
  file: AskedFile,
  login: Exclude<LoginVerdict, 'right'>,
): Extract<FetchDecision, { do: 'challenge' }> {
  const stale = login === 'stale';
  if (login === 'wrong') {
    const say = `Its login is not the one that it was given: engawa approve ${formatMac(mac)}`;
    return { do: 'challenge', mac, file, stale, verdict: { done: 'refused', rule: 'fetch.wrongLogin', say } };
  }
  const say = 'Was asked for the login that it was given with its password.';
  return { do: 'challenge', mac, file, stale, verdict: { done: 'asked', rule: 'fetch.login', say } };
}

function no(
  rule: FetchRule,
  say: string,
  more: {
    readonly mac?: MacAddress | undefined;
    readonly file?: string | undefined;
    readonly miss?: boolean;
  } = {},
): FetchDecision {
  const { mac, file, miss = false } = more;
  return { do: 'refuse', mac, file, miss, verdict: { done: 'refused', rule, say } };
}
