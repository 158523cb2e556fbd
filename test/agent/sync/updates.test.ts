import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHealth } from '../../../agent/health/index.ts';
import { openAgentStore } from '../../../agent/store/index.ts';
import { createSync } from '../../../agent/sync/index.ts';
import { ok } from '../../../lib/base/errors.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { gatewayTopics } from '../../../lib/contract/topics.ts';
import { parseUpdateReport, type UpdateReport } from '../../../lib/contract/update.ts';
import { testEnrolment } from '../../support/enrolment.ts';
import { emptyLanReport } from '../../support/lan-report.ts';
import { configKeys, TEST_GATEWAY } from '../../support/site-config.ts';

const topics = gatewayTopics(TEST_GATEWAY);
const REPORT: UpdateReport = {
  ...{ v: 1, at: 1, compatible: 'engawa-virt-arm64', rollout: null, serial: null, version: null },
  ...{ running: { slot: 'a', version: '1.0.0', confirmed: true }, other: null, state: { at: 'idle' } },
};

describe('updates, over the link to the service', () => {
  it('orders reach the room that installs; its report stands retained with each connection and after each change', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'engawa-sync-'));
    const clock = new VirtualClock();
    const random = seededRandom(1);
    const store = openAgentStore({
      path: join(folder, 'agent.sqlite'),
      clock,
      random,
      gateway: TEST_GATEWAY,
    });
    const keys = configKeys();
    const told: { readonly topic: string; readonly text: string; readonly retain: boolean }[] = [];
    const orders: Uint8Array[] = [];
    let report = REPORT;
    let changed = (): void => undefined;
    let heard: (topic: string, payload: Buffer) => void = () => undefined;
    const sync = createSync({
      enrolment: testEnrolment({
        configKeyPem: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      }),
      ...{ boot: store.boot, outbox: store.outbox, config: store.config, commands: store.commands },
      ...{ apply: () => ok(undefined), carryOut: async () => ok(undefined), spend: () => true },
      lanReport: () => emptyLanReport({ at: clock.now(), omitted: 0 }),
      ...{ health: createHealth(clock), clock, random, log: silentLog() },
      updates: {
        received: (payload) => orders.push(payload),
        report: () => report,
        onChange: (listener) => {
          changed = listener;
        },
      },
      openWire: ({ onUp, onMessage }) => {
        heard = onMessage;
        queueMicrotask(onUp);
        return {
          publish: (topic, payload, retain) => {
            told.push({ topic, text: payload.toString(), retain });
            if (topic === topics.echo) onMessage(topic, Buffer.from(payload));
          },
          leave: async () => undefined,
          drop: () => undefined,
        };
      },
    });
    try {
      sync.start();
      changed();
      expect(told).toEqual([]);
      await new Promise((resolve) => setImmediate(resolve));
      const reports = () =>
        told
          .filter(({ topic }) => topic === topics.updateReport)
          .map(({ text, retain }) => {
            expect(retain).toBe(true);
            return parseUpdateReport(Buffer.from(text))?.state.at;
          });
      expect(reports()).toEqual(['idle']);
      report = { ...REPORT, version: '1.1.0', state: { at: 'done' } };
      changed();
      expect(reports()).toEqual(['idle', 'done']);
      heard(topics.update, Buffer.from('sealed'));
      expect(orders.map(String)).toEqual(['sealed']);
    } finally {
      await sync.stop();
      store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
