import { X509Certificate } from 'node:crypto';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { Result } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import type { Health } from '../ports.ts';
import { keepEnrolment } from './claim.ts';
import { renew } from './renew.ts';

/** The first look, so that a start is not burdened with it; up to as long again, for boxes of one power cut. */
const FIRST_LOOK_MS = 120_000;
const LOOK_EVERY_MS = 6 * 3_600_000;
/** After a renewal that failed. */
const AGAIN_MS = 1_800_000;
/** Less than this part of its life is left: a person has to know. */
const LATE_PART = 1 / 12;

/** How a certificate stands at a time of day. */
export type CertificateAge = 'fresh' | 'due' | 'late' | 'unknown';

/** What the keeper needs from outside. */
export interface KeeperNeeds {
  /** Where `enrolment.json` lies. */
  readonly folder: string;
  readonly enrolment: Enrolment;
  readonly health: Health;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Default: asks the service. */
  readonly renew?: (enrolment: Enrolment) => Promise<Result<Enrolment>>;
}

/**
 * Keeps the box's certificate fresh: from two thirds of its life on a new one is asked for, with a new key, until there is
 * one. The one that runs is used until the new one is on disk; a connection that stands is not ended for it.
 */
export class IdentityKeeper {
  readonly #needs: KeeperNeeds;
  #enrolment: Enrolment;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(needs: KeeperNeeds) {
    this.#needs = needs;
    this.#enrolment = needs.enrolment;
  }

  /** What the next connection is made with. */
  get enrolment(): Enrolment {
    return this.#enrolment;
  }

  start(): void {
    this.#later(FIRST_LOOK_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Renews when it is time. Never rejects. */
  async look(): Promise<void> {
    const { clock, health, log } = this.#needs;
    const age = ageOf(this.#enrolment.device.certificatePem, clock.now());
    if (age === 'fresh' || age === 'unknown') {
      health.clear('cloud.certificateEnds');
      return this.#later(LOOK_EVERY_MS);
    }
    const renewed = await (this.#needs.renew ?? renew)(this.#enrolment);
    const refused = renewed.ok ? this.#keep(renewed.value) : renewed.error.say;
    if (refused === undefined) {
      health.clear('cloud.certificateEnds');
      log.info('the certificate of this box was renewed');
      return this.#later(LOOK_EVERY_MS);
    }
    log.warn({ say: refused }, 'the certificate of this box could not be renewed');
    if (age === 'late') health.raise('cloud.certificateEnds', refused);
    this.#later(AGAIN_MS);
  }

  /** Why it could not be kept, or undefined. */
  #keep(renewed: Enrolment): string | undefined {
    try {
      keepEnrolment(this.#needs.folder, renewed);
      this.#enrolment = renewed;
      return undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return `The new certificate could not be kept: ${why}. Check the disk.`;
    }
  }

  #later(leastMs: number): void {
    if (this.#stopped) return;
    const delayMs = leastMs * (1 + this.#needs.random.fraction());
    this.#timer?.cancel();
    this.#timer = this.#needs.clock.after(delayMs, 'enrol.look', () => void this.look());
  }
}

/** `due` when two thirds of its life are over. A certificate that cannot be read is left to whoever connects with it. */
export function ageOf(certificatePem: string, nowMs: number): CertificateAge {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(certificatePem);
  } catch {
    return 'unknown';
  }
  const from = certificate.validFromDate.getTime();
  const until = certificate.validToDate.getTime();
  const left = (until - nowMs) / (until - from);
  // A clock that stands before the certificate was made is wrong, and says nothing of its age.
  if (left > 1 / 3) return 'fresh';
  return left > LATE_PART ? 'due' : 'late';
}
