import { describe, expect, it } from 'vitest';
import { BoxFacts } from '../../agent/box-facts.ts';
import { createHealth } from '../../agent/health/index.ts';
import type { AgentStatus } from '../../agent/status.ts';
import type { FactEntry } from '../../agent/store/index.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { boxFact } from '../../lib/contract/box-facts.ts';

function box() {
  const clock = new VirtualClock();
  const health = createHealth(clock);
  const written: FactEntry[] = [];
  const listeners: (() => void)[] = [];
  const line = { port: 1, serviceId: 'id-000001-1', label: '', extension: '11', state: 'onHook', call: null };
  const state = { registered: true };
  const status = (): AgentStatus => ({
    ...{
      v: 1,
      gateway: 'gw-000001',
      identity: { at: 'claimed', gateway: 'gw-000001', serialNumber: null, fingerprint: null, say: '' },
      office: null,
      version: '1.0',
      now: clock.now(),
      upMs: clock.monotonicMs(),
    },
    board: { up: true, identity: null, say: '' },
    media: { connected: true, sessions: 0 },
    cloud: { connected: true, sinceMs: 0, outbox: 0, oldestMs: 0 },
    config: { v: 1, appliedRev: 1, desiredRev: 1, state: 'applied', refusal: null, at: 0 },
    lines: [{ ...line, registration: { at: state.registered ? 'registered' : 'failed', say: '' } }],
    calls: { now: 1, limit: 2 },
    warnings: health.list(),
    memory: { agentBytes: 1, mediaBytes: 2 },
  });
  const facts = new BoxFacts({
    ...{ status, clock, health },
    calls: () => [
      {
        ...{ call: 'c-1', direction: 'out', line: 1, from: '', to: '', state: 'talking', startedAt: 0 },
        ...{ answeredAt: 0, endedAt: null, end: null, because: null },
      },
    ],
    deskPhones: () => [],
    phonePorts: () => [101],
    onChange: (listener) => void listeners.push(listener),
    outbox: {
      counters: () => ({ acknowledged: 5, dropped: 0, damaged: 0 }),
      reserve: () => ({ records: 50_000, heldBytes: 77, wantedBytes: 77 }),
    },
    facts: { write: (entry) => void written.push(entry) },
  });
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  return { clock, health, facts, written, changed, state };
}

describe('what the service is told of a box', () => {
  it('is every warning that comes or goes, with whom it hurts', () => {
    const { facts, health, written } = box();
    facts.start();
    health.raise('media.away', 'gone');
    health.raise('media.away', 'still gone');
    health.raise('trunk.notRegistered/1', 'no answer');
    health.clear('media.away');
    expect(written).toMatchObject([
      { raised: true, warning: { code: 'W-MED-201', say: 'gone', lines: [1, 101], calls: ['c-1'] } },
      { raised: true, warning: { code: 'W-TRK-301/1', lines: [1], calls: ['c-1'] } },
      { raised: false, warning: { code: 'W-MED-201', say: 'still gone' } },
    ]);
  });

  it('is its state once for all that changed within two seconds, and again only when it is another one', () => {
    const { clock, facts, written, changed, state } = box();
    facts.start();
    clock.advance(3_000);
    changed();
    clock.advance(3_000);
    state.registered = false;
    for (let n = 0; n < 20; n++) changed();
    clock.advance(3_000);
    const states = written.filter(({ kind }) => kind === 'state');
    expect(states).toMatchObject([{ lines: [{ registered: true }] }, { lines: [{ registered: false }] }]);
  });

  it('is its figures, every five minutes, in names that a metric may have', () => {
    const { clock, facts, written } = box();
    facts.start();
    clock.advance(3_600_000);
    const figures = written.filter(({ kind }) => kind === 'counters');
    expect(figures.length).toBeGreaterThanOrEqual(12);
    expect(figures.length).toBeLessThanOrEqual(13);
    for (const [n, entry] of written.entries()) {
      const fact = {
        ...entry,
        id: `gw-000001/0123abcd/${n}`,
        ...(entry.kind === 'counters' ? { dropped: 0 } : {}),
      };
      expect(boxFact.parse(fact)).toBeDefined();
    }
    const before = written.length;
    facts.stop();
    clock.advance(3_600_000);
    expect(written).toHaveLength(before);
  });
});
