import type { BoardIdentity } from '../../hal/board.ts';
import type { MediaClient, MediaEvent, MediaSnapshot } from '../media/index.ts';
import type { LineStatus } from '../status.ts';

/** What the lines are seen by and reached with. */
export interface LoneLinesOptions {
  readonly media: Pick<MediaClient, 'request'>;
  readonly board: () => BoardIdentity | null;
  /** The office has a configuration: from then on it looks after the lines. */
  readonly configured: () => boolean;
  /** Why the lines have no office, for whoever looks at them. */
  readonly because: string;
}

/**
 * The analog lines of a box that does not know whose they are: whoever lifts a handset hears that the exchange is there and
 * takes no number, and a technician can test the wire.
 */
export class LoneLines {
  readonly #options: LoneLinesOptions;
  readonly #offHook = new Set<number>();
  /** Lines that hear our tone. */
  readonly #told = new Set<number>();

  constructor(options: LoneLinesOptions) {
    this.#options = options;
  }

  connected(snapshot: MediaSnapshot): void {
    this.#offHook.clear();
    this.#told.clear();
    for (const { port, offHook } of snapshot.lines) if (offHook) this.#lifted(port);
  }

  event(event: MediaEvent): void {
    if (event.event !== 'hook') return;
    if (event.offHook) this.#lifted(event.port);
    else this.#hungUp(event.port);
  }

  /** A line for every port of the board. */
  lines(): readonly LineStatus[] {
    const ports = this.#options.board()?.ports ?? 0;
    return Array.from({ length: ports }, (_unused, index) => {
      const port = index + 1;
      return {
        ...{ port, label: '', serviceId: '', extension: '', call: null },
        state: this.#offHook.has(port) ? 'offHook' : 'onHook',
        registration: { at: 'none', say: this.#options.because },
        because: this.#offHook.has(port) ? this.#options.because : null,
      };
    });
  }

  #lifted(port: number): void {
    this.#offHook.add(port);
    if (this.#options.configured()) return;
    this.#told.add(port);
    void this.#options.media.request({
      ...{ type: 'attach', port },
      attachment: { to: 'tone', tone: 'congestion' },
    });
  }

  #hungUp(port: number): void {
    this.#offHook.delete(port);
    // Also when an office has come meanwhile: it knows nothing of this tone.
    if (!this.#told.delete(port)) return;
    void this.#options.media.request({ type: 'attach', port, attachment: { to: 'silence' } });
  }
}
