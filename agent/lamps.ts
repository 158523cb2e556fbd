import type { ToldLamps } from '../hal/gpio/lamps.ts';
import type { HealthRegistry } from './health/index.ts';
import type { MediaClient } from './media/index.ts';

/** Where the lamps are told from. */
export interface LampSources {
  readonly health: Pick<HealthRegistry, 'list' | 'onChange'>;
  readonly media: Pick<MediaClient, 'request' | 'connected'>;
  readonly cloudUp: () => boolean;
  readonly onChange: (listener: () => void) => void;
}

/** Has the media process, which holds the wires, show on the front what the registry of warnings says. */
export class FrontLamps {
  readonly #sources: LampSources;
  #told = '';

  constructor(sources: LampSources) {
    this.#sources = sources;
  }

  start(): void {
    this.#sources.health.onChange(() => this.#tell());
    this.#sources.onChange(() => this.#tell());
    this.#tell();
  }

  #tell(): void {
    const { cloudUp, health, media } = this.#sources;
    // A media process that comes back has forgotten what it was told.
    if (!media.connected) {
      this.#told = '';
      return;
    }
    const lamps = { service: cloudUp(), worst: worstOf(health.list().map(({ severity }) => severity)) };
    const text = JSON.stringify(lamps);
    if (text === this.#told) return;
    this.#told = text;
    void media.request({ type: 'lamps', ...lamps });
  }
}

function worstOf(severities: readonly string[]): ToldLamps['worst'] {
  if (severities.includes('error')) return 'error';
  return severities.includes('warning') ? 'warning' : null;
}
