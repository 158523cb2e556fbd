import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ANSWER_WAIT_MS, type CommandNeeds, Commands } from '../../../cloud-stub/sync/commands.ts';
import type { ContractId, GatewayId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { type BoxCommand, type CommandResult, openCommand } from '../../../lib/contract/command.ts';
import { gatewayTopics } from '../../../lib/contract/topics.ts';

const CONTRACT = 'c-000001' as ContractId;
const GATEWAY = 'gw-000001' as GatewayId;
const OTHER = 'gw-000002' as GatewayId;
const approve: BoxCommand = { do: 'approvePhone', mac: 'c074ad000001', minutes: 5 };
const { privateKey, publicKey } = generateKeyPairSync('ed25519');

/** Commands with a gateway that never says anything by itself. */
class Bench {
  readonly clock = new VirtualClock();
  readonly published: { readonly topic: string; readonly payload: string; readonly retain: boolean }[] = [];
  readonly kept: string[] = [];
  online = true;
  readonly commands: Commands;

  constructor(more: Partial<CommandNeeds> = {}) {
    this.commands = new Commands({
      contractOf: async (gateway) => (gateway === GATEWAY ? CONTRACT : undefined),
      online: async () => this.online,
      keep: async (_contract, { id }) => void this.kept.push(id),
      settle: async (_contract, gateway, { id }) => gateway === GATEWAY && this.kept.includes(id),
      publish: async (topic, payload, retain) => void this.published.push({ topic, payload, retain }),
      privateKey,
      clock: this.clock,
      random: seededRandom(1),
      log: silentLog(),
      ...more,
    });
  }

  /** Sends, and resolves when the command is on the wire. */
  async send(): Promise<{ readonly done: ReturnType<Commands['send']>; readonly id: string }> {
    const done = this.commands.send(GATEWAY, approve, 'operator');
    for (let turns = 0; this.published.length === 0 && turns < 100; turns++) await Promise.resolve();
    return { done, id: this.kept.at(-1) ?? '' };
  }

  answers(result: CommandResult, from = GATEWAY): Promise<void> {
    return this.commands.answered(CONTRACT, from, result);
  }
}

const good = (id: string): CommandResult => ({ v: 1, id, ok: true, at: 1 });

describe('a command to a gateway', () => {
  it('is written down, then goes out signed and not retained, and its end is the box’s word', async () => {
    const bench = new Bench();
    const { done, id } = await bench.send();
    const [message] = bench.published;
    expect(message).toMatchObject({ topic: gatewayTopics(GATEWAY).commands, retain: false });
    const now = bench.clock.now();
    const opened = openCommand(Buffer.from(message?.payload ?? ''), { gateway: GATEWAY, publicKey, now });
    expect(opened).toEqual({ ok: true, value: { id, command: approve } });
    await bench.answers(good(id));
    expect(await done).toMatchObject({ ok: true, value: { id, by: 'operator', command: approve } });
  });

  it('that the box refuses is refused in the box’s own words', async () => {
    const bench = new Bench();
    const { done, id } = await bench.send();
    await bench.answers({ v: 1, id, ok: false, at: 1, code: 'phone.none', say: 'No such phone.' });
    expect(await done).toMatchObject({ ok: false, error: { code: 'phone.none', say: 'No such phone.' } });
  });

  it('is waited for and not longer', async () => {
    const bench = new Bench();
    const { done, id } = await bench.send();
    bench.clock.advance(ANSWER_WAIT_MS);
    expect(await done).toMatchObject({ ok: false, error: { code: 'command.noAnswer' } });
    expect(bench.clock.names()).toEqual([]);
    // What comes later is still written down.
    await bench.answers(good(id));
  });

  it('is not answered by another gateway', async () => {
    const bench = new Bench();
    const { done, id } = await bench.send();
    await bench.answers(good(id), OTHER);
    bench.clock.advance(ANSWER_WAIT_MS);
    expect(await done).toMatchObject({ ok: false, error: { code: 'command.noAnswer' } });
  });

  it('is not sent to a gateway that is away, or that there is not', async () => {
    const bench = new Bench();
    bench.online = false;
    const away = await bench.commands.send(GATEWAY, approve, 'operator');
    const none = await bench.commands.send(OTHER, approve, 'operator');
    expect([away, none]).toMatchObject([
      { error: { code: 'command.offline' } },
      { error: { code: 'command.noGateway' } },
    ]);
    expect([bench.published, bench.kept]).toEqual([[], []]);
  });

  it('is said not to have been asked, at once, when the broker is away', async () => {
    const bench = new Bench({ publish: () => Promise.reject(new Error('the broker is away')) });
    expect(await bench.commands.send(GATEWAY, approve, 'operator')).toMatchObject({
      error: { code: 'command.noBroker', fault: 'environment' },
    });
    expect(bench.clock.names()).toEqual([]);
  });

  it('keeps nobody waiting when the service stops', async () => {
    const bench = new Bench();
    const { done } = await bench.send();
    bench.commands.stop();
    expect(await done).toMatchObject({ ok: false, error: { code: 'command.noAnswer' } });
  });
});
