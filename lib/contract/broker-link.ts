/**
 * First cap of the wait before a connection is tried again: a thousand boxes that lost one broker come back at no more than
 * what one core has time for, some 400 TLS handshakes a second.
 */
const RECONNECT_FIRST_MS = 3_000;
/** Last cap. */
const RECONNECT_MOST_MS = 60_000;
/** A connection that held this long was good: the next wait begins at the first cap again. */
const STABLE_AFTER_MS = 60_000;
/** Shortest wait of all, so that a lucky draw is not a busy loop. */
const RECONNECT_LEAST_MS = 100;

/** An echo that is not back by now does not come: what is subscribed is dead, though the connection stands. */
const ECHO_LIMIT_MS = 10_000;
/** The next echo is due after this long, or up to half as long again. Also what a NAT needs to keep a connection. */
const ECHO_LEAST_MS = 20_000;
const ECHO_SPREAD_MS = 10_000;

/**
 * One end's connection to the broker, a gateway's or the cloud's. `failures` counts attempts since the last good connection. A connection is good when our
 * own echo has come back by the one subscription that everything else comes by: a SUBACK proves nothing, neither that we
 * may read, nor, on a cluster of brokers, that the node lives on which our subscription does.
 */
export type Link =
  | { readonly at: 'stopped' }
  | { readonly at: 'connecting'; readonly failures: number }
  /** Subscribed, the first echo is out. */
  | { readonly at: 'proving'; readonly failures: number }
  /** `echo`: out, or back and not due again yet. */
  | {
      readonly at: 'connected';
      readonly failures: number;
      readonly sinceMs: number;
      readonly echo: 'out' | 'back';
    }
  | { readonly at: 'waiting'; readonly failures: number };

export type LinkInput =
  | { readonly type: 'start' }
  /** The broker took us and our subscriptions. */
  | { readonly type: 'up' }
  /** The last echo came back. */
  | { readonly type: 'echoed' }
  /** The connection ended, or never came about. */
  | { readonly type: 'down' }
  | { readonly type: 'timer' }
  | { readonly type: 'echoTimer' }
  | { readonly type: 'stop' };

export type LinkEffect =
  | { readonly do: 'open' }
  | { readonly do: 'close' }
  | { readonly do: 'arm'; readonly delayMs: number }
  | { readonly do: 'disarm' }
  /** Send a fresh one. */
  | { readonly do: 'echo' }
  | { readonly do: 'armEcho'; readonly delayMs: number }
  | { readonly do: 'disarmEcho' }
  /** The connection stands, and nothing comes by it. */
  | { readonly do: 'silent' };

interface Step {
  readonly link: Link;
  readonly effects: readonly LinkEffect[];
}

const ECHO: readonly LinkEffect[] = [{ do: 'echo' }, { do: 'armEcho', delayMs: ECHO_LIMIT_MS }];

/** Pure: `nowMs` is monotonic, `fraction` a fresh random number in [0, 1). */
export function stepLink(link: Link, input: LinkInput, nowMs: number, fraction: number): Step {
  if (input.type === 'stop') {
    const effects = [{ do: 'disarm' }, { do: 'disarmEcho' }, { do: 'close' }] as const;
    return { link: { at: 'stopped' }, effects };
  }
  switch (link.at) {
    case 'stopped':
      return input.type === 'start' ? open(0) : same(link);
    case 'connecting':
      if (input.type === 'up') return { link: { at: 'proving', failures: link.failures }, effects: ECHO };
      return input.type === 'down' ? wait(link.failures, fraction) : same(link);
    case 'proving':
      if (input.type === 'echoed') return heard(link.failures, nowMs, fraction);
      if (input.type === 'echoTimer') return silent(link.failures, fraction);
      return input.type === 'down' ? wait(link.failures, fraction) : same(link);
    case 'connected': {
      const failures = nowMs - link.sinceMs >= STABLE_AFTER_MS ? 0 : link.failures;
      if (input.type === 'down') return wait(failures, fraction);
      if (input.type === 'echoed') return heard(link.failures, link.sinceMs, fraction);
      if (input.type !== 'echoTimer') return same(link);
      return link.echo === 'out'
        ? silent(failures, fraction)
        : { link: { ...link, echo: 'out' }, effects: ECHO };
    }
    case 'waiting':
      return input.type === 'timer' ? open(link.failures) : same(link);
  }
}

function same(link: Link): Step {
  return { link, effects: [] };
}

function open(failures: number): Step {
  return { link: { at: 'connecting', failures }, effects: [{ do: 'open' }] };
}

function heard(failures: number, sinceMs: number, fraction: number): Step {
  const link: Link = { at: 'connected', failures, sinceMs, echo: 'back' };
  return { link, effects: [{ do: 'armEcho', delayMs: echoDelayMs(fraction) }] };
}

function silent(failures: number, fraction: number): Step {
  const { link, effects } = wait(failures, fraction);
  return { link, effects: [{ do: 'silent' }, ...effects] };
}

function wait(failures: number, fraction: number): Step {
  return {
    link: { at: 'waiting', failures: failures + 1 },
    effects: [
      { do: 'disarmEcho' },
      { do: 'close' },
      { do: 'arm', delayMs: reconnectDelayMs(failures, fraction) },
    ],
  };
}

/**
 * Full jitter: anything between nothing and a cap that doubles with each failure, so that a thousand boxes that lost
 * one broker do not come back in one second. `failures` counts from 0, `fraction` is uniform in [0, 1).
 */
export function reconnectDelayMs(failures: number, fraction: number): number {
  const cap = Math.min(RECONNECT_MOST_MS, RECONNECT_FIRST_MS * 2 ** Math.min(failures, 16));
  return Math.max(RECONNECT_LEAST_MS, Math.floor(cap * fraction));
}

/** When the next echo is due: spread, so that a thousand boxes do not echo in one second. */
function echoDelayMs(fraction: number): number {
  return Math.floor(ECHO_LEAST_MS + ECHO_SPREAD_MS * fraction);
}
