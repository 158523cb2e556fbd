import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHealth } from '../../../agent/health/index.ts';
import { ACK_LIMIT_BYTES, parseAck } from '../../../agent/sync/ack.ts';
import { ackDelayMs } from '../../../agent/sync/backoff.ts';
import {
  afterApply,
  type ConfigState,
  decideDesired,
  NO_CONFIG,
  toReport,
} from '../../../agent/sync/desired-machine.ts';
import { watchOutbox } from '../../../agent/sync/outbox-watch.ts';
import { type Sender, type SenderInput, stepSender } from '../../../agent/sync/record-sender.ts';
import { instant, type Timer } from '../../../lib/base/clock.ts';
import { ok, refuse } from '../../../lib/base/errors.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { type Link, type LinkInput, reconnectDelayMs, stepLink } from '../../../lib/contract/broker-link.ts';
import type { OpenedDesired } from '../../../lib/contract/envelope.ts';
import { reportedConfig } from '../../../lib/contract/facts.ts';
import { siteOf } from '../../support/site-config.ts';

describe('the wait before a new connection', () => {
  it('is anywhere under a cap that grows from 4 s to 60 s by a sixth of the time that the trouble has lasted', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 10_000_000 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (troubleForMs, fraction) => {
          const delay = reconnectDelayMs(troubleForMs, fraction);
          expect(delay).toBeGreaterThanOrEqual(100);
          expect(delay).toBeLessThanOrEqual(Math.min(60_000, 4_000 + troubleForMs / 6));
        },
      ),
    );
  });

  it('spreads a thousand boxes that lost one broker', () => {
    const random = seededRandom(1);
    const delays = Array.from({ length: 1_000 }, () => reconnectDelayMs(0, random.fraction()));
    const perSecond = new Map<number, number>();
    for (const delay of delays) {
      const second = Math.floor(delay / 1_000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(Math.max(...perSecond.values())).toBeLessThan(300);
  });

  it('for an acknowledgement is never shorter than half of its cap, which ends at 5 min', () => {
    expect(ackDelayMs(0, 0)).toBe(2_500);
    expect(ackDelayMs(0, 0.999)).toBeLessThan(5_000);
    expect(ackDelayMs(50, 0)).toBe(150_000);
  });
});

describe('the link', () => {
  /** Runs the machine against a broker that is there or not, under a virtual clock. */
  function simulate(script: readonly (readonly [atMs: number, there: boolean | 'deaf'])[], untilMs: number) {
    const clock = new VirtualClock();
    const random = seededRandom(7);
    const opens: number[] = [];
    let link: Link = { at: 'stopped' };
    let there = false;
    let deaf = false;
    let timer: Timer | undefined;
    let echo: Timer | undefined;
    const silences: number[] = [];
    const feed = (input: LinkInput): void => {
      const stepped = stepLink(link, input, clock.monotonicMs(), random.fraction());
      link = stepped.link;
      for (const effect of stepped.effects) {
        if (effect.do === 'armEcho' || effect.do === 'disarmEcho') echo?.cancel();
        if (effect.do === 'arm' || effect.do === 'disarm') timer?.cancel();
        if (effect.do === 'arm') timer = clock.after(effect.delayMs, 'link', () => feed({ type: 'timer' }));
        if (effect.do === 'echo' && !deaf) clock.after(20, 'echo', () => feed({ type: 'echoed' }));
        if (effect.do === 'armEcho')
          echo = clock.after(effect.delayMs, 'echo', () => feed({ type: 'echoTimer' }));
        if (effect.do === 'silent') silences.push(clock.monotonicMs());
        if (effect.do !== 'open') continue;
        opens.push(clock.monotonicMs());
        clock.after(20, 'answer', () => feed({ type: there ? 'up' : 'down' }));
      }
    };
    for (const [atMs, state] of script) {
      clock.after(atMs, 'script', () => {
        const was = there;
        there = state !== false;
        deaf = state === 'deaf';
        if (was && state === false && link.at === 'connected') feed({ type: 'down' });
      });
    }
    feed({ type: 'start' });
    clock.advance(untilMs);
    return { link, opens, silences };
  }

  it('tries for days, at least once a minute, and is connected within a minute of the broker', () => {
    const days = 3 * 86_400_000;
    const { link, opens } = simulate([[days, true]], days + 61_000);
    expect(link.at).toBe('connected');
    expect(opens.length).toBeGreaterThan(days / 61_000);
    expect(opens.length).toBeLessThan(days / 10_000);
  });

  it('that stands but brings nothing is noticed within 33 s, and made anew', () => {
    for (const deafAt of [3_600_000, 3_607_000, 3_619_000]) {
      const { link, opens, silences } = simulate(
        [
          [0, true],
          [deafAt, 'deaf'],
          [deafAt + 45_000, true],
        ],
        deafAt + 90_000,
      );
      expect(silences.length).toBeGreaterThan(0);
      expect((silences[0] ?? 0) - deafAt).toBeLessThanOrEqual(33_000);
      expect(opens.length).toBeGreaterThan(1);
      expect(link).toMatchObject({ at: 'connected', echo: 'back' });
    }
  });

  it('is never good where its own words do not come back: a SUBACK proves nothing', () => {
    const { link, opens, silences } = simulate([[0, 'deaf']], 600_000);
    expect(link.at).not.toBe('connected');
    expect(silences.length).toBeGreaterThan(5);
    // And it does not storm: each try costs nine seconds and a growing wait.
    expect(opens.length).toBeLessThan(40);
  });

  it('waits longer when the broker takes and drops it at once', () => {
    let link: Link = { at: 'connecting', troubleMs: 1_000, asked: 1 };
    for (const nowMs of [5_000, 25_000, 125_000]) {
      link = stepLink(link, { type: 'up' }, nowMs - 100, 0).link;
      const down = stepLink(link, { type: 'down' }, nowMs, 0.5);
      expect(down.link).toEqual({ at: 'waiting', troubleMs: 1_000 });
      const delayMs = reconnectDelayMs(nowMs - 1_000, 0.5);
      expect(down.effects).toContainEqual({ do: 'arm', delayMs });
      link = stepLink(down.link, { type: 'timer' }, nowMs + delayMs, 0).link;
    }
  });

  it('begins at 4 s again after a connection that held 15 s', () => {
    const held: Link = { at: 'connected', troubleMs: -600_000, sinceMs: 0, echo: 'back' };
    const { link, effects } = stepLink(held, { type: 'down' }, 15_000, 0.5);
    expect(link).toEqual({ at: 'waiting', troubleMs: 15_000 });
    expect(effects).toContainEqual({ do: 'arm', delayMs: 2_000 });
    expect(stepLink(held, { type: 'down' }, 14_999, 0.5).link).toMatchObject({ troubleMs: -600_000 });
  });

  it('takes every input in every state, and has at most one connection', () => {
    const inputs = fc.constantFrom<LinkInput['type']>(
      ...(['start', 'up', 'echoed', 'down', 'nobody', 'timer', 'echoTimer', 'stop'] as const),
    );
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 40 }), (types) => {
        let link: Link = { at: 'stopped' };
        let open = 0;
        for (const type of types) {
          const stepped = stepLink(link, type === 'nobody' ? { type, nodes: 3 } : { type }, 0, 0.5);
          link = stepped.link;
          for (const effect of stepped.effects) {
            if (effect.do === 'open') open++;
            if (effect.do === 'close') open = 0;
          }
          expect(open).toBeLessThanOrEqual(1);
          expect(open === 1).toBe(['connecting', 'proving', 'connected'].includes(link.at));
        }
      }),
    );
  });
});

describe('the sender', () => {
  it('has one batch out, sends it again until the cloud answers, and loses nothing', () => {
    // A cloud that answers sometimes, sometimes in part, over a link that comes and goes.
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat({ max: 5 })), fc.integer({ min: 0, max: 300 }), (dice, count) => {
        let waiting = Array.from({ length: count }, (_unused, index) => String(index));
        let sender = { at: 'offline' } as Sender;
        let out: readonly string[] = [];
        const feed = (input: SenderInput): void => {
          const stepped = stepSender(sender, input, 0.5);
          sender = stepped.sender;
          for (const effect of stepped.effects) {
            if (effect.do !== 'send') continue;
            out = waiting.slice(0, 50);
            feed({ type: 'sent', ids: out });
          }
        };
        const acknowledge = (ids: readonly string[]): void => {
          const done = new Set(ids);
          waiting = waiting.filter((id) => !done.has(id));
          feed({ type: 'acknowledged', ids });
        };
        feed({ type: 'up' });
        for (let round = 0; round < 2_000 && waiting.length > 0; round++) {
          const roll = dice.next().value ?? 0;
          if (roll === 0) feed({ type: 'timer' });
          else if (roll === 1) feed({ type: 'down' });
          else if (roll === 2) feed({ type: 'up' });
          else if (roll === 3) acknowledge(out.slice(0, 3));
          else if (sender.at === 'waiting') acknowledge(out);
        }
        // Whatever happened, a link that stays and a cloud that answers empty the outbox.
        feed({ type: 'up' });
        for (let round = 0; round < 100 && waiting.length > 0; round++) {
          if (sender.at === 'waiting') acknowledge(sender.ids);
          else feed({ type: 'up' });
        }
        expect(waiting).toEqual([]);
        expect(sender.at).not.toBe('waiting');
      }),
      { numRuns: 50 },
    );
  });

  it('waits longer each time, and begins again at the next batch', () => {
    const waiting: Sender = { at: 'waiting', ids: ['1'], failures: 3 };
    expect(stepSender(waiting, { type: 'timer' }, 0)).toEqual({
      sender: { at: 'waiting', ids: ['1'], failures: 4 },
      effects: [{ do: 'send' }],
    });
    expect(stepSender(waiting, { type: 'sent', ids: ['1'] }, 0).effects).toEqual([
      { do: 'arm', delayMs: ackDelayMs(3, 0) },
    ]);
    const done = stepSender(waiting, { type: 'acknowledged', ids: ['1'] }, 0);
    expect(done).toEqual({ sender: { at: 'idle' }, effects: [{ do: 'disarm' }, { do: 'send' }] });
  });
});

describe('a desired configuration', () => {
  const opened = (rev: number, issuedAt = rev, sha256 = `sha-${rev}`): OpenedDesired => ({
    rev,
    issuedAt,
    sha256,
    config: siteOf(),
  });
  const running = (rev: number): ConfigState => afterApply(NO_CONFIG, opened(rev), ok(undefined));
  const no = refuse({ code: 'office.unknownPort', fault: 'peer', say: 'Port 2 is not there.' } as const);

  it('is applied when it is newer', () => {
    expect(decideDesired(NO_CONFIG, ok(opened(1))).do).toBe('apply');
    expect(decideDesired(running(3), ok(opened(4))).do).toBe('apply');
  });

  it('is not applied twice', () => {
    const decision = decideDesired(running(3), ok(opened(3)));
    expect(decision).toMatchObject({ do: 'report', state: { refusal: null, desiredRev: 3 } });
    // Signed again without a change: the same digest, a later signature.
    expect(decideDesired(running(3), ok(opened(3, 99, 'sha-3'))).do).toBe('report');
  });

  it('of a lower revision is refused', () => {
    expect(decideDesired(running(3), ok(opened(2, 99)))).toMatchObject({
      do: 'report',
      state: { running: { rev: 3 }, desiredRev: 2, refusal: { code: 'config.older' } },
    });
  });

  it('of the same revision with other content counts when it was signed later', () => {
    expect(decideDesired(running(3), ok(opened(3, 2, 'other')))).toMatchObject({
      state: { refusal: { code: 'config.older' } },
    });
    expect(decideDesired(running(3), ok(opened(3, 4, 'other'))).do).toBe('apply');
  });

  it('of a new enrolment counts whatever its revision', () => {
    const state: ConfigState = { ...running(90), foreignKey: true };
    expect(decideDesired(state, ok(opened(1))).do).toBe('apply');
  });

  it('that was refused is not tried again until there is another one', () => {
    const refused = afterApply(running(3), opened(4), no);
    expect(refused).toMatchObject({ running: { rev: 3 }, desiredRev: 4 });
    expect(decideDesired(refused, ok(opened(4)))).toEqual({ do: 'report', state: refused });
    expect(decideDesired(refused, ok(opened(5))).do).toBe('apply');
    expect(decideDesired(refused, ok(opened(4, 50, 'repaired'))).do).toBe('apply');
  });

  it('that is unreadable leaves what runs alone', () => {
    const refusal = { code: 'config.notJson', fault: 'peer', say: 'x' } as const;
    expect(decideDesired(running(3), refuse(refusal))).toMatchObject({
      do: 'report',
      state: { running: { rev: 3 }, desiredRev: 3, refusal },
    });
  });

  it('is always reported in the words of the contract', () => {
    const long = { code: 'c'.repeat(99), fault: 'peer', say: 's'.repeat(999) } as const;
    for (const state of [NO_CONFIG, running(3), afterApply(running(3), opened(4), refuse(long))]) {
      expect(reportedConfig.safeParse(toReport(state, instant(1))).success).toBe(true);
    }
    expect(toReport(afterApply(running(3), opened(4), no), instant(1))).toEqual({
      v: 1,
      appliedRev: 3,
      desiredRev: 4,
      state: 'rejected',
      refusal: { code: 'office.unknownPort', fault: 'peer', say: 'Port 2 is not there.' },
      at: 1,
    });
  });
});

describe('an acknowledgement', () => {
  it('is read, and anything else is not, without throwing', () => {
    expect(parseAck(Buffer.from('{"v":1,"ids":["a","b"]}'))).toEqual(['a', 'b']);
    expect(parseAck(Buffer.from('{"v":1,"ids":["a"],"x":1}'))).toBeUndefined();
    expect(parseAck(Buffer.alloc(ACK_LIMIT_BYTES + 1, 0x20))).toBeUndefined();
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(Buffer.from)), (bytes) => {
        const ids = parseAck(bytes);
        expect(ids === undefined || Array.isArray(ids)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the outbox on the health list', () => {
  it('is told when it grows, when it is full, and when that is over', () => {
    const health = createHealth(new VirtualClock());
    const codes = (size: number, oldestMs: number, noRoom?: string): readonly string[] => {
      watchOutbox({ size, oldestMs, noRoom }, health);
      return health.list().map((warning) => warning.code);
    };
    expect(codes(3, 1_000)).toEqual([]);
    expect(codes(3, 16 * 60_000)).toEqual(['W-OUT-601']);
    expect(codes(50_000, 16 * 60_000, '50000 call records wait')).toEqual(['W-OUT-602', 'W-OUT-601']);
    expect(codes(0, 0)).toEqual([]);
  });
});
