import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../cloud-stub/store/index.ts';
import { type CloudSync, createCloudSync, type ServiceKeys } from '../../../cloud-stub/sync/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { Enrolment } from '../../../lib/contract/enrolment.ts';
import { gatewayTopics } from '../../../lib/contract/topics.ts';
import { type ForeignBroker, layBrokerKeys, mosquitto } from '../../../scripts/lab/brokers.ts';
import { boxRecordOf, CONTRACT, freshCall } from '../store/call-samples.ts';
import { claimWith } from './claim-codes.ts';
import { connectGateway, eventually } from './gateway-client.ts';

const HOST = '127.56.0.32';
const FIRST = 'gw-000001' as GatewayId;
const SECOND = 'gw-000002' as GatewayId;
const own = gatewayTopics(FIRST);
const other = gatewayTopics(SECOND);

/** Messages in one second, as of a thousand gateways that come back. */
const AT_ONCE = 3_000;

/** What a service keeps that lends its database to these tests. */
export interface Lender {
  readonly store: Store;
  readonly keys: ServiceKeys;
  readonly folder: string;
}

/** The promises of the embedded broker, asked of mosquitto. */
export function mosquittoPromises(lender: () => Lender): void {
  describe('mosquitto in the place of the embedded broker', () => {
    let broker: ForeignBroker;
    let sync: CloudSync;
    let first: Enrolment;
    let second: Enrolment;
    /** So many commands to the broker fail. */
    let failing = 0;

    const apply = async (): Promise<void> => {
      if (failing-- > 0) throw new Error('the broker could not be told');
      await broker.restart();
    };
    const enrol = async (gateway: GatewayId): Promise<Enrolment> => {
      const place = { folder: join(lender().folder, 'foreign'), host: HOST };
      return claimWith(place, (await sync.claimTicket(gateway))?.code ?? '', gateway);
    };

    beforeAll(async () => {
      const { folder: state, keys, store } = lender();
      const folder = join(state, 'mosquitto');
      layBrokerKeys(folder, keys);
      broker = mosquitto({ host: HOST, port: 8_883, folder });
      const nodes = [{ host: HOST, port: 8_883 }];
      sync = createCloudSync({
        ...{ host: HOST, port: 8_883, keys, store, clock: systemClock, random: systemRandom },
        trunk: { host: HOST, port: 5_061, domain: 'engawa.example' },
        broker: { kind: 'mosquitto', nodes, folder, apply },
        log: silentLog(),
      });
      await sync.start();
      await broker.restart();
      [first, second] = [await enrol(FIRST), await enrol(SECOND)];
    });
    afterAll(async () => {
      await sync.stop();
      await broker.stop();
    });

    it('brings configurations down and facts up, acknowledged after the commit', async () => {
      const client = await connectGateway(first);
      expect(await client.subscribe(own.down)).toBe(1);
      expect(await client.next(own.desired)).toContain('"gateway":"gw-000001"');
      const record = boxRecordOf(7_001, freshCall());
      // The cloud may still be on its way back from the restart.
      for (let seen = false; !seen; seen = (await client.next(own.recordsAck, 0, 1_000)) !== undefined) {
        await client.publish(own.records, JSON.stringify({ v: 1, records: [record] }));
      }
      expect(await client.next(own.recordsAck)).toContain(record.id);
      await client.end();
    });

    it('keeps for the service what many say at once, and drops none of it', async () => {
      const client = await connectGateway(first);
      await client.subscribe(own.down);
      // A topic that the service does not know: what arrives is counted and costs nothing more.
      const topic = own.records.replace(/cdr$/, 'nothing');
      const arrived = (): number => sync.counters().forbiddenPublishes;
      expect(
        await eventually(async () => {
          const before = arrived();
          await client.publish(topic, 'the service is there');
          return eventually(async () => arrived() > before);
        }),
      ).toBe(true);
      const before = arrived();
      for (let count = 0; count < AT_ONCE; count++) client.client.publish(topic, 'x', { qos: 1 });
      expect(await eventually(async () => arrived() - before === AT_ONCE)).toBe(true);
      await client.end();
    });

    it('lets nobody read or write another’s topics, though it says yes to both', async () => {
      const [thief, victim] = [await connectGateway(first), await connectGateway(second)];
      await victim.subscribe(other.down);
      await victim.next(other.desired);
      const before = victim.received.length;
      for (const filter of [other.desired, other.down, '#', 'v1/engawa/gw/+/down/+']) {
        await thief.subscribe(filter);
      }
      await thief.publish(other.desired, 'forged', true);
      await thief.publish(other.commands, 'forged');
      await thief.publish(
        other.status,
        JSON.stringify({ v: 1, online: true, boot: '00c0ffee', connection: 1 }),
        true,
      );
      await thief.publish(own.desired, 'forged', true);
      // Its own echo is the one thing that both may do; it comes after everything above.
      await thief.subscribe(own.down);
      await thief.publish(own.echo, 'mine');
      expect(await thief.next(own.echo)).toBe('mine');
      await victim.publish(other.echo, 'hers');
      expect(await victim.next(other.echo)).toBe('hers');
      expect(thief.received.filter(({ topic }) => topic.includes(SECOND))).toEqual([]);
      expect(thief.received.some(({ payload }) => payload === 'forged')).toBe(false);
      expect(victim.received.slice(before).map(({ topic }) => topic)).toEqual([other.echo]);
      const rows = await lender().store.gateways.list();
      expect(rows.find(({ gateway }) => gateway === SECOND)?.online).toBe(false);
      await Promise.all([thief.end(), victim.end()]);
    });

    it('binds the name to the certificate, and takes nobody without one', async () => {
      const victim = await connectGateway(second);
      const thief = await connectGateway(first, { clientId: SECOND });
      await thief.end();
      expect(victim.client.connected).toBe(true);
      await victim.end();
      const bare = { cert: undefined, key: undefined, username: FIRST, password: 'x' } as never;
      await expect(connectGateway(first, bare)).rejects.toThrow();
    });

    it('cuts off who is revoked and lets him in no more, while the others come back', async () => {
      const [stolen, good] = [await connectGateway(second), await connectGateway(first)];
      // The first time the broker cannot be told, which the operator hears: he says it again.
      failing = 1;
      await expect(sync.revoke(SECOND, 'stolen')).rejects.toThrow('could not be told');
      expect(stolen.client.connected).toBe(true);
      expect(await sync.revoke(SECOND, 'stolen')).toBe(0);
      expect(await stolen.closed()).toBe(true);
      await Promise.all([stolen.end(), good.end()]);
      await expect(connectGateway(second)).rejects.toThrow();
      const back = await connectGateway(first);
      await back.subscribe(own.down);
      // The restarted broker had forgotten it; the cloud has published it again.
      expect(await back.next(own.desired)).toContain('"gateway":"gw-000001"');
      await back.end();
      second = await enrol(SECOND);
      expect(await eventually(async () => (await connectGateway(second)).end().then(() => true))).toBe(true);
      await sync.publish(CONTRACT);
    });
  });
}
