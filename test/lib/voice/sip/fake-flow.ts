import type { Flow } from '../../../../lib/voice/sip/transport/flow.ts';

/** A flow that keeps what is sent, and can be made to fail. */
export class FakeFlow implements Flow {
  readonly remote;
  readonly outgoing = false;
  readonly sentBy = '127.51.9.1:5060';
  readonly sent: string[] = [];
  open = true;
  failing = false;
  readonly reliable: boolean;
  readonly #listeners = new Set<() => void>();

  constructor(reliable: boolean) {
    this.reliable = reliable;
    this.remote = { transport: this.transport, host: '127.51.9.2', port: 5060 } as const;
  }

  get transport(): 'udp' | 'tls' {
    return this.reliable ? 'tls' : 'udp';
  }

  /** How many listeners wait for the end of the flow: a leak check. */
  get watchers(): number {
    return this.#listeners.size;
  }

  send(bytes: Buffer, failed: (say: string) => void): void {
    if (this.failing) failed('unreachable');
    else this.sent.push(bytes.toString('utf8'));
  }

  onClose(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  die(): void {
    this.open = false;
    for (const listener of [...this.#listeners]) listener();
  }
}
