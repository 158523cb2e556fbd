import type { CallRequest, Decision, RoutePlan } from '../../../cloud-stub/routing/types.ts';
import type {
  CallBook,
  Directory,
  LiveState,
  SwitchCallEnd,
  SwitchCallStart,
} from '../../../cloud-stub/switch/ports.ts';
import type { CallId, ContractId, ServiceId } from '../../../lib/base/ids.ts';
import { digestHa1 } from '../../../lib/voice/sip/index.ts';

export const CONTRACT = 'c-000001' as ContractId;
export const BASE = 'id-000001-1' as ServiceId;
export const ADDITIONAL = 'id-000001-2' as ServiceId;
export const NUMBER = '0355550100';
export const PASSWORD = 'twelve-characters';
export const CHANNELS = 2;

/** An office of two IDs, with rules that are just large enough for the switch. */
export class TinyDirectory implements Directory {
  /** How long a call in may ring. */
  forMs = 20_000;

  async ha1(user: string, realm: string, algorithm: 'MD5' | 'SHA-256'): Promise<string | undefined> {
    if (user !== BASE && user !== ADDITIONAL) return undefined;
    return digestHa1(algorithm, user, realm, PASSWORD);
  }

  device(): 'adapter' {
    return 'adapter';
  }

  decide(request: CallRequest, live: LiveState): Decision {
    const plan = this.#plan(request, live);
    return { plan, trace: [{ rule: 'test', facts: [], say: 'a tiny office' }] };
  }

  #plan(request: CallRequest, live: LiveState): RoutePlan {
    if (request.direction === 'out' && request.dialled === '119') {
      return {
        verb: 'network',
        contract: CONTRACT,
        id: request.id,
        number: '119',
        presents: NUMBER,
        withheld: false,
        destination: 'emergency',
        takesChannel: false,
        emergency: true,
      };
    }
    if (live.busyChannels(CONTRACT) >= CHANNELS) {
      return {
        verb: 'reject',
        rule: 'channels',
        status: 486,
        cause: 34,
        say: 'all 2 channels are in use',
        contract: CONTRACT,
      };
    }
    if (request.direction === 'in') {
      if (request.to !== NUMBER) {
        return {
          verb: 'reject',
          rule: 'in.unallocated',
          status: 404,
          cause: 1,
          say: `${request.to} is nobody's`,
        };
      }
      return {
        verb: 'ring',
        contract: CONTRACT,
        called: NUMBER,
        members: [BASE, ADDITIONAL],
        forMs: this.forMs,
        takesChannel: true,
      };
    }
    if (request.dialled === NUMBER) {
      return {
        verb: 'ring',
        contract: CONTRACT,
        called: NUMBER,
        members: [BASE, ADDITIONAL].filter((id) => id !== request.id),
        forMs: this.forMs,
        takesChannel: true,
      };
    }
    const withheld = request.dialled.startsWith('184');
    return {
      verb: 'network',
      contract: CONTRACT,
      id: request.id,
      number: withheld ? request.dialled.slice(3) : request.dialled,
      presents: NUMBER,
      withheld,
      destination: 'geographic',
      takesChannel: true,
      emergency: false,
    };
  }
}

/** One call as the book knows it. */
export interface BookRow {
  readonly start: SwitchCallStart;
  answeredBy?: ServiceId | null;
  end?: SwitchCallEnd;
  heartbeats: number;
}

/** A book in memory that takes its time, and notes when each write was done. */
export class MemoryBook implements CallBook {
  readonly rows = new Map<CallId, BookRow>();
  readonly diary: string[];
  delayMs = 20;
  failing: 'begin' | 'answered' | undefined;

  constructor(diary: string[]) {
    this.diary = diary;
  }

  async begin(start: SwitchCallStart): Promise<void> {
    await this.#commit('begin');
    if (this.rows.has(start.call)) throw new Error(`${start.call} begun twice`);
    this.rows.set(start.call, { start, heartbeats: 0 });
  }

  async answered(call: CallId, _at: unknown, by: { readonly id: ServiceId } | null): Promise<void> {
    await this.#commit('answered');
    this.#row(call).answeredBy = by?.id ?? null;
  }

  async ended(call: CallId, end: SwitchCallEnd): Promise<void> {
    await this.#commit('ended');
    const row = this.#row(call);
    if (row.end !== undefined) throw new Error(`${call} ended twice`);
    row.end = end;
  }

  async heartbeat(calls: readonly CallId[]): Promise<void> {
    for (const call of calls) this.#row(call).heartbeats++;
  }

  last(): BookRow {
    const row = [...this.rows.values()].at(-1);
    if (row === undefined) throw new Error('the book is empty');
    return row;
  }

  async #commit(what: 'begin' | 'answered' | 'ended'): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.failing === what) throw new Error('disk full');
    this.diary.push(what);
  }

  #row(call: CallId): BookRow {
    const row = this.rows.get(call);
    if (row === undefined) throw new Error(`${call} was never begun`);
    return row;
  }
}
