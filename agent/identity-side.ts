import { dirname, isAbsolute, join } from 'node:path';
import type { Result } from '../lib/base/errors.ts';
import type { GatewayId } from '../lib/base/ids.ts';
import type { Logger } from '../lib/base/log.ts';
import type { Enrolment } from '../lib/contract/enrolment.ts';
import type { AgentOptions } from './agent-options.ts';
import { claim, type Identity, IdentityKeeper, leave, readIdentity, serialNumberOf } from './enrol/index.ts';
import { claimRoutes, type MoreRoutes, serviceRoutes } from './local-api/index.ts';
import type { Health } from './ports.ts';
import type { BoxIdentity } from './status.ts';
import { inspectConfig } from './store/index.ts';
import { ClaimDesk, identityLines, identityOf, leaveIdentity } from './unclaimed/index.ts';

/** Whose facts a box makes that was never anybody's: none of them is ever sent. */
const NOBODY = 'gw-000000' as GatewayId;
/** Name of the file that tells a console who the box is. */
const CONSOLE_FILE = 'identity';

/** Who the box is, as it lies on disk. */
export interface Whose {
  readonly identity: Identity;
  /** By the enrolment; where that cannot be used, by the configuration that it once gave. */
  readonly gateway: GatewayId | undefined;
}

/** A box that has a configuration and no enrolment had one: it has lost it. */
export function whoseBox(state: string): Whose {
  const identity = readIdentity(state);
  if (identity.at === 'claimed') return { identity, gateway: identity.enrolment.gateway as GatewayId };
  const { current, previous } = inspectConfig(state, undefined);
  const kept = [current, previous].find((read) => read.kind === 'good');
  if (kept?.kind !== 'good') return { identity, gateway: undefined };
  const { gateway } = kept.kept.config;
  if (identity.at === 'damaged') return { identity, gateway: gateway as GatewayId };
  const say = `The enrolment is gone, and the configuration of ${gateway} is there.`;
  return { identity: { at: 'damaged', say }, gateway: gateway as GatewayId };
}

/** What it needs of the others. */
interface Around {
  readonly options: AgentOptions;
  readonly whose: Whose;
  readonly health: Health;
  readonly log: Logger;
  /** The box was claimed: what lies in the state folder is worth another look. */
  readonly onClaimed: () => void;
}

/** The box's identity: kept fresh where it has one, got where it has none, and told to whoever asks. */
export class IdentitySide {
  readonly #around: Around;
  readonly #keeper: IdentityKeeper | undefined;
  readonly #serialNumber: string | null;
  #told: { readonly enrolment: Enrolment | undefined; readonly who: BoxIdentity } | undefined;

  constructor(around: Around) {
    this.#around = around;
    const { options, whose, health, log } = around;
    const { clock, random, state, serialNumber } = options;
    this.#serialNumber = serialNumber ?? serialNumberOf() ?? null;
    if (whose.identity.at !== 'claimed') return;
    const { enrolment } = whose.identity;
    this.#keeper = new IdentityKeeper({ folder: state, enrolment, health, clock, random, log });
  }

  /** What the next connection is made with; undefined for a box that nobody has claimed. */
  get enrolment(): Enrolment | undefined {
    return this.#keeper?.enrolment;
  }

  /** In the name of whom facts are made. */
  get gateway(): GatewayId {
    return this.#around.whose.gateway ?? NOBODY;
  }

  /** Somebody will read what the box tells of itself. */
  get known(): boolean {
    return this.#around.whose.gateway !== undefined;
  }

  /** Gives the identity back, before its keys are destroyed; undefined where there is none. */
  leave(): Promise<Result<void>> | undefined {
    const { enrolment } = this;
    return enrolment === undefined ? undefined : leave(enrolment);
  }

  /** A renewal changes the key. */
  who(): BoxIdentity {
    const { options, whose } = this.#around;
    const { enrolment } = this;
    if (this.#told !== undefined && this.#told.enrolment === enrolment) return this.#told.who;
    const identity = enrolment === undefined ? whose.identity : ({ at: 'claimed', enrolment } as const);
    const who = identityOf(options.state, this.#serialNumber, identity);
    this.#told = { enrolment, who };
    return who;
  }

  get routes(): readonly MoreRoutes[] {
    const { options, onClaimed, log } = this.#around;
    const { clock, state: folder } = options;
    const desk = new ClaimDesk({ folder, identity: () => this.who(), claim, onClaimed, clock, log });
    return [
      { at: '/v1/identity', routes: claimRoutes(desk) },
      { at: '/v1/service', routes: serviceRoutes(() => this.enrolment) },
    ];
  }

  /** Says who the box is: to the log, to the console, and in a warning where it is nobody. */
  start(): void {
    const { options, health, log } = this.#around;
    const who = this.who();
    log.info({ ...who }, 'identity');
    if (who.at !== 'claimed') health.raise(`box.${who.at}`, who.say);
    // Beside the socket for now, in the state folder for the next start, until which the first one is gone.
    const places = [
      [dirname(options.api), 0o640],
      [options.state, 0o600],
    ] as const;
    for (const [folder, mode] of places) {
      // A simulated box has no socket, and no console.
      if (!isAbsolute(folder)) continue;
      try {
        leaveIdentity(join(folder, CONSOLE_FILE), who, mode);
      } catch (error) {
        log.warn({ say: String(error), lines: identityLines(who) }, 'not left for the console');
      }
    }
    this.#keeper?.start();
  }

  stop(): void {
    this.#keeper?.stop();
  }
}
