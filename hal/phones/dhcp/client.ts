import { unreachable } from '../../../lib/base/errors.ts';
import { addressBytes, addressText, type DhcpAnswer, type DhcpQuestion, MESSAGE, OPTION } from './wire.ts';

/** An address that a server lent, and what it said with it. Seconds as the server gave them. */
export interface Lease {
  readonly address: string;
  readonly prefix: number;
  readonly router: string | undefined;
  readonly dns: readonly string[];
  readonly server: string;
  readonly leaseS: number;
  readonly t1S: number;
  readonly t2S: number;
  readonly boundAtMs: number;
  readonly options: ReadonlyMap<number, Buffer>;
  readonly file: string;
}

/** RFC 2131 figure 5. Times are monotonic ms; `since` is when it began to ask. */
export type DhcpState =
  | { readonly at: 'idle' }
  | { readonly at: 'selecting'; readonly xid: number; readonly since: number; readonly tries: number }
  | {
      readonly at: 'rebooting';
      readonly xid: number;
      readonly since: number;
      readonly tries: number;
      readonly last: string;
    }
  | {
      readonly at: 'requesting';
      readonly xid: number;
      readonly since: number;
      readonly tries: number;
      readonly address: string;
      readonly server: string;
    }
  | { readonly at: 'bound' | 'renewing' | 'rebinding'; readonly xid: number; readonly lease: Lease };

export type DhcpInput =
  /** The cable is in; `last` is an address that it had before (INIT-REBOOT). */
  | { readonly type: 'begin'; readonly last: string | undefined }
  | { readonly type: 'answer'; readonly answer: DhcpAnswer }
  | { readonly type: 'timer' }
  | { readonly type: 'release' }
  | { readonly type: 'end' };

export type DhcpEffect =
  /** `to` is a server, or everybody. */
  | { readonly do: 'send'; readonly question: DhcpQuestion; readonly to: string }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'calm' }
  | { readonly do: 'bound'; readonly lease: Lease; readonly anew: boolean }
  | { readonly do: 'lost'; readonly why: 'expired' | 'refused' | 'released' };

/** Who the phone is, for every message. */
export interface DhcpSelf {
  readonly mac: string;
  readonly vendorClass: string;
  /** Option 55, in the phone's own order. */
  readonly wanted: readonly number[];
  readonly hostName: string | undefined;
}

export interface DhcpMoment {
  readonly nowMs: number;
  /** A fresh 32-bit number. */
  readonly xid: number;
  /** From −1 to 1, for the spreading of retransmissions (RFC 2131 §4.1). */
  readonly spread: number;
}

export const EVERYBODY = '255.255.255.255';
const NOBODY = '0.0.0.0';
const FIRST_WAIT_MS = 4_000;
const MOST_WAIT_MS = 64_000;
/** RFC 2131 §4.4.5: half of what is left, and not more often than once a minute. */
const LEAST_RENEW_MS = 60_000;
const REQUESTS_MOST = 4;
const REBOOTS_MOST = 2;
const HOST_NAME = 12;

/** Pure: what a client does next. Anything that does not fit the state changes nothing. */
export function stepDhcp(
  state: DhcpState,
  input: DhcpInput,
  self: DhcpSelf,
  moment: DhcpMoment,
): { readonly state: DhcpState; readonly effects: readonly DhcpEffect[] } {
  switch (input.type) {
    case 'begin':
      return input.last === undefined
        ? select(self, moment)
        : rebooting(input.last, self, moment, 0, undefined);
    case 'answer':
      return answered(state, input.answer, self, moment);
    case 'timer':
      return timeOver(state, self, moment);
    case 'release':
      return release(state, self);
    case 'end':
      return { state: { at: 'idle' }, effects: [{ do: 'calm' }] };
    default:
      return unreachable(input);
  }
}

type Step = ReturnType<typeof stepDhcp>;

function select(self: DhcpSelf, moment: DhcpMoment, tries = 0, since = moment.nowMs, xid = moment.xid): Step {
  const secs = Math.round((moment.nowMs - since) / 1_000);
  const question = ask(self, MESSAGE.discover, xid, secs, NOBODY, []);
  return {
    state: { at: 'selecting', xid, since, tries },
    effects: [
      { do: 'send', question, to: EVERYBODY },
      { do: 'wait', ms: waitOf(tries, moment) },
    ],
  };
}

function rebooting(
  last: string,
  self: DhcpSelf,
  moment: DhcpMoment,
  tries: number,
  before: { since: number; xid: number } | undefined,
): Step {
  const { since, xid } = before ?? { since: moment.nowMs, xid: moment.xid };
  const question = ask(self, MESSAGE.request, xid, 0, NOBODY, [[OPTION.requested, addressBytes(last)]]);
  return {
    state: { at: 'rebooting', xid, since, tries, last },
    effects: [
      { do: 'send', question, to: EVERYBODY },
      { do: 'wait', ms: waitOf(tries, moment) },
    ],
  };
}

function requesting(
  from: { xid: number; since: number; address: string; server: string },
  tries: number,
  self: DhcpSelf,
  moment: DhcpMoment,
): Step {
  const { xid, since, address, server } = from;
  const secs = Math.round((moment.nowMs - since) / 1_000);
  const question = ask(self, MESSAGE.request, xid, secs, NOBODY, [
    [OPTION.requested, addressBytes(address)],
    [OPTION.server, addressBytes(server)],
  ]);
  return {
    state: { at: 'requesting', xid, since, tries, address, server },
    effects: [
      { do: 'send', question, to: EVERYBODY },
      { do: 'wait', ms: waitOf(tries, moment) },
    ],
  };
}

function answered(state: DhcpState, answer: DhcpAnswer, self: DhcpSelf, moment: DhcpMoment): Step {
  const same: Step = { state, effects: [] };
  if (state.at === 'idle' || answer.mac !== self.mac || answer.xid !== state.xid) return same;
  const server = addressText(answer.options.get(OPTION.server));
  switch (answer.type) {
    case MESSAGE.offer: {
      if (state.at !== 'selecting' || server === undefined || !isHost(answer.yiaddr)) return same;
      return requesting({ ...state, address: answer.yiaddr, server }, 0, self, moment);
    }
    case MESSAGE.ack: {
      if (state.at === 'selecting' || state.at === 'bound') return same;
      if (state.at === 'requesting' && server !== state.server) return same;
      const lease = leaseOf(answer, server, moment);
      return lease === undefined ? same : bound(state, lease, moment);
    }
    case MESSAGE.nak: {
      if (state.at === 'selecting' || state.at === 'bound') return same;
      const again = select(self, moment);
      const held = state.at === 'renewing' || state.at === 'rebinding';
      return held ? { ...again, effects: [{ do: 'lost', why: 'refused' }, ...again.effects] } : again;
    }
    default:
      return same;
  }
}

function bound(before: DhcpState, lease: Lease, moment: DhcpMoment): Step {
  const xid = before.at === 'idle' ? 0 : before.xid;
  const anew =
    !(before.at === 'renewing' || before.at === 'rebinding') || before.lease.address !== lease.address;
  return {
    state: { at: 'bound', xid, lease },
    effects: [
      { do: 'bound', lease, anew },
      { do: 'wait', ms: Math.max(0, lease.boundAtMs + lease.t1S * 1_000 - moment.nowMs) },
    ],
  };
}

function timeOver(state: DhcpState, self: DhcpSelf, moment: DhcpMoment): Step {
  switch (state.at) {
    case 'idle':
      return { state, effects: [] };
    case 'selecting':
      return select(self, moment, state.tries + 1, state.since, state.xid);
    case 'rebooting':
      return state.tries + 1 >= REBOOTS_MOST
        ? select(self, moment)
        : rebooting(state.last, self, moment, state.tries + 1, state);
    case 'requesting':
      return state.tries + 1 >= REQUESTS_MOST
        ? select(self, moment)
        : requesting(state, state.tries + 1, self, moment);
    case 'bound':
    case 'renewing':
    case 'rebinding':
      return keep(state.lease, state.xid, state.at, self, moment);
    default:
      return unreachable(state);
  }
}

/** From T1 on the server is asked, from T2 on everybody; then the address is given up. */
function keep(
  lease: Lease,
  oldXid: number,
  at: 'bound' | 'renewing' | 'rebinding',
  self: DhcpSelf,
  moment: DhcpMoment,
): Step {
  const endMs = lease.boundAtMs + lease.leaseS * 1_000;
  const t2Ms = lease.boundAtMs + lease.t2S * 1_000;
  if (moment.nowMs >= endMs) {
    const again = select(self, moment);
    return { ...again, effects: [{ do: 'lost', why: 'expired' }, ...again.effects] };
  }
  const everybody = moment.nowMs >= t2Ms;
  const next = everybody ? 'rebinding' : 'renewing';
  const xid = at === next ? oldXid : moment.xid;
  const limitMs = everybody ? endMs : t2Ms;
  const leftMs = limitMs - moment.nowMs;
  const halfMs = leftMs / 2;
  return {
    state: { at: next, xid, lease },
    effects: [
      {
        do: 'send',
        question: ask(self, MESSAGE.request, xid, 0, lease.address, []),
        to: everybody ? EVERYBODY : lease.server,
      },
      { do: 'wait', ms: halfMs >= LEAST_RENEW_MS ? halfMs : Math.min(leftMs, LEAST_RENEW_MS) },
    ],
  };
}

function release(state: DhcpState, self: DhcpSelf): Step {
  if (state.at !== 'bound' && state.at !== 'renewing' && state.at !== 'rebinding') {
    return { state: { at: 'idle' }, effects: [{ do: 'calm' }] };
  }
  const { lease, xid } = state;
  const question = ask(self, MESSAGE.release, xid, 0, lease.address, [
    [OPTION.server, addressBytes(lease.server)],
  ]);
  return {
    state: { at: 'idle' },
    effects: [{ do: 'send', question, to: lease.server }, { do: 'calm' }, { do: 'lost', why: 'released' }],
  };
}

function ask(
  self: DhcpSelf,
  type: DhcpQuestion['type'],
  xid: number,
  secs: number,
  ciaddr: string,
  more: readonly (readonly [number, Uint8Array])[],
): DhcpQuestion {
  const asks = type === MESSAGE.discover || type === MESSAGE.request;
  const options: [number, Uint8Array][] = [
    [OPTION.client, Buffer.concat([Buffer.from([1]), Buffer.from(self.mac, 'hex')])],
    ...more.map(([code, value]): [number, Uint8Array] => [code, value]),
  ];
  if (asks) {
    if (self.hostName !== undefined) options.push([HOST_NAME, Buffer.from(self.hostName, 'latin1')]);
    options.push([OPTION.most, Buffer.from([0x05, 0xdc])]);
    options.push([OPTION.vendorClass, Buffer.from(self.vendorClass, 'latin1')]);
    options.push([OPTION.wanted, Buffer.from(self.wanted)]);
  }
  return { type, xid, secs, mac: self.mac, ciaddr, broadcast: ciaddr === NOBODY, options: new Map(options) };
}

function waitOf(tries: number, moment: DhcpMoment): number {
  return Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, tries)) + moment.spread * 1_000;
}

function leaseOf(answer: DhcpAnswer, server: string | undefined, moment: DhcpMoment): Lease | undefined {
  const { options, yiaddr } = answer;
  const leaseS = seconds(options.get(OPTION.leaseS));
  if (server === undefined || leaseS === undefined || leaseS === 0 || !isHost(yiaddr)) return undefined;
  const t1S = seconds(options.get(OPTION.t1S)) ?? Math.floor(leaseS / 2);
  const t2S = seconds(options.get(OPTION.t2S)) ?? Math.floor((leaseS * 7) / 8);
  const ordered = t1S <= t2S && t2S <= leaseS;
  const dns = options.get(OPTION.dns) ?? Buffer.alloc(0);
  return {
    address: yiaddr,
    prefix: prefixOf(options.get(OPTION.mask)) ?? 24,
    router: addressText(options.get(OPTION.router)),
    dns: Array.from(
      { length: Math.floor(dns.length / 4) },
      (_, at) => addressText(dns.subarray(at * 4)) ?? '',
    ),
    server,
    leaseS,
    t1S: ordered ? t1S : Math.floor(leaseS / 2),
    t2S: ordered ? t2S : Math.floor((leaseS * 7) / 8),
    boundAtMs: moment.nowMs,
    options,
    file: answer.file,
  };
}

function seconds(bytes: Buffer | undefined): number | undefined {
  return bytes?.length === 4 ? bytes.readUInt32BE(0) : undefined;
}

function prefixOf(bytes: Buffer | undefined): number | undefined {
  if (bytes?.length !== 4) return undefined;
  const mask = bytes.readUInt32BE(0);
  const ones = Math.clz32(~mask >>> 0);
  return mask === (ones === 0 ? 0 : (0xffffffff << (32 - ones)) >>> 0) && ones > 0 && ones <= 30
    ? ones
    : undefined;
}

function isHost(address: string): boolean {
  const first = Number(address.split('.')[0]);
  return first > 0 && first !== 127 && first < 224;
}
