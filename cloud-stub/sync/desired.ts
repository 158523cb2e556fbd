import { createHash, type KeyObject } from 'node:crypto';
import type { Clock } from '../../lib/base/clock.ts';
import type { CodedError, Result } from '../../lib/base/errors.ts';
import { ok, refuse } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId, ServiceId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import { signDesired } from '../../lib/contract/envelope.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import { gatewayTopics } from '../../lib/contract/topics.ts';
import type { Contract } from '../contracts/index.ts';
import { compileSite, gatewaysOf, type TrunkAddress } from './compile.ts';
import { inTurns } from './in-turns.ts';

/** A stored revision. */
export interface StoredRevision {
  readonly rev: number;
  /** Over the configuration and the key that signs it. */
  readonly contentSha256: string;
  readonly envelope: string;
}

/** Where revisions are kept: the database, not the broker. */
export interface RevisionStore {
  latestDesired(contract: ContractId, gateway: GatewayId): Promise<StoredRevision | undefined>;
  /** False when that revision exists already. */
  addDesired(
    contract: ContractId,
    gateway: GatewayId,
    revision: StoredRevision,
    atMs: number,
  ): Promise<boolean>;
}

/** What the publisher needs from outside. */
export interface DesiredNeeds {
  readonly contracts: () => Promise<readonly Contract[]>;
  readonly passwords: (contract: ContractId) => Promise<ReadonlyMap<ServiceId, string>>;
  readonly store: RevisionStore;
  /** Which revision a gateway ran and took back, if its last one. */
  readonly takenBack?: (contract: ContractId, gateway: GatewayId) => Promise<number | undefined>;
  readonly publish: (topic: string, payload: string, retain: boolean) => Promise<void>;
  readonly trunk: TrunkAddress;
  readonly privateKey: KeyObject;
  readonly keyFingerprint: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One gateway's configuration as it was published. */
export interface Published {
  readonly gateway: GatewayId;
  readonly rev: number;
  /** False when the contract had not changed: the same bytes went out again. */
  readonly fresh: boolean;
}

/** What is published: only what has changed, everything again, or also what was taken back, anew. */
type Which = 'changed' | 'again' | 'anew';

/**
 * Gateways that are worked on at once: what one costs is mostly waiting for the database and the broker. Few enough that the
 * reports, which come back meanwhile, find connections to the database.
 */
const AT_ONCE = 4;

/** Compiles, signs, keeps and publishes what gateways shall run: each once in a run, and one run after the other. */
export class DesiredPublisher {
  readonly #needs: DesiredNeeds;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(needs: DesiredNeeds) {
    this.#needs = needs;
  }

  /**
   * Publishes every gateway of a contract, or of all: at the start of the broker, and after a change. A gateway whose
   * configuration would be refused keeps its last one, and the refusal is answered.
   */
  publish(only?: ContractId): Promise<readonly Result<Published>[]> {
    return this.#inOrder(() => this.#publishAll(only, 'again'));
  }

  /**
   * The same for somebody who wants it: a gateway that has taken its last revision back does not try that one again, and gets
   * the same configuration under a new one.
   */
  publishAnew(only: ContractId): Promise<readonly Result<Published>[]> {
    return this.#inOrder(() => this.#publishAll(only, 'anew'));
  }

  /** Publishes those whose configuration is another one by now, for time has passed. */
  publishChanges(): Promise<readonly Result<Published>[]> {
    return this.#inOrder(() => this.#publishAll(undefined, 'changed'));
  }

  #inOrder<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => undefined);
    return done;
  }

  async #publishAll(only: ContractId | undefined, which: Which): Promise<readonly Result<Published>[]> {
    const { contracts, clock } = this.#needs;
    const wanted = (await contracts()).filter(({ id }) => only === undefined || id === only);
    const now = clock.now();
    const work = wanted.flatMap((contract) => {
      const passwords = once(() => this.#needs.passwords(contract.id));
      return gatewaysOf(contract, now).map((gateway) => ({ contract, gateway, passwords }));
    });
    return inTurns(work, AT_ONCE, async ({ contract, gateway, passwords }) =>
      this.#publishOne(contract, gateway, await passwords(), which),
    );
  }

  async #publishOne(
    contract: Contract,
    gateway: GatewayId,
    passwords: ReadonlyMap<ServiceId, string>,
    which: Which,
  ): Promise<Result<Published>> {
    const { clock, keyFingerprint, log, publish, store, trunk } = this.#needs;
    const config = compileSite(contract, gateway, passwords, trunk, clock.now());
    const contentSha256 = contentOf(config, keyFingerprint);
    const topic = gatewayTopics(gateway).desired;
    const latest = await store.latestDesired(contract.id, gateway);
    const back = which === 'anew' ? await this.#needs.takenBack?.(contract.id, gateway) : undefined;
    if (latest?.contentSha256 === contentSha256 && latest.rev !== back) {
      if (which !== 'changed') await publish(topic, latest.envelope, true);
      return ok({ gateway, rev: latest.rev, fresh: false });
    }
    const signed = this.#sign(config, gateway, (latest?.rev ?? 0) + 1);
    if (!signed.ok) {
      log.error({ gateway, code: signed.error.code }, signed.error.say);
      if (latest !== undefined) await publish(topic, latest.envelope, true);
      return signed;
    }
    const revision = { rev: (latest?.rev ?? 0) + 1, contentSha256, envelope: signed.value };
    if (!(await store.addDesired(contract.id, gateway, revision, clock.now()))) {
      return refuse({
        code: 'desired.race',
        fault: 'us',
        say: `Somebody else made revision ${revision.rev} of ${gateway}; try again.`,
      });
    }
    await publish(topic, revision.envelope, true);
    log.info({ gateway, rev: revision.rev }, 'configuration published');
    return ok({ gateway, rev: revision.rev, fresh: true });
  }

  #sign(config: SiteConfig, gateway: GatewayId, rev: number): Result<string, CodedError> {
    const { clock, privateKey } = this.#needs;
    const signed = signDesired(config, { rev, gateway, privateKey, now: clock.now() });
    return signed.ok ? ok(signed.value.bytes.toString('utf8')) : signed;
  }
}

/** `compileSite` writes its fields in one order, so that equal configurations have equal text. */
function contentOf(config: SiteConfig, keyFingerprint: string): string {
  return createHash('sha256')
    .update(`${keyFingerprint}\n${JSON.stringify(config)}`, 'utf8')
    .digest('hex');
}

/** Asks on the first call, and answers the same afterwards. */
function once<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}
