import type { SessionEvent } from '../api.ts';

/** Events kept for a listener that comes later. */
const KEPT = 16;

/** What happened to one call, told in order; nothing after the event that ended it. */
export class SessionEvents {
  #listener: ((event: SessionEvent) => void) | undefined;
  #kept: SessionEvent[] = [];
  #over = false;

  listen(listener: (event: SessionEvent) => void): void {
    this.#listener = listener;
    const kept = this.#kept;
    this.#kept = [];
    for (const event of kept) listener(event);
  }

  emit(event: SessionEvent): void {
    if (this.#over) return;
    this.#over = event.type === 'failed' || event.type === 'cancelled' || event.type === 'ended';
    const listener = this.#listener;
    // The call is kept a while for what still comes of it; whoever listened need not be.
    if (this.#over) this.#listener = undefined;
    if (listener !== undefined) listener(event);
    else if (this.#kept.length < KEPT || this.#over) this.#kept.push(event);
  }

  /** The user ended the call itself: nothing more is told. */
  close(): void {
    this.#over = true;
    this.#listener = undefined;
    this.#kept = [];
  }
}
