import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHealth } from '../../../agent/health/index.ts';
import { BundleShelf } from '../../../agent/update/bundle-shelf.ts';
import type { Fetched } from '../../../agent/update/download.ts';
import { memoryFile } from '../../../agent/update/memory-file.ts';
import type { SlotTool, SystemView } from '../../../agent/update/slot-tool.ts';
import { NO_MEMORY, type UpdateMemory } from '../../../agent/update/state.ts';
import { UpdateRoom } from '../../../agent/update/update-room.ts';
import { type CodedError, ok, refuse } from '../../../lib/base/errors.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { sealUpdateOrder, type UpdateOrder } from '../../../lib/contract/update.ts';
import { AT_NIGHT, orderOf, SYSTEM, TRIED, WELL } from './sample.ts';

const keys = generateKeyPairSync('ed25519');
const seal = (order: UpdateOrder): Buffer => sealUpdateOrder(order, keys.privateKey);
/** What is promised comes to pass. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-update-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A room over a box whose parts do as they are told. */
function box(system: SystemView = SYSTEM, memory: UpdateMemory = NO_MEMORY) {
  const clock = new VirtualClock(AT_NIGHT);
  const health = createHealth(clock);
  const world = {
    ...{ clock, calls: false, disk: memory, diskFull: false, callUp: [] as boolean[] },
    ...{ cloud: true, listens: false, broken: false, system },
    ...{ silent: null as CodedError | null, hangs: false },
    said: [] as string[],
    fetched: { ok: true, path: '/data/x.raucb' } as Fetched,
    codes: () => health.list().map(({ code }) => code),
  };
  const say = async (word: string) => {
    world.said.push(word);
    return ok(undefined);
  };
  const slots: SlotTool = {
    status: () => {
      if (world.hangs) return new Promise(() => undefined);
      return Promise.resolve(world.silent === null ? ok(world.system) : refuse(world.silent));
    },
    inspect: async (path) =>
      path.includes('forged')
        ? refuse({ code: 'update.signature', fault: 'peer', say: 'Nobody has signed that.' })
        : ok({ compatible: path.includes('other') ? 'engawa-other' : 'engawa-virt-arm64', version: '1.1.0' }),
    install: async (path, onPercent) => {
      onPercent(40);
      if (world.broken) {
        world.system = { ...world.system, other: { version: null, startable: false } };
        return refuse({ code: 'update.notInstalled', fault: 'environment', say: 'Input/output error' });
      }
      return say(`install ${path}`);
    },
    activate: () => say('activate'),
    markGood: () => say('good'),
    markBad: () => say('bad'),
    restart: (why) => {
      world.said.push(`restart: ${why}`);
      return ok(undefined);
    },
  };
  const room = new UpdateRoom({
    ...{ slots, clock, health, random: seededRandom(1), log: silentLog(), boot: 'boot-1' },
    gateway: 'gw-000001' as GatewayId,
    configKey: () => keys.publicKey,
    store: {
      load: () => world.disk,
      save: (next) => {
        if (world.diskFull) throw new Error('no space left');
        world.disk = next;
      },
    },
    shelf: new BundleShelf(folder),
    downloader: { fetch: async () => world.fetched },
    probe: { addressOf: async () => '192.0.2.1', listens: async () => world.listens },
    service: () => ({ host: 'cloud', port: 8_883 }),
    box: () => ({
      ...{ calls: world.calls, wallMs: clock.now(), config: 7 },
      seen: { ...WELL.seen, cloud: world.cloud, accounts: [] },
    }),
    ...{ writable: () => true, network: () => true, callUp: (up) => world.callUp.push(up) },
  });
  const pass = async (ms: number): Promise<void> => {
    for (const endMs = clock.monotonicMs() + ms; clock.monotonicMs() < endMs; ) {
      clock.advance(1_000);
      await settle();
    }
  };
  return { world, room, pass };
}

describe('the room of updates', () => {
  it('carries an order to the restart, telling every step', async () => {
    const { world, room, pass } = box();
    const told: (string | undefined)[] = [];
    room.onChange(() => told.push(room.report()?.state.at));
    room.start();
    await pass(1_000);
    room.received(seal(orderOf('1.1.0')));
    await pass(30_000);
    expect(world.said).toEqual(['install /data/x.raucb', 'activate', 'restart: update to 1.1.0']);
    expect(told).toEqual(expect.arrayContaining(['idle', 'downloading', 'installing', 'restarting']));
    expect(world.disk.job?.stage).toMatchObject({ at: 'restarting', activated: true, before: { config: 7 } });
    expect(room.report()).toMatchObject({ rollout: 'spring', serial: 1, version: '1.1.0' });
    room.stop();
  });

  it('looks at the moment of the restart once more, and goes on when the call has ended', async () => {
    const { world, room, pass } = box();
    room.start();
    await pass(1_000);
    world.calls = true;
    room.received(seal(orderOf('1.1.0')));
    await pass(60_000);
    expect(world.said).toEqual([]);
    expect(room.report()?.state).toEqual({ at: 'waiting', for: 'call' });
    world.calls = false;
    room.nudge();
    await pass(2_000);
    expect(world.said[0]).toBe('install /data/x.raucb');
    room.stop();
  });

  it('takes no order that is not sealed for it', async () => {
    const { room, pass } = box();
    room.start();
    await pass(1_000);
    const stranger = generateKeyPairSync('ed25519').privateKey;
    room.received(sealUpdateOrder(orderOf('1.1.0'), stranger));
    room.received(seal(orderOf('1.1.0', { gateway: 'gw-000002' })));
    room.received(Buffer.from('{'));
    room.received(Buffer.alloc(0));
    expect(room.report()?.state).toEqual({ at: 'idle' });
    room.stop();
  });

  it('begins nothing that it cannot write down', async () => {
    const { world, room, pass } = box();
    room.start();
    await pass(1_000);
    world.diskFull = true;
    room.received(seal(orderOf('1.1.0')));
    await pass(30_000);
    expect(world.said).toEqual([]);
    expect(world.codes()).toContain('W-UPD-903');
    world.diskFull = false;
    await pass(120_000);
    expect(world.said[0]).toBe('install /data/x.raucb');
    room.stop();
  });

  it('does not give an update up while a disk takes no writes for ten minutes, and keeps its bundle', async () => {
    const { world, room, pass } = box();
    room.start();
    await pass(1_000);
    world.calls = true;
    room.received(seal(orderOf('1.1.0')));
    await pass(10_000);
    world.diskFull = true;
    world.calls = false;
    await pass(600_000);
    expect(room.report()?.state).toEqual({ at: 'waiting', for: 'space' });
    world.diskFull = false;
    await pass(120_000);
    expect(world.said).toEqual(['install /data/x.raucb', 'activate', 'restart: update to 1.1.0']);
    room.stop();
  });

  it('confirms a system on trial; says that somebody talks to whoever would end it', async () => {
    const { world, room, pass } = box(TRIED);
    room.start();
    await pass(10_000);
    expect(room.report()).toMatchObject({ running: { confirmed: false }, state: { at: 'probation' } });
    expect(world.codes()).toContain('W-UPD-905');
    world.calls = true;
    await pass(10_000);
    expect(world.callUp).toContain(true);
    await pass(60_000);
    expect(world.said).toEqual(['good']);
    expect(room.report()).toMatchObject({ running: { confirmed: true }, state: { at: 'done' } });
    expect(world.codes()).toEqual([]);
    room.stop();
  });

  it.each(['refuses', 'hangs'])(
    'says that somebody talks while the installer of a new system %s, until it is known that none is on trial',
    async (how) => {
      const { world, room, pass } = box();
      if (how === 'hangs') world.hangs = true;
      else world.silent = { code: 'update.status', fault: 'environment', say: 'no such name on the bus' };
      room.start();
      await pass(720_000);
      expect(world.callUp).not.toContain(true);
      world.calls = true;
      room.nudge();
      expect(world.callUp.at(-1)).toBe(true);
      const from = world.callUp.length;
      await pass(60_000);
      // The file is good for 30 s.
      expect(world.callUp.slice(from)).toEqual(Array.from({ length: 12 }, () => true));
      world.silent = null;
      await pass(20_000);
      const known = world.callUp.length;
      await pass(60_000);
      expect(world.callUp.length - known).toBe(how === 'hangs' ? 12 : 0);
      room.stop();
      await pass(60_000);
      expect(world.callUp.length - known).toBe(how === 'hangs' ? 12 : 0);
    },
  );

  it('says so as well of a system on trial that the box could not leave', async () => {
    const reason = { code: 'update.board', say: 'The board is gone.' };
    const job = {
      ...{
        from: 'slot' as const,
        rollout: null,
        serial: null,
        version: '1.1.0',
        release: null,
        window: null,
      },
      stage: { at: 'goingBack' as const, to: 'a' as const, marked: true, boot: 'boot-0', reason },
    };
    const { world, room, pass } = box(TRIED, { ...NO_MEMORY, job });
    world.calls = true;
    room.start();
    await pass(1_000);
    expect(room.report()?.state).toMatchObject({ at: 'failed', reason: { code: 'update.noWayBack' } });
    const from = world.callUp.length;
    await pass(60_000);
    expect(world.callUp.length - from).toBe(12);
    room.stop();
  });

  it('asks the network whether the service is there before it blames the system', async () => {
    const before = { ...WELL, seen: { ...WELL.seen, accounts: [] } };
    const job = {
      ...{
        from: 'cloud' as const,
        rollout: 'spring',
        serial: 1,
        version: '1.1.0',
        release: null,
        window: null,
      },
      stage: { at: 'restarting' as const, target: 'b' as const, activated: true, boot: 'boot-0', before },
    };
    for (const listens of [false, true]) {
      const { world, room, pass } = box(TRIED, { ...NO_MEMORY, job });
      world.cloud = false;
      world.listens = listens;
      room.start();
      await pass(330_000);
      expect(world.said[0]).toBe(listens ? 'bad' : 'good');
      room.stop();
    }
  });

  it('takes a technician’s file in, proves it, and refuses what is not for this box', async () => {
    const { world, room, pass } = box();
    room.start();
    await pass(1_000);
    const wish = { now: true, allowOlder: false };
    expect(await room.install({ ...wish, path: '/usb/forged' })).toMatchObject({
      error: { code: 'update.signature' },
    });
    expect(await room.install({ ...wish, path: '/usb/other' })).toMatchObject({
      error: { code: 'update.model' },
    });
    async function* pieces() {
      yield Buffer.from('bundle');
    }
    expect(await room.bring(pieces(), 6)).toEqual({ ok: true, value: { bytes: 6 } });
    expect(await room.bring(pieces(), 400 * 1_048_576)).toMatchObject({ error: { code: 'update.tooLarge' } });
    expect(await room.install({ ...wish, path: null })).toMatchObject({ ok: true });
    await pass(20_000);
    expect(world.said).toEqual([
      `install ${join(folder, 'brought.raucb')}`,
      'activate',
      'restart: update to 1.1.0',
    ]);
    expect(await room.install({ ...wish, path: null })).toMatchObject({ error: { code: 'update.busy' } });
    expect(room.rollback()).toMatchObject({ error: { code: 'update.noBack' } });
    room.stop();
  });

  it('goes back to nothing that is half written', async () => {
    const { world, room, pass } = box();
    room.start();
    await pass(1_000);
    world.broken = true;
    room.received(seal(orderOf('1.1.0')));
    await pass(20_000);
    expect(room.report()).toMatchObject({ other: null, state: { at: 'failed' } });
    expect(world.codes()).toContain('W-UPD-901');
    expect(room.view.back).toBeNull();
    expect(room.rollback()).toMatchObject({ error: { code: 'update.noBack' } });
    room.stop();
  });

  it('goes back to the other slot on wish', async () => {
    const { world, room, pass } = box();
    room.start();
    expect(room.rollback()).toMatchObject({ error: { code: 'update.notReady' } });
    await pass(1_000);
    expect(room.view.back).toBe('0.9.0');
    expect(room.rollback()).toMatchObject({ ok: true });
    await pass(10_000);
    expect(world.said).toEqual(['activate', 'restart: update to 0.9.0']);
    room.stop();
  });
});

describe('update.json', () => {
  it('is read as it was written, is nobody else’s, and is nothing when it is spoilt', () => {
    const path = join(folder, 'persist', 'update.json');
    const file = memoryFile(path);
    expect(file.load()).toEqual(NO_MEMORY);
    const memory = { ...NO_MEMORY, order: orderOf('1.1.0'), taken: 1 };
    file.save(memory);
    expect(file.load()).toEqual(memory);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));
    expect(file.load()).toEqual(NO_MEMORY);
  });
});
