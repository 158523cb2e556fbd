import type { KeyObject } from 'node:crypto';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type Random, randomHex } from '../../lib/base/random.ts';
import { type BoxCommand, type CommandResult, signCommand } from '../../lib/contract/command.ts';
import { gatewayTopics } from '../../lib/contract/topics.ts';

/** How long an operator waits for a box. It answers at once, or is not there. */
export const ANSWER_WAIT_MS = 10_000;

/** Bytes of chance in the name of a command. */
const ID_BYTES = 8;

/** A command as it is kept before it goes out. */
export interface SentCommand {
  readonly id: string;
  readonly gateway: GatewayId;
  readonly command: BoxCommand;
  readonly by: string;
  readonly sentAt: number;
}

/** A command that a box has carried out. */
export interface DoneCommand extends SentCommand {
  /** What it found, as JSON text; null when there was nothing to find. */
  readonly told: string | null;
}

/** Why a command has no good end. What the box itself refused has the box's own code. */
export interface CommandFailure extends CodedError {
  /** `command.noGateway`, `command.offline`, `command.noBroker`, `command.noAnswer`, or the box's. */
  readonly code: string;
}

/** What commands need from outside. */
export interface CommandNeeds {
  readonly contractOf: (gateway: GatewayId) => Promise<ContractId | undefined>;
  readonly online: (gateway: GatewayId) => Promise<boolean>;
  readonly keep: (contract: ContractId, command: SentCommand) => Promise<void>;
  /** False when it belongs to no command of that gateway, or came before. */
  readonly settle: (contract: ContractId, gateway: GatewayId, result: CommandResult) => Promise<boolean>;
  readonly publish: (topic: string, payload: string, retain: boolean) => Promise<void>;
  readonly privateKey: KeyObject;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

interface Waiting {
  readonly gateway: GatewayId;
  readonly timer: Timer;
  readonly resolve: (result: CommandResult | undefined) => void;
}

/** Tells boxes what to do at once, and waits a moment for what becomes of it. Nothing is told twice by itself. */
export class Commands {
  readonly #needs: CommandNeeds;
  readonly #waiting = new Map<string, Waiting>();

  constructor(needs: CommandNeeds) {
    this.#needs = needs;
  }

  /** Resolves when the box has answered, or has not in {@link ANSWER_WAIT_MS}. */
  async send(
    gateway: GatewayId,
    command: BoxCommand,
    by: string,
  ): Promise<Result<DoneCommand, CommandFailure>> {
    const { clock, contractOf, keep, log, online, privateKey, publish, random } = this.#needs;
    const contract = await contractOf(gateway);
    if (contract === undefined) return no('command.noGateway', `There is no gateway ${gateway}.`);
    if (!(await online(gateway))) {
      const say = `${gateway} is not connected; nothing was asked of it. Look at its network, then try again.`;
      return no('command.offline', say);
    }
    const now = clock.now();
    const sent: SentCommand = { id: randomHex(random, ID_BYTES), gateway, command, by, sentAt: now };
    await keep(contract, sent);
    const message = signCommand(command, { id: sent.id, gateway, privateKey, now });
    const answer = this.#answerTo(sent);
    const told = publish(gatewayTopics(gateway).commands, message.toString('utf8'), false).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    log.info({ gateway, command: command.do, id: sent.id }, 'a gateway is told to do something');
    const unsent = await Promise.race([told, answer.then(() => undefined)]);
    if (unsent !== undefined) {
      this.#finish(sent.id, undefined);
      log.warn({ err: unsent.error, gateway, id: sent.id }, 'a command did not get to the broker');
      const say = `The broker that leads to ${gateway} is away, so that nothing was asked of the box. The service connects anew by itself: try again in a minute; if it stays so, look at the broker.`;
      return no('command.noBroker', say);
    }
    const result = await answer;
    if (result === undefined) {
      const say = `${gateway} did not answer within ${ANSWER_WAIT_MS / 1_000} s. It may have done it, or be going away; look at its phones.`;
      return no('command.noAnswer', say);
    }
    return result.ok ? ok({ ...sent, told: result.told ?? null }) : no(result.code, result.say);
  }

  /** What a box says that became of a command. */
  async answered(contract: ContractId, gateway: GatewayId, result: CommandResult): Promise<void> {
    const known = await this.#needs.settle(contract, gateway, result);
    if (!known) this.#needs.log.warn({ gateway, id: result.id }, 'a result of no command, or once more');
    const waiting = this.#waiting.get(result.id);
    if (waiting?.gateway === gateway) this.#finish(result.id, result);
  }

  stop(): void {
    for (const id of [...this.#waiting.keys()]) this.#finish(id, undefined);
  }

  #answerTo({ id, gateway }: SentCommand): Promise<CommandResult | undefined> {
    return new Promise((resolve) => {
      const timer = this.#needs.clock.after(ANSWER_WAIT_MS, 'command answer', () =>
        this.#finish(id, undefined),
      );
      this.#waiting.set(id, { gateway, timer, resolve });
    });
  }

  #finish(id: string, result: CommandResult | undefined): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.timer.cancel();
    waiting.resolve(result);
  }
}

function no(code: string, say: string): { readonly ok: false; readonly error: CommandFailure } {
  return refuse({ code, fault: 'environment', say });
}
