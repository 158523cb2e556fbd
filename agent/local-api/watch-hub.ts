import type { Clock, Timer } from '../../lib/base/clock.ts';
import { jsonLine } from '../../lib/base/json-lines.ts';
import type { LocalApiSource, WatchLine } from './source.ts';

/** Most streams at once. */
export const WATCHER_LIMIT = 8;
/** Changes closer together than this make one line: a hook and its dial tone are one event for a person. */
const GATHER_MS = 50;
/** A line at least this often, so that a reader knows that the agent lives. */
const PULSE_MS = 10_000;

interface Watcher {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  skipped: number;
}

/** The streams of `GET /v1/watch`. A slow reader gets fewer lines, never a queue: each line is the whole status. */
export class WatchHub {
  readonly #source: LocalApiSource;
  readonly #clock: Clock;
  readonly #watchers = new Set<Watcher>();
  #gather: Timer | undefined;
  #pulse: Timer | undefined;

  constructor(source: LocalApiSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
    source.onChange(() => this.#changed());
  }

  /** A stream that begins with the status of now, or undefined when there are too many. */
  open(): ReadableStream<Uint8Array> | undefined {
    if (this.#watchers.size >= WATCHER_LIMIT) return undefined;
    let watcher: Watcher | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          watcher = { controller, skipped: 0 };
          this.#watchers.add(watcher);
          this.#send(watcher);
          this.#armPulse();
        },
        cancel: () => {
          if (watcher !== undefined) this.#watchers.delete(watcher);
        },
      },
      { highWaterMark: 4 },
    );
  }

  close(): void {
    this.#gather?.cancel();
    this.#pulse?.cancel();
    for (const watcher of this.#watchers) watcher.controller.close();
    this.#watchers.clear();
  }

  #changed(): void {
    if (this.#gather !== undefined || this.#watchers.size === 0) return;
    this.#gather = this.#clock.after(GATHER_MS, 'api.gather', () => {
      this.#gather = undefined;
      this.#sendAll();
    });
  }

  #armPulse(): void {
    if (this.#pulse !== undefined) return;
    this.#pulse = this.#clock.after(PULSE_MS, 'api.pulse', () => {
      this.#pulse = undefined;
      this.#sendAll();
      if (this.#watchers.size > 0) this.#armPulse();
    });
  }

  #sendAll(): void {
    for (const watcher of this.#watchers) this.#send(watcher);
  }

  #send(watcher: Watcher): void {
    const { controller } = watcher;
    if ((controller.desiredSize ?? 0) <= 0) {
      watcher.skipped++;
      return;
    }
    const line: WatchLine = {
      v: 1,
      at: this.#clock.now(),
      status: this.#source.status(),
      calls: this.#source.calls(),
      skipped: watcher.skipped,
    };
    watcher.skipped = 0;
    controller.enqueue(Buffer.from(jsonLine(line)));
  }
}
