import type { Picture } from '../../../agent/update/gate.ts';
import type { SystemView } from '../../../agent/update/slot-tool.ts';
import { type Effect, type Input, NOTHING_YET, type State, type World } from '../../../agent/update/state.ts';
import { stepUpdate } from '../../../agent/update/step.ts';
import type { Release, UpdateOrder } from '../../../lib/contract/update.ts';

/** Three at night in Tokyo: inside the window of the sample order. */
export const AT_NIGHT = Date.UTC(2026, 10, 21, 18, 0);
/** Noon in Tokyo. */
export const AT_NOON = Date.UTC(2026, 10, 21, 3, 0);

export function releaseOf(version: string): Release {
  return {
    version,
    compatible: 'engawa-virt-arm64',
    sizeBytes: 1_000,
    sha256: version.replaceAll('.', '').padEnd(64, '0'),
    path: `/v1/releases/${version}/bundle`,
  };
}

export function orderOf(version: string, change: Partial<UpdateOrder> = {}): UpdateOrder {
  return {
    ...{ v: 1, gateway: 'gw-000001', serial: 1, issuedAt: 0, rollout: 'spring', action: 'install' },
    ...{ release: releaseOf(version), window: { fromMinute: 120, toMinute: 300 }, allowOlder: false },
    ...change,
  };
}

export const WELL: Picture = {
  seen: {
    accounts: [{ user: 'id-000001-1', madeFrom: 'x', registered: true }],
    ...{ board: true, cloud: true, phones: [] },
  },
  ...{ config: 7, writable: true, network: true },
  service: { address: '192.0.2.1', port: 8_883 },
};
/** The service is out of reach, and everything else is well. */
export const WAN_AWAY: Picture = {
  ...WELL,
  seen: {
    ...WELL.seen,
    cloud: false,
    accounts: WELL.seen.accounts.map((each) => ({ ...each, registered: false })),
  },
};

export function worldOf(change: Partial<World> = {}): World {
  return { calls: false, wallMs: AT_NIGHT, picture: WELL, reaches: null, ...change };
}

export const SYSTEM: SystemView = {
  compatible: 'engawa-virt-arm64',
  running: { slot: 'a', version: '1.0.0' },
  trial: null,
  other: { version: '0.9.0', startable: true },
};

/** The machine by itself, with a clock that is moved by hand. */
export class Bench {
  state: State = NOTHING_YET;
  nowMs = 0;
  readonly done: Effect[] = [];

  constructor(system: SystemView = SYSTEM, boot: string = 'boot-1') {
    this.feed({ type: 'start', system, boot });
  }

  feed(input: Input): readonly Effect[] {
    const { state, effects } = stepUpdate(this.state, input, this.nowMs);
    this.state = state;
    this.done.push(...effects);
    return effects;
  }

  look(change: Partial<World> = {}): readonly Effect[] {
    return this.feed({ type: 'look', world: worldOf(change) });
  }

  /** Looks every 5 s for so long. */
  lookFor(forMs: number, change: Partial<World> = {}): readonly Effect[] {
    const effects: Effect[] = [];
    for (const endMs = this.nowMs + forMs; this.nowMs < endMs; ) {
      effects.push(...this.look(change));
      this.nowMs += 5_000;
    }
    return effects;
  }

  /** The power goes, and this comes up. */
  restart(system: SystemView, boot: string): void {
    this.state = { ...NOTHING_YET, memory: this.state.memory };
    this.nowMs = 0;
    this.feed({ type: 'start', system, boot });
  }

  get at(): string | undefined {
    return this.state.memory.job?.stage.at;
  }

  /** An order, fetched and installed: what is left is the restart. */
  static installed(version: string = '1.1.0', change: Partial<UpdateOrder> = {}): Bench {
    const bench = new Bench();
    bench.feed({ type: 'order', order: orderOf(version, change) });
    bench.look({ wallMs: AT_NOON });
    bench.feed({ type: 'fetched', path: '/data/downloads/x.raucb' });
    bench.look({ wallMs: AT_NOON });
    bench.feed({ type: 'installed' });
    return bench;
  }

  /** On trial in slot b. */
  static onTrial(): Bench {
    const bench = Bench.installed();
    bench.look();
    bench.feed({ type: 'activated', done: true, say: '' });
    bench.restart(TRIED, 'boot-2');
    return bench;
  }
}

/** The new system runs and is on trial. */
export const TRIED: SystemView = {
  ...SYSTEM,
  running: { slot: 'b', version: '1.1.0' },
  trial: 'b',
  other: { version: '1.0.0', startable: true },
};
