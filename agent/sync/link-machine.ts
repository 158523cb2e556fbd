import { reconnectDelayMs, STABLE_AFTER_MS } from './backoff.ts';

/** The connection to the broker. `failures` counts attempts since the last good connection. */
export type Link =
  | { readonly at: 'stopped' }
  | { readonly at: 'connecting'; readonly failures: number }
  | { readonly at: 'connected'; readonly failures: number; readonly sinceMs: number }
  | { readonly at: 'waiting'; readonly failures: number };

export type LinkInput =
  | { readonly type: 'start' }
  /** The broker took us and our subscriptions. */
  | { readonly type: 'up' }
  /** The connection ended, or never came about. */
  | { readonly type: 'down' }
  | { readonly type: 'timer' }
  | { readonly type: 'stop' };

export type LinkEffect =
  | { readonly do: 'open' }
  | { readonly do: 'close' }
  | { readonly do: 'arm'; readonly delayMs: number }
  | { readonly do: 'disarm' };

/** Pure: `nowMs` is monotonic, `fraction` a fresh random number in [0, 1). */
export function stepLink(
  link: Link,
  input: LinkInput,
  nowMs: number,
  fraction: number,
): { readonly link: Link; readonly effects: readonly LinkEffect[] } {
  if (input.type === 'stop') {
    return { link: { at: 'stopped' }, effects: [{ do: 'disarm' }, { do: 'close' }] };
  }
  switch (link.at) {
    case 'stopped':
      return input.type === 'start'
        ? { link: { at: 'connecting', failures: 0 }, effects: [{ do: 'open' }] }
        : same(link);
    case 'connecting':
      if (input.type === 'up') {
        return { link: { at: 'connected', failures: link.failures, sinceMs: nowMs }, effects: [] };
      }
      return input.type === 'down' ? wait(link.failures, fraction) : same(link);
    case 'connected': {
      if (input.type !== 'down') return same(link);
      const stable = nowMs - link.sinceMs >= STABLE_AFTER_MS;
      return wait(stable ? 0 : link.failures, fraction);
    }
    case 'waiting':
      return input.type === 'timer'
        ? { link: { at: 'connecting', failures: link.failures }, effects: [{ do: 'open' }] }
        : same(link);
  }
}

function same(link: Link): { link: Link; effects: readonly LinkEffect[] } {
  return { link, effects: [] };
}

function wait(failures: number, fraction: number): { link: Link; effects: readonly LinkEffect[] } {
  return {
    link: { at: 'waiting', failures: failures + 1 },
    effects: [{ do: 'close' }, { do: 'arm', delayMs: reconnectDelayMs(failures, fraction) }],
  };
}
