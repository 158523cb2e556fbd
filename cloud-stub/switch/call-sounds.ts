import type { CallId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import { promptSource, toneSource } from '../media/index.ts';
import type { Guidance } from '../routing/types.ts';
import type { CallMedia } from './call-media.ts';
import type { Sound } from './call-types.ts';

/** What the sounds of a call need of it. */
export interface CallSoundsNeeds {
  readonly call: CallId;
  readonly media: CallMedia;
  readonly log: Logger;
  /** The customers' own recordings, by name. */
  readonly recording: ((name: string) => Uint8Array | undefined) | undefined;
  /** Early media, for a caller who has no 200 yet. */
  readonly open: () => void;
  readonly played: () => void;
}

/** What the cloud itself plays in a call. */
export class CallSounds {
  readonly #needs: CallSoundsNeeds;
  #stop: () => void = () => undefined;

  constructor(needs: CallSoundsNeeds) {
    this.#needs = needs;
  }

  /** Silence in place of what the caller hears from us. */
  hush(): void {
    this.#stop();
  }

  /** Plays to the caller, before the answer as early media. A caller who takes no µ-law hears nothing and goes on. */
  play(sound: Sound): void {
    this.hush();
    const { call, log, media, open, played, recording } = this.#needs;
    log.info({ event: 'call.plays', call, sound }, 'plays to the caller');
    if (!media.speaks) {
      log.warn({ call, sound }, 'the caller offers no audio that the cloud can speak');
      queueMicrotask(played);
      return;
    }
    open();
    const source =
      sound.kind === 'prompt'
        ? promptSource(sound.prompt, sound.times, recording)
        : toneSource(sound.tone, sound.forMs);
    this.#stop = media.play('a', source, played);
  }

  /** Both may hear it at once; whoever hears it does not hear the other meanwhile. [S2-024] */
  guide(guidance: Guidance): void {
    const { media, recording } = this.#needs;
    for (const [side, who] of [
      ['a', 'caller'],
      ['b', 'callee'],
    ] as const) {
      if (guidance.to !== who && guidance.to !== 'both') continue;
      media.play(side, promptSource(guidance.prompt, 1, recording), () => undefined);
    }
  }
}
