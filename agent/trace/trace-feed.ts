import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result } from '../../lib/base/errors.ts';
import { jsonLine } from '../../lib/base/json-lines.ts';
import type { TraceEnd } from './budget.ts';
import type { TraceRoom, TraceRun, TraceWish } from './trace-room.ts';
import type { Place, Traced, TraceKind, TraceLosses, Whose } from './traced.ts';

/** One message in the stream of `GET /v1/trace`. */
export interface TraceMessage {
  readonly v: 1;
  readonly at: number;
  readonly kind: TraceKind;
  readonly direction: 'in' | 'out';
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly local: Place;
  readonly remote: Place;
  readonly carries?: 'rtp' | 'rtcp' | 'udptl';
  readonly decrypted?: true;
  readonly whose: Whose;
  /** The message, base64. */
  readonly data: string;
}

/** Once a second, and at the end: how much came, and what is missing. */
export interface TracePulse {
  readonly v: 1;
  readonly at: number;
  readonly seen: number;
  readonly lost: TraceLosses;
  readonly end?: TraceEnd;
}

const PULSE_MS = 1_000;
/** What may wait for a slow reader. */
const WAITING_LINES = 2_000;

/** A trace as lines of JSON for one reader: a slow one misses messages, and is told how many. */
export function traceStream(
  room: TraceRoom,
  wish: TraceWish,
  clock: Clock,
): Result<ReadableStream<Uint8Array>, CodedError> {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let run: TraceRun | undefined;
  let timer: Timer | undefined;
  const pulse = (end?: TraceEnd): void => {
    const { seen, lost } = run ?? { seen: 0, lost: { rate: 0, slow: 0, media: 0 } };
    const line: TracePulse = { v: 1, at: clock.now(), seen, lost, ...(end === undefined ? {} : { end }) };
    controller?.enqueue(Buffer.from(jsonLine(line)));
  };
  const stop = (): void => {
    timer?.cancel();
    run?.stop();
    limit?.cancel();
    controller = undefined;
  };
  const over = (end: TraceEnd): void => {
    const open = controller;
    if (open === undefined) return;
    pulse(end);
    stop();
    open.close();
  };
  const beat = (): Timer =>
    clock.after(PULSE_MS, 'trace pulse', () => {
      if ((controller?.desiredSize ?? 0) > 0) pulse();
      timer = beat();
    });
  const begun = room.watch(wish, {
    take(traced) {
      if (controller === undefined || (controller.desiredSize ?? 0) <= 0) return false;
      controller.enqueue(Buffer.from(jsonLine(messageOf(traced))));
      return true;
    },
    ended: over,
  });
  if (!begun.ok) return begun;
  run = begun.value;
  // On a quiet wire nothing else would notice that the time is over.
  const limit: Timer | undefined = clock.after(wish.limits.seconds * 1_000, 'trace end', () => over('time'));
  timer = beat();
  const stream = new ReadableStream<Uint8Array>(
    {
      start(made) {
        controller = made;
        pulse();
      },
      cancel: stop,
    },
    { highWaterMark: WAITING_LINES },
  );
  return ok(stream);
}

function messageOf(traced: Traced): TraceMessage {
  const { atMs, kind, direction, transport, local, remote, carries, decrypted, whose, bytes } = traced;
  return {
    ...{ v: 1, at: Math.round(atMs * 1_000) / 1_000, kind, direction, transport, local, remote },
    ...(carries === undefined ? {} : { carries }),
    ...(decrypted === undefined ? {} : { decrypted }),
    ...{ whose, data: bytes.toString('base64') },
  };
}

/** A line of the stream as a message again; undefined for a pulse. */
export function tracedOf(line: TraceMessage | TracePulse): Traced | undefined {
  if (!('data' in line)) return undefined;
  const { at, kind, direction, transport, local, remote, carries, decrypted, whose, data } = line;
  return {
    ...{ atMs: at, kind, direction, transport, local, remote, whose },
    ...(carries === undefined ? {} : { carries }),
    ...(decrypted === undefined ? {} : { decrypted }),
    bytes: Buffer.from(data, 'base64'),
  };
}
