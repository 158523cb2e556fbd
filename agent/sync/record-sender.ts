import { ackDelayMs } from './backoff.ts';

/**
 * Sends the outbox, one batch in flight. The broker's PUBACK is not looked at: only the cloud's own acknowledgement,
 * sent after its commit, ends a batch (decision 9).
 */
export type Sender =
  | { readonly at: 'offline' }
  /** Connected, nothing waits. */
  | { readonly at: 'idle' }
  /** A batch is out; `ids` are those not yet acknowledged, `failures` how often it had to be sent again. */
  | { readonly at: 'waiting'; readonly ids: readonly string[]; readonly failures: number };

export type SenderInput =
  | { readonly type: 'up' }
  | { readonly type: 'down' }
  /** A record was put into the outbox. */
  | { readonly type: 'added' }
  /** The shell has carried out `send`: these ids went out, none when the outbox was empty. */
  | { readonly type: 'sent'; readonly ids: readonly string[] }
  | { readonly type: 'acknowledged'; readonly ids: readonly string[] }
  | { readonly type: 'timer' };

export type SenderEffect =
  /** Take the oldest records, publish them, and come back with `sent`. */
  { readonly do: 'send' } | { readonly do: 'arm'; readonly delayMs: number } | { readonly do: 'disarm' };

type Step = { readonly sender: Sender; readonly effects: readonly SenderEffect[] };

/** Pure; `fraction` is a fresh random number in [0, 1). */
export function stepSender(sender: Sender, input: SenderInput, fraction: number): Step {
  if (input.type === 'down') return { sender: { at: 'offline' }, effects: [{ do: 'disarm' }] };
  switch (sender.at) {
    case 'offline':
      return input.type === 'up' ? { sender: { at: 'idle' }, effects: [{ do: 'send' }] } : same(sender);
    case 'idle':
      if (input.type === 'added') return { sender, effects: [{ do: 'send' }] };
      return input.type === 'sent' ? sent(input.ids, 0, fraction) : same(sender);
    case 'waiting':
      return whileWaiting(sender, input, fraction);
  }
}

function whileWaiting(
  sender: Extract<Sender, { at: 'waiting' }>,
  input: Exclude<SenderInput, { type: 'down' }>,
  fraction: number,
): Step {
  switch (input.type) {
    case 'acknowledged':
      return acknowledged(sender, input.ids);
    case 'timer':
      return { sender: { ...sender, failures: sender.failures + 1 }, effects: [{ do: 'send' }] };
    case 'sent':
      return sent(input.ids, sender.failures, fraction);
    case 'up':
    case 'added':
      return same(sender);
  }
}

function same(sender: Sender): Step {
  return { sender, effects: [] };
}

function sent(ids: readonly string[], failures: number, fraction: number): Step {
  if (ids.length === 0) return { sender: { at: 'idle' }, effects: [{ do: 'disarm' }] };
  return {
    sender: { at: 'waiting', ids, failures },
    effects: [{ do: 'arm', delayMs: ackDelayMs(failures, fraction) }],
  };
}

function acknowledged(sender: Extract<Sender, { at: 'waiting' }>, ids: readonly string[]): Step {
  const done = new Set(ids);
  const left = sender.ids.filter((id) => !done.has(id));
  if (left.length > 0) return same({ ...sender, ids: left });
  return { sender: { at: 'idle' }, effects: [{ do: 'disarm' }, { do: 'send' }] };
}
