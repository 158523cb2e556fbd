import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentStore, type FaxEntry, openAgentStore } from '../../../agent/store/index.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { faxFact } from '../../../lib/contract/facts.ts';
import { legEnd, legStart } from './legs.ts';

let folder: string;
let store: AgentStore;
const clock = new VirtualClock();
const random = seededRandom(11);

const open = (): AgentStore =>
  openAgentStore({ path: join(folder, 'agent.sqlite'), clock, random, gateway: 'gw-000001' as GatewayId });

const ENTRY: FaxEntry = {
  call: 'lz0k3x2a-8f00000000000000',
  line: 1,
  serviceId: 'id-000001-1',
  from: '0355550100',
  to: '0355550160',
  direction: 'sent',
  remoteIdent: '0355550160',
  localIdent: '0355550100',
  pages: 2,
  bitRate: 14_400,
  ecm: true,
  retrains: 0,
  path: 't38Gateway',
  result: 'ok',
  say: '2 pages sent',
  trace: '<DIS >TSI >DCS',
  packets: { sent: 900, received: 100, recovered: 3, lost: 0 },
  startedAt: 1_790_000_000_000,
  endedAt: 1_790_000_060_000,
  durationMs: 60_000,
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fax-log-'));
  store = open();
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the fax log', () => {
  it('gives every fax an id of the series of call records, newest first', () => {
    const leg = store.journal.begin(legStart(1));
    store.faxes.write(ENTRY);
    store.faxes.write({ ...ENTRY, pages: 3 });
    const listed = store.faxes.list(10);
    expect(listed.map((fax) => fax.pages)).toEqual([3, 2]);
    expect(new Set([leg, ...listed.map((fax) => fax.id)]).size).toBe(3);
    for (const fax of listed) expect(faxFact.parse(fax)).toEqual(fax);
  });

  it('cuts what the contract does not allow, so that the cloud can take it', () => {
    store.faxes.write({ ...ENTRY, say: 'x'.repeat(900), trace: '>'.repeat(4_000), pages: 1.4 });
    expect(faxFact.safeParse(store.faxes.list(1)[0]).success).toBe(true);
  });

  it('survives a restart; a fax waits for the cloud until it is acknowledged, and stays in the log', () => {
    store.faxes.write(ENTRY);
    store.close();
    store = open();
    const [waiting] = store.outbox.nextFaxes(50);
    expect(store.outbox.size()).toBe(1);
    expect(store.outbox.oldestAt()).not.toBeNull();
    expect(store.outbox.acknowledge([waiting?.id ?? ''])).toBe(1);
    expect(store.outbox.acknowledge([waiting?.id ?? ''])).toBe(0);
    expect(store.outbox.nextFaxes(50)).toEqual([]);
    expect(store.outbox.size()).toBe(0);
    expect(store.faxes.list(10)).toHaveLength(1);
  });

  it('travels beside call records, which it does not hold up', () => {
    let added = 0;
    store.outbox.onAdded(() => added++);
    store.journal.end(store.journal.begin(legStart(1)), legEnd(1));
    store.faxes.write(ENTRY);
    expect(added).toBe(2);
    expect(store.outbox.next(50)).toHaveLength(1);
    expect(store.outbox.nextFaxes(49)).toHaveLength(1);
  });
});
