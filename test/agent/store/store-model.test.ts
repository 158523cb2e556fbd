import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AgentStore, openAgentStore } from '../../../agent/store/index.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { TEST_GATEWAY } from '../../support/site-config.ts';
import { legEnd, legStart } from './legs.ts';

type Op = 'begin' | 'end' | 'endAgain' | 'ack' | 'reopen' | 'heartbeat';

/** What a store must hold, in a few lists. */
interface Model {
  open: string[];
  waiting: string[];
  gone: string[];
}

function apply(op: Op, store: AgentStore, model: Model, clock: VirtualClock): void {
  switch (op) {
    case 'begin':
      model.open.push(store.journal.begin(legStart(model.open.length)));
      break;
    case 'end': {
      const id = model.open.shift();
      if (id === undefined) break;
      store.journal.end(id as never, legEnd(1));
      model.waiting.push(id);
      break;
    }
    case 'endAgain': {
      const id = model.waiting[0] ?? model.gone[0];
      if (id !== undefined) store.journal.end(id as never, legEnd(2));
      break;
    }
    case 'ack': {
      const ids = model.waiting.splice(0, 2);
      expect(store.outbox.acknowledge(ids)).toBe(ids.length);
      model.gone.push(...ids);
      break;
    }
    case 'heartbeat':
      store.journal.heartbeat(clock.now());
      break;
    case 'reopen':
      break;
  }
}

it('holds what was begun, ended and not acknowledged, over any history of calls and restarts', () => {
  const ops = fc.constantFrom<Op>('begin', 'begin', 'end', 'end', 'endAgain', 'ack', 'reopen', 'heartbeat');
  fc.assert(
    fc.property(fc.array(ops, { minLength: 5, maxLength: 25 }), (history) => {
      const folder = mkdtempSync(join(tmpdir(), 'engawa-model-'));
      const clock = new VirtualClock();
      const random = seededRandom(1);
      const open = (): AgentStore =>
        openAgentStore({ path: join(folder, 'agent.sqlite'), clock, random, gateway: TEST_GATEWAY });
      let store = open();
      const model: Model = { open: [], waiting: [], gone: [] };
      for (const op of history) {
        apply(op, store, model, clock);
        if (op === 'reopen') {
          store.close();
          store = open();
          expect(store.journal.unfinished().map((leg) => leg.id)).toEqual([...model.open].sort());
        }
        expect(store.outbox.next(50).map((record) => record.id)).toEqual(model.waiting);
        expect(store.outbox.size()).toBe(model.waiting.length);
      }
      store.close();
      rmSync(folder, { recursive: true, force: true });
    }),
    { numRuns: 12 },
  );
});
