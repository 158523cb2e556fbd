import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import type { ClaimOptions } from '../enrol/index.ts';
import type { BoxIdentity } from '../status.ts';

/** What a technician says. */
export interface ClaimWish {
  /** As it was typed. It is written down nowhere. */
  readonly code: string;
  /** The service's enrolment desk. */
  readonly service: { readonly host: string; readonly port: number };
  /** Of the label, where the board does not tell it or tells another. */
  readonly serialNumber?: string | undefined;
}

/** The box's identity, and how it gets one. */
export interface ClaimTools {
  identity(): BoxIdentity;
  claim(wish: ClaimWish): Promise<Result<{ readonly gateway: string }>>;
}

export interface ClaimDeskOptions {
  readonly folder: string;
  readonly identity: () => BoxIdentity;
  readonly claim: (options: ClaimOptions) => Promise<Result<Enrolment>>;
  /** There is an enrolment now. */
  readonly onClaimed: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The answer is on its way before the box becomes another. */
const ANSWERED_AFTER_MS = 300;

/** Claims the box in the name of a technician, who may not touch its keys. One claim at a time. */
export class ClaimDesk implements ClaimTools {
  readonly #options: ClaimDeskOptions;
  #running = false;

  constructor(options: ClaimDeskOptions) {
    this.#options = options;
  }

  identity(): BoxIdentity {
    return this.#options.identity();
  }

  async claim({ code, service, serialNumber }: ClaimWish): Promise<Result<{ readonly gateway: string }>> {
    const { folder, claim, onClaimed, clock, log } = this.#options;
    const { at, gateway, serialNumber: known } = this.identity();
    if (at === 'claimed') {
      const say = `This box is claimed already: it is ${gateway}. To give it to another contract: engawa reset --enrolment.`;
      return no('claim.claimed', say);
    }
    const serial = serialNumber ?? known;
    if (serial === null) return no('claim.serial', 'The serial number of the box is not known: say it.');
    if (this.#running) return no('claim.running', 'A claim is on its way already: wait a minute.');
    this.#running = true;
    try {
      const claimed = await claim({ folder, service, code, serialNumber: serial });
      if (!claimed.ok) {
        log.warn({ code: claimed.error.code }, 'not claimed');
        return claimed;
      }
      log.info({ gateway: claimed.value.gateway }, 'claimed');
      clock.after(ANSWERED_AFTER_MS, 'claimed', onClaimed);
      return ok({ gateway: claimed.value.gateway });
    } finally {
      this.#running = false;
    }
  }
}

function no(code: string, say: string) {
  return refuse<CodedError>({ code, fault: 'caller', say });
}
