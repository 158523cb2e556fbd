import type { CallRequest, Decision, RoutePlan } from '../../../cloud-stub/routing/types.ts';
import type {
  CallBook,
  Directory,
  LiveState,
  SwitchCallEnd,
  SwitchCallStart,
  SwitchLegStart,
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
  /** Of both IDs. */
  password = PASSWORD;

  async ha1(user: string, realm: string, algorithm: 'MD5' | 'SHA-256'): Promise<string | undefined> {
    if (user !== BASE && user !== ADDITIONAL) return undefined;
    return digestHa1(algorithm, user, realm, this.password);
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

/** One leg as the book knows it. */
export interface LegRow {
  readonly start: SwitchLegStart;
  answered: boolean;
  end?: SwitchCallEnd;
}

/** A book in memory that takes its time, and notes when each write was done. */
export class MemoryBook implements CallBook {
  readonly rows = new Map<CallId, BookRow>();
  readonly legs = new Map<string, LegRow>();
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

  async legBegin(start: SwitchLegStart): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    const key = `${start.call} ${start.leg}`;
    if (this.legs.has(key)) throw new Error(`leg ${key} begun twice`);
    this.legs.set(key, { start, answered: false });
  }

  async legAnswered(call: CallId, leg: number): Promise<void> {
    this.#leg(call, leg).answered = true;
  }

  async legEnded(call: CallId, leg: number, end: SwitchCallEnd): Promise<void> {
    const row = this.#leg(call, leg);
    if (row.end !== undefined) throw new Error(`leg ${leg} of ${call} ended twice`);
    if (this.#row(call).end !== undefined) throw new Error(`leg ${leg} ended after its call ${call}`);
    row.end = end;
  }

  /** Legs of a call, in their order. */
  legsOf(call: CallId): readonly LegRow[] {
    const found = [...this.legs.values()].filter((leg) => leg.start.call === call);
    return found.sort((left, right) => left.start.leg - right.start.leg);
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

  #leg(call: CallId, leg: number): LegRow {
    const row = this.legs.get(`${call} ${leg}`);
    if (row === undefined) throw new Error(`leg ${leg} of ${call} was never begun`);
    return row;
  }

  #row(call: CallId): BookRow {
    const row = this.rows.get(call);
    if (row === undefined) throw new Error(`${call} was never begun`);
    return row;
  }
}
