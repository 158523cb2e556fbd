import type { Health } from '../ports.ts';

/** Remembers what went wrong before the health registry was there, then passes everything on to it. */
export class TroubleReport implements Health {
  readonly #raised = new Map<string, string>();
  #health: Health | undefined;

  raise(code: string, say: string): void {
    this.#raised.set(code, say);
    this.#health?.raise(code, say);
  }

  clear(code: string): void {
    if (this.#raised.delete(code)) this.#health?.clear(code);
  }

  forwardTo(health: Health): void {
    this.#health = health;
    for (const [code, say] of this.#raised) health.raise(code, say);
  }
}
