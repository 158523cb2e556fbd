/**
 * First cap of the wait before a connection is tried again: a thousand boxes that lost one broker come back at no more than
 * what one core has time for, some 400 TLS handshakes a second.
 */
const RECONNECT_FIRST_MS = 4_000;
/** The cap grows by this part of the time that the trouble has lasted: who has just lost a node is soon back, whatever it has tried. */
const RECONNECT_GROWS = 1 / 6;
/** Last cap. */
const RECONNECT_MOST_MS = 60_000;
/** A connection that held this long was good: what comes after it is a new trouble. */
const STABLE_AFTER_MS = 15_000;
/** Shortest wait of all, so that a lucky draw is not a busy loop. */
const RECONNECT_LEAST_MS = 100;
/** From the first byte to the granted subscription; longer than a broker that is still electing its leaders is not waited for. */
const CONNECT_LIMIT_MS = 11_000;
/** Of that, until anybody listens: afterwards another node is asked at once, within the same limit. */
export const REACH_LIMIT_MS = 4_000;

/** An echo that is not back by now does not come: what is subscribed is dead, though the connection stands. */
const ECHO_LIMIT_MS = 9_000;
/** The next echo is due after this long, or up to half as long again. Also what a NAT needs to keep a connection. */
const ECHO_LEAST_MS = 16_000;
const ECHO_SPREAD_MS = 8_000;

/**
 * One end's connection to the broker, a gateway's or the cloud's. `troubleMs` is when the last good connection was lost. A
 * connection is good when our own echo has come back by the one subscription that everything else comes by: a SUBACK proves
 * nothing, neither that we may read, nor, on a cluster of brokers, that the node lives on which our subscription does.
 */
export type Link =
  | { readonly at: 'stopped' }
  /** `asked`: nodes that were tried since the last wait. */
  | { readonly at: 'connecting'; readonly troubleMs: number; readonly asked: number }
  /** Subscribed, the first echo is out. */
  | { readonly at: 'proving'; readonly troubleMs: number }
  /** `echo`: out, or back and not due again yet. */
  | {
      readonly at: 'connected';
      readonly troubleMs: number;
      readonly sinceMs: number;
      readonly echo: 'out' | 'back';
    }
  | { readonly at: 'waiting'; readonly troubleMs: number };

export type LinkInput =
  | { readonly type: 'start' }
  /** The broker took us and our subscriptions. */
  | { readonly type: 'up' }
  /** The last echo came back. */
  | { readonly type: 'echoed' }
  /** The connection ended, or never came about. */
  | { readonly type: 'down' }
  /** Nobody listens at that node, of so many that there are. */
  | { readonly type: 'nobody'; readonly nodes: number }
  | { readonly type: 'timer' }
  | { readonly type: 'echoTimer' }
  /** There is reason to believe that a broker is to be reached again. */
  | { readonly type: 'hurry' }
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
      return input.type === 'start' ? open(nowMs) : same(link);
    case 'connecting':
      return connecting(link, input, nowMs, fraction);
    case 'proving':
      if (input.type === 'echoed') return heard(link.troubleMs, nowMs, fraction);
      if (input.type === 'echoTimer') return silent(link.troubleMs, nowMs, fraction);
      return isDown(input) ? wait(link.troubleMs, nowMs, fraction) : same(link);
    case 'connected': {
      const troubleMs = nowMs - link.sinceMs >= STABLE_AFTER_MS ? nowMs : link.troubleMs;
      if (isDown(input)) return wait(troubleMs, nowMs, fraction);
      if (input.type === 'echoed') return heard(link.troubleMs, link.sinceMs, fraction);
      if (input.type !== 'echoTimer') return same(link);
      return link.echo === 'out'
        ? silent(troubleMs, nowMs, fraction)
        : { link: { ...link, echo: 'out' }, effects: ECHO };
    }
    case 'waiting':
      return input.type === 'timer' || input.type === 'hurry' ? open(link.troubleMs) : same(link);
  }
}

function connecting(
  link: Extract<Link, { readonly at: 'connecting' }>,
  input: LinkInput,
  nowMs: number,
  fraction: number,
): Step {
  const { asked, troubleMs } = link;
  if (input.type === 'up')
    return { link: { at: 'proving', troubleMs }, effects: [{ do: 'disarm' }, ...ECHO] };
  if (input.type === 'nobody' && asked < input.nodes) {
    // The limit runs on: one node that is gone costs no wait, all of them do.
    return { link: { ...link, asked: asked + 1 }, effects: [{ do: 'close' }, { do: 'open' }] };
  }
  return isDown(input) || input.type === 'timer' ? wait(troubleMs, nowMs, fraction) : same(link);
}

function isDown({ type }: LinkInput): boolean {
  return type === 'down' || type === 'nobody';
}

function same(link: Link): Step {
  return { link, effects: [] };
}

function open(troubleMs: number): Step {
  return {
    link: { at: 'connecting', troubleMs, asked: 1 },
    effects: [{ do: 'open' }, { do: 'arm', delayMs: CONNECT_LIMIT_MS }],
  };
}

function heard(troubleMs: number, sinceMs: number, fraction: number): Step {
  const link: Link = { at: 'connected', troubleMs, sinceMs, echo: 'back' };
  return { link, effects: [{ do: 'armEcho', delayMs: echoDelayMs(fraction) }] };
}

function silent(troubleMs: number, nowMs: number, fraction: number): Step {
  const { link, effects } = wait(troubleMs, nowMs, fraction);
  return { link, effects: [{ do: 'silent' }, ...effects] };
}

function wait(troubleMs: number, nowMs: number, fraction: number): Step {
  return {
    link: { at: 'waiting', troubleMs },
    effects: [
      { do: 'disarmEcho' },
      { do: 'close' },
      { do: 'arm', delayMs: reconnectDelayMs(nowMs - troubleMs, fraction) },
    ],
  };
}

/**
 * Full jitter: anything between nothing and a cap, so that a thousand boxes that lost one broker do not come back in one
 * second. The cap grows with the time that the trouble has lasted, not with the number of tries: a broker that answers wrong
 * at once for a few seconds is not a reason to stay away for a minute. `fraction` is uniform in [0, 1).
 */
export function reconnectDelayMs(troubleForMs: number, fraction: number): number {
  const cap = Math.min(RECONNECT_MOST_MS, RECONNECT_FIRST_MS + troubleForMs * RECONNECT_GROWS);
  return Math.max(RECONNECT_LEAST_MS, Math.floor(cap * fraction));
}

/** When the next echo is due: spread, so that a thousand boxes do not echo in one second. */
function echoDelayMs(fraction: number): number {
  return Math.floor(ECHO_LEAST_MS + ECHO_SPREAD_MS * fraction);
}
