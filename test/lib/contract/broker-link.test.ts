import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Timer } from '../../../lib/base/clock.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { type Link, type LinkInput, REACH_LIMIT_MS, stepLink } from '../../../lib/contract/broker-link.ts';

/** The nodes that are left serve again by then: they have elected their leaders. */
const SERVE_AGAIN_MS = 20_000;
/** From then on a node that lives grants within this, and brings an echo back within the other. */
const GRANT_MS = 3_000;
const ECHO_MS = 1_000;
const BACK_LIMIT_MS = 60_000;
/** Long after the connection has proved itself. */
const KILLED_AT_MS = 60_000;
const NODES = 3;

/** What a try meets before the nodes serve again. */
type Fate =
  | { readonly it: 'fails'; readonly afterMs: number }
  | { readonly it: 'hangs' }
  | { readonly it: 'isDeaf' }
  | { readonly it: 'isCut'; readonly afterMs: number }
  | { readonly it: 'works' };

interface Kill {
  /** Told by the connection that ends, or by nothing at all. */
  readonly noticed: boolean;
  /** The dead node refuses, or its whole machine is gone and nothing answers. */
  readonly refuses: boolean;
  readonly firstNode: number;
  /** When after that: anywhere between two echoes. */
  readonly laterMs: number;
  readonly fates: readonly Fate[];
  readonly fractions: readonly number[];
}

/** When the box's echo comes back for good after the kill of the first node. */
function backAfter(kill: Kill): number {
  const clock = new VirtualClock();
  const [fates, fractions] = [[...kill.fates], [...kill.fractions]];
  const timers = new Map<string, Timer>();
  const killedAt = KILLED_AT_MS + kill.laterMs;
  let link: Link = { at: 'stopped' };
  let node = kill.firstNode;
  let connection = 0;
  let deaf = false;
  let provedAt = 0;
  const arm = (name: string, delayMs: number, run: () => void): void => {
    timers.get(name)?.cancel();
    timers.set(name, clock.after(delayMs, name, run));
  };
  const open = (): void => {
    const mine = ++connection;
    const at = clock.monotonicMs() - killedAt;
    const dead = at >= 0 && node++ % NODES === 0;
    const serves = at < 0 || at >= SERVE_AGAIN_MS;
    const fate: Fate = dead || serves ? { it: 'works' } : (fates.shift() ?? { it: 'hangs' });
    deaf = fate.it === 'isDeaf';
    const answers: (readonly [delayMs: number, LinkInput])[] = [];
    if (dead) answers.push([kill.refuses ? 1 : REACH_LIMIT_MS, { type: 'nobody', nodes: NODES }]);
    else if (fate.it === 'fails') answers.push([fate.afterMs, { type: 'down' }]);
    else if (fate.it !== 'hangs') answers.push([GRANT_MS, { type: 'up' }]);
    if (fate.it === 'isCut') answers.push([Math.min(fate.afterMs, SERVE_AGAIN_MS - at), { type: 'down' }]);
    for (const [delayMs, input] of answers) {
      clock.after(delayMs, 'broker', () => {
        if (mine === connection) feed(input);
      });
    }
  };
  const feed = (input: LinkInput): void => {
    const was: Link['at'] = link.at;
    const stepped = stepLink(link, input, clock.monotonicMs(), fractions.shift() ?? 0.999_999);
    link = stepped.link;
    for (const effect of stepped.effects) {
      if (effect.do === 'open') open();
      else if (effect.do === 'close') connection++;
      else if (effect.do === 'arm') arm('link', effect.delayMs, () => feed({ type: 'timer' }));
      else if (effect.do === 'disarm') timers.get('link')?.cancel();
      else if (effect.do === 'armEcho') arm('echo', effect.delayMs, () => feed({ type: 'echoTimer' }));
      else if (effect.do === 'disarmEcho') timers.get('echo')?.cancel();
      else if (effect.do === 'echo' && !deaf) {
        const mine = connection;
        clock.after(ECHO_MS, 'echo', () => {
          if (mine === connection && !deaf) feed({ type: 'echoed' });
        });
      }
    }
    if (was === 'proving' && link.at === 'connected') provedAt = clock.monotonicMs();
  };
  feed({ type: 'start' });
  clock.advance(killedAt);
  expect(link.at).toBe('connected');
  if (kill.noticed) feed({ type: 'down' });
  else deaf = true;
  clock.advance(SERVE_AGAIN_MS);
  const good = (): boolean => link.at === 'connected' && provedAt > killedAt;
  while (!good() && clock.monotonicMs() - killedAt < 2 * BACK_LIMIT_MS) clock.advance(250);
  return clock.monotonicMs() - killedAt;
}

const upTo = (max: number) => fc.integer({ min: 0, max });
const fate = fc.oneof<fc.Arbitrary<Fate>[]>(
  fc.record({ it: fc.constant('fails' as const), afterMs: upTo(10_999) }),
  fc.constant({ it: 'hangs' as const }),
  fc.constant({ it: 'isDeaf' as const }),
  fc.record({ it: fc.constant('isCut' as const), afterMs: upTo(20_000) }),
);
const kills: fc.Arbitrary<Kill> = fc.record({
  noticed: fc.boolean(),
  refuses: fc.boolean(),
  firstNode: upTo(NODES - 1),
  laterMs: upTo(33_000),
  fates: fc.array(fate, { maxLength: 30 }),
  // Also the least and the longest of waits.
  fractions: fc.array(
    fc.oneof(fc.constant(0), fc.constant(0.999_999), fc.double({ min: 0, max: 0.999_999, noNaN: true })),
    {
      maxLength: 400,
    },
  ),
});

it('who loses a node of a cluster is back within 60 s, whatever the others answer in the first 20 s', () => {
  fc.assert(
    fc.property(kills, (kill) => {
      expect(backAfter(kill)).toBeLessThanOrEqual(BACK_LIMIT_MS);
    }),
    { numRuns: 500 },
  );
});

it('a subscription that is never granted is not waited for: the connection is given up after 11 s', () => {
  const link: Link = { at: 'connecting', troubleMs: 0, asked: 1 };
  expect(stepLink({ at: 'stopped' }, { type: 'start' }, 0, 0).effects).toContainEqual({
    do: 'arm',
    delayMs: 11_000,
  });
  expect(stepLink(link, { type: 'timer' }, 11_000, 0.5).link.at).toBe('waiting');
});

it('where nobody listens the next node is asked at once, and each only once before a wait', () => {
  let link: Link = stepLink({ at: 'stopped' }, { type: 'start' }, 0, 0).link;
  for (let node = 1; node < NODES; node++) {
    const { effects, link: next } = stepLink(link, { type: 'nobody', nodes: NODES }, 0, 0.5);
    expect(effects).toEqual([{ do: 'close' }, { do: 'open' }]);
    link = next;
  }
  expect(stepLink(link, { type: 'nobody', nodes: NODES }, 0, 0.5).link.at).toBe('waiting');
});

it('a pause ends when there is reason to, and nothing else does', () => {
  const waiting: Link = { at: 'waiting', troubleMs: 5 };
  const hurried = stepLink(waiting, { type: 'hurry' }, 60_000, 0.5);
  expect(hurried.link).toEqual({ at: 'connecting', troubleMs: 5, asked: 1 });
  expect(hurried.effects).toContainEqual({ do: 'open' });
  const others: readonly Link[] = [
    { at: 'stopped' },
    { at: 'connecting', troubleMs: 5, asked: 1 },
    { at: 'proving', troubleMs: 5 },
    { at: 'connected', troubleMs: 5, sinceMs: 9, echo: 'out' },
  ];
  for (const link of others) {
    expect(stepLink(link, { type: 'hurry' }, 60_000, 0.5)).toEqual({ link, effects: [] });
  }
});
