import { describe, expect, it } from 'vitest';
import type { CommandMemory } from '../../../agent/store/index.ts';
import { CommandDesk } from '../../../agent/sync/command-desk.ts';
import { LanReporter } from '../../../agent/sync/lan-reporter.ts';
import { ok, refuse } from '../../../lib/base/errors.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { type BoxCommand, commandResult, signCommand } from '../../../lib/contract/command.ts';
import type { LanReport } from '../../../lib/contract/lan-facts.ts';
import { emptyLanReport } from '../../support/lan-report.ts';
import { configKeys, TEST_GATEWAY } from '../../support/site-config.ts';

const keys = configKeys();
const APPROVE: BoxCommand = { do: 'approvePhone', mac: 'c074ad2bd859', minutes: 5 };
const ID = '0123456789abcdef';

/** What a store remembers, without one. */
function memory(known = new Map<string, string | undefined>()): CommandMemory {
  return {
    begin(id) {
      if (known.has(id)) return false;
      known.set(id, undefined);
      return true;
    },
    end: (id, result) => void known.set(id, result),
    result: (id) => known.get(id),
  };
}

function desk(answer: 'good' | 'refuses' | 'throws' | 'tells' = 'good', remembered = memory()) {
  const clock = new VirtualClock();
  const carried: BoxCommand[] = [];
  const made = new CommandDesk({
    gateway: TEST_GATEWAY,
    publicKey: keys.publicKey,
    clock,
    log: silentLog(),
    memory: remembered,
    carryOut: async (command) => {
      carried.push(command);
      if (answer === 'tells') return ok({ port: 1, verdict: 'good' });
      if (answer === 'throws') throw new Error('spoilt');
      return answer === 'good'
        ? ok(undefined)
        : refuse({ code: 'phone.none', fault: 'caller', say: 'No configuration names it.' });
    },
  });
  const sign = (changes: { gateway?: string; key?: typeof keys; id?: string } = {}): Buffer =>
    signCommand(APPROVE, {
      id: changes.id ?? ID,
      gateway: (changes.gateway ?? TEST_GATEWAY) as GatewayId,
      privateKey: (changes.key ?? keys).privateKey,
      now: clock.now(),
    });
  return { clock, carried, made, sign };
}

describe('commands of the cloud', () => {
  it('are carried out once, and answered as often as they come', async () => {
    const { carried, made, sign } = desk();
    const bytes = sign();
    const [first, again] = [await made.receive(bytes), await made.receive(bytes)];
    expect(commandResult.parse(first)).toMatchObject({ id: ID, ok: true });
    expect(again).toEqual(first);
    expect(carried).toEqual([APPROVE]);
  });

  it('are not carried out again by the next start, which answers what became of them', async () => {
    const kept = new Map<string, string | undefined>();
    const { made, sign } = desk('good', memory(kept));
    const first = await made.receive(sign());
    const next = desk('good', memory(kept));
    expect(await next.made.receive(sign())).toEqual(first);
    kept.set(ID, undefined);
    const cut = desk('good', memory(kept));
    expect(await cut.made.receive(sign())).toMatchObject({ ok: false, code: 'command.cutOff' });
    expect([...next.carried, ...cut.carried]).toEqual([]);
  });

  it('that find something tell it', async () => {
    const { made, sign } = desk('tells');
    const result = commandResult.parse(await made.receive(sign()));
    expect(result.ok && result.told).toBe('{"port":1,"verdict":"good"}');
  });

  it('are not begun where the disk cannot say that they were', async () => {
    const { carried, made, sign } = desk('good', {
      ...memory(),
      begin: () => {
        throw new Error('disk full');
      },
    });
    expect(await made.receive(sign())).toMatchObject({ ok: false, code: 'command.disk' });
    expect(carried).toEqual([]);
  });

  it.each([
    ['refuses', 'phone.none'],
    ['throws', 'command.failed'],
  ] as const)('that the box %s are answered with the reason', async (how, code) => {
    const { made, sign } = desk(how);
    expect(commandResult.parse(await made.receive(sign()))).toMatchObject({ ok: false, code });
  });

  it('that are not signed by our cloud, not for this box, or nothing at all are answered by nothing', async () => {
    const { carried, made, sign } = desk();
    const strange = [sign({ key: configKeys() }), sign({ gateway: 'gw-000002' }), Buffer.from('{}')];
    for (const bytes of strange) expect(await made.receive(bytes)).toBeUndefined();
    expect(carried).toEqual([]);
  });

  it('that come too late are not carried out, and the answer says so', async () => {
    const { clock, carried, made, sign } = desk();
    const bytes = sign();
    clock.advance(61_000);
    expect(await made.receive(bytes)).toMatchObject({ ok: false, code: 'command.expired' });
    expect(carried).toEqual([]);
  });

  it('are remembered in a bounded number', async () => {
    const { carried, made, sign } = desk();
    for (let index = 0; index < 200; index++) {
      await made.receive(sign({ id: index.toString(16).padStart(16, '0') }));
    }
    expect(carried).toHaveLength(200);
  });
});

describe('the report of the LAN', () => {
  it('is told with every connection, and then when something but a time has changed, every two seconds at most', () => {
    const clock = new VirtualClock();
    const told: LanReport[] = [];
    const server = { address: '192.168.1.1', firstHeardAt: 1, lastHeardAt: 1, router: null, leaseS: null };
    let now = emptyLanReport();
    const reporter = new LanReporter(
      clock,
      () => now,
      (report) => void told.push(report),
    );
    clock.advance(10_000);
    expect(told).toHaveLength(0);
    reporter.connected();
    expect(told).toHaveLength(1);
    const dhcp = { mode: 'detect', standing: 'mute', bound: 0 } as const;
    now = emptyLanReport({ at: 5, dhcp: { ...dhcp, foreign: [server] } });
    clock.advance(2_000);
    expect(told).toHaveLength(2);
    now = emptyLanReport({ at: 9, dhcp: { ...dhcp, foreign: [{ ...server, lastHeardAt: 9 }] } });
    clock.advance(60_000);
    expect(told).toHaveLength(2);
    now = emptyLanReport({ omitted: 1 });
    clock.advance(1_999);
    now = emptyLanReport({ omitted: 2 });
    clock.advance(1);
    expect(told.at(-1)?.omitted).toBe(2);
    reporter.disconnected();
    now = emptyLanReport({ omitted: 3 });
    clock.advance(60_000);
    expect(told).toHaveLength(3);
    reporter.connected();
    expect(told.at(-1)?.omitted).toBe(3);
  });
});
