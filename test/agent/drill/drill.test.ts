import { beforeEach, describe, expect, it } from 'vitest';
import type { MediaPort, OfficeState } from '../../../agent/calls/index.ts';
import type { TrunkStanding } from '../../../agent/calls/model.ts';
import { lampsOf } from '../../../agent/desk/index.ts';
import type { DrillMemory } from '../../../agent/drill/drill-file.ts';
import { rehearse } from '../../../agent/drill/features.ts';
import { DrillRoom, Links } from '../../../agent/drill/index.ts';
import { nextTime } from '../../../agent/local-api/drill-routes.ts';
import type { CallStatus } from '../../../agent/status.ts';
import { instant } from '../../../lib/base/clock.ts';
import { ok } from '../../../lib/base/errors.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { RingGroupConfig, SiteConfig } from '../../../lib/contract/site-config.ts';
import { openOffice, world } from '../calls/feature-office.ts';
import { exampleConfig } from '../calls/office-world.ts';

const SECOND = {
  ...{ host: '127.54.0.11', port: 5061, serverName: 'cloud.engawa.example' },
  ...{ domain: 'engawa.example', registerEveryS: 300 },
};
const lampOf = (state: OfficeState, watched: string) => lampsOf(state).get(watched)?.[0]?.state;

function played(config: SiteConfig, standings: readonly (readonly [string, TrunkStanding])[]) {
  const standing = { trunks: new Map(standings), reachable: new Set<number>(), boardPorts: 4 };
  const checks = rehearse({ config, standing, nowMs: 1_790_000_000_000, lampOf });
  return Object.fromEntries(checks.map(({ feature, verdict, say }) => [feature, `${verdict} ${say}`]));
}

const AWAY = [1, 2, 3, 4].flatMap((account) => [[`${account}/0`, 'down'] as const]);

describe('features without the service', () => {
  it('are played on paper, all of an office of four lines with a ring group', () => {
    const group: RingGroupConfig = {
      ...{ extension: '50', label: 'all', members: ['12', '13'] },
      order: 'linear',
      ...{ eachForMs: 15_000, deskFirstMs: 2_000 },
    };
    const found = played(
      { ...exampleConfig({}, 4), groups: [group], night: { code: '*9', rings: '50' } },
      AWAY,
    );
    expect(Object.values(found).filter((line) => !line.startsWith('OK'))).toEqual([]);
    expect(found['outside']).toContain('told in words');
    expect(found['emergency']).toContain('tries the trunk');
  });

  it('say what an office does not have', () => {
    const found = played(exampleConfig({}, 1), AWAY);
    expect(found['extensions']).toBe('-- the office has no two phones');
    expect(found['groups']).toBe('-- the office has no ring groups');
    expect(found['outside']).toContain('OK');
  });

  it('go out over a second trunk that is there, and an emergency call tries both', () => {
    const standings = [...AWAY, ...[1, 2, 3, 4].map((account) => [`${account}/1`, 'up'] as const)];
    const found = played({ ...exampleConfig({}, 4), secondTrunk: SECOND }, standings);
    expect(found['outside']).toBe('OK calls go out over the second trunk');
    expect(found['emergency']).toContain('both trunks');
  });

  it('fail where the office would be silent: a lamp that shows nothing', () => {
    const standing = { trunks: new Map(AWAY), reachable: new Set<number>(), boardPorts: 4 };
    const checks = rehearse({ config: exampleConfig({}, 4), standing, nowMs: 1, lampOf: () => undefined });
    expect(checks.find(({ feature }) => feature === 'lamps')).toMatchObject({ verdict: 'FAIL' });
  });
});

/** A box around a drill: its links obey, its trunks and its cloud follow the links after a while. */
class Box {
  readonly clock = new VirtualClock();
  readonly links = new Links();
  readonly warnings = new Set<string>();
  memory: DrillMemory = { order: null, reports: [] };
  emergency = false;
  calls: CallStatus[] = [];
  /** How long after the links the trunk and the service follow. */
  backAfterMs = 4_000;
  #cut = false;
  #changedMs = -1e9;
  readonly #listeners: (() => void)[] = [];
  readonly room: DrillRoom;

  constructor() {
    this.room = this.make();
    this.room.start();
  }

  #remember(memory: DrillMemory): void {
    this.memory = memory;
  }

  make(): DrillRoom {
    return new DrillRoom({
      ...{ clock: this.clock, log: silentLog(), host: '127.64.0.1', links: this.links },
      keeper: { load: () => this.memory, save: (memory) => this.#remember(memory) },
      health: { raise: (code) => this.warnings.add(code), clear: (code) => void this.warnings.delete(code) },
      media: mediaThatHears(60),
      office: () => ({
        state: this.state(),
        calls: () => this.calls,
        onChange: (listener) => void this.#listeners.push(listener),
      }),
      emergencyUp: () => this.emergency,
      cloud: () => ({ connected: this.up(), outbox: this.up() ? 0 : 3 }),
      phones: () => 2,
      lampOf,
    });
  }

  up(): boolean {
    if (this.#cut !== this.links.isCut) {
      this.#cut = this.links.isCut;
      this.#changedMs = this.clock.monotonicMs();
    }
    const settled = this.clock.monotonicMs() - this.#changedMs >= this.backAfterMs;
    return this.#cut ? !settled : settled;
  }

  state(): OfficeState {
    const standing: TrunkStanding = this.up() ? 'up' : 'down';
    return { ...world.state, trunks: new Map([1, 2, 3, 4].map((port) => [`${port}/0`, standing])) };
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 250) {
      this.clock.advance(250);
      for (let turn = 0; turn < 12; turn++) await Promise.resolve();
    }
  }
}

function mediaThatHears(packetsReceived: number): MediaPort {
  const request = async ({ type }: { readonly type: string }) =>
    ok(type === 'rtpOpen' ? { localPort: 20_000 } : type === 'rtpFigures' ? { packetsReceived } : null);
  return { request: request as MediaPort['request'] };
}

describe('an outage drill', () => {
  let box: Box;
  beforeEach(() => {
    openOffice();
    box = new Box();
  });

  it('cuts the links, plays everything, mends them in time, and reports the way back', async () => {
    box.calls = [{ call: 'c-1', state: 'talking' } as CallStatus];
    expect(box.room.begin(60, null, 'test')).toMatchObject({ ok: true, value: { at: 'waiting' } });
    await box.pass(1_000);
    expect(box.links.isCut).toBe(true);
    expect(box.room.away).toBe(true);
    expect([...box.warnings]).toEqual(['drill.running']);
    await box.pass(58_000);
    expect(box.links.isCut).toBe(true);
    await box.pass(2_000);
    expect(box.links.isCut).toBe(false);
    expect(box.room.status().at).toBe('returning');
    await box.pass(10_000);
    const [report] = box.room.status().reports;
    expect(report?.checks.filter(({ verdict }) => verdict === 'FAIL')).toEqual([]);
    expect(report).toMatchObject({ verdict: 'OK', seconds: 60 });
    expect(report?.checks.map(({ feature }) => feature)).toEqual([
      ...['cut', 'extensions', 'lamps', 'park', 'pickup', 'groups', 'night', 'outside', 'emergency', 'sound'],
      ...['phones', 'trunkBack', 'serviceBack', 'recordsBack', 'calls'],
    ]);
    expect(box.warnings.size).toBe(0);
    expect(box.memory).toMatchObject({ order: null, reports: [{ verdict: 'OK' }] });
  });

  it('fails a call that was cut, and a way back that takes too long', async () => {
    box.calls = [{ call: 'c-1', state: 'talking' } as CallStatus];
    box.room.begin(10, null, 'test');
    await box.pass(8_000);
    box.calls = [{ call: 'c-1', state: 'ended', end: 'interrupted' } as CallStatus];
    box.backAfterMs = 1e9;
    await box.pass(200_000);
    const failed = box.room.status().reports[0]?.checks.filter(({ verdict }) => verdict === 'FAIL');
    expect(failed?.map(({ feature }) => feature)).toEqual([
      'trunkBack',
      'serviceBack',
      'recordsBack',
      'calls',
    ]);
  });

  it('does not begin under an emergency call, and gives way to one at once', async () => {
    box.emergency = true;
    expect(box.room.begin(60, null, 'test')).toMatchObject({ ok: false, error: { code: 'drill.emergency' } });
    box.emergency = false;
    box.room.begin(60, null, 'test');
    await box.pass(10_000);
    expect(box.links.isCut).toBe(true);
    box.emergency = true;
    box.changed();
    expect(box.links.isCut).toBe(false);
    await box.pass(10_000);
    expect(box.room.status().reports[0]).toMatchObject({
      verdict: 'endedEarly',
      say: expect.stringContaining('emergency'),
    });
  });

  it('waits for its time, through a restart, and is taken back by hand', async () => {
    const beginsAt = box.clock.now() + 3_600_000;
    box.room.begin(60, beginsAt, 'test');
    expect(box.memory.order).toMatchObject({ beginsAt, running: false });
    box.room.stop();
    const next = box.make();
    next.start();
    expect(next.status()).toMatchObject({ at: 'waiting', beginsAt });
    expect(next.begin(60, null, 'test')).toMatchObject({ ok: false, error: { code: 'drill.running' } });
    expect(next.end('test')).toMatchObject({ ok: true, value: { at: 'idle' } });
    await box.pass(1_000);
    expect(box.memory.order).toBe(null);
  });

  it('an order begins at its time, and after an emergency call that is up then', async () => {
    box.room.begin(10, box.clock.now() + 5_000, 'test');
    box.emergency = true;
    await box.pass(6_000);
    expect(box.links.isCut).toBe(false);
    box.emergency = false;
    await box.pass(60_000);
    expect(box.links.isCut).toBe(true);
  });

  it('is over when the agent that runs it dies: the next one says so and nothing is cut', () => {
    box.memory = { order: { beginsAt: box.clock.now(), seconds: 60, running: true }, reports: [] };
    const next = box.make();
    next.start();
    expect(box.links.isCut).toBe(false);
    expect(next.status()).toMatchObject({ at: 'idle', reports: [{ verdict: 'endedEarly' }] });
    expect(box.memory.order).toBe(null);
  });

  it('is not begun where nothing is left to cut', async () => {
    box.links.cut();
    box.up();
    await box.pass(20_000);
    expect(box.room.begin(60, null, 'test')).toMatchObject({ ok: false, error: { code: 'drill.nothing' } });
  });
});

it('a time of day is the next one in Japan', () => {
  const noon = instant(Date.UTC(2026, 10, 22, 3, 0));
  expect(nextTime('19:00', noon)).toBe(Date.UTC(2026, 10, 22, 10, 0));
  expect(nextTime('08:30', noon)).toBe(Date.UTC(2026, 10, 22, 23, 30));
});
