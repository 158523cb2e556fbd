import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../lib/base/clock.ts';
import type { CodedError, Result } from '../../lib/base/errors.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type BoxCommand, type CommandResult, openCommand } from '../../lib/contract/command.ts';

/** Commands whose results are remembered: the broker may deliver one twice (QoS 1). */
const REMEMBERED = 64;
const SAY_MOST = 300;

/** Does what a command asks for. Refusals are for the operator who gave it. */
export type CarryOut = (command: BoxCommand) => Promise<Result<unknown, CodedError>>;

export interface CommandDeskOptions {
  readonly gateway: GatewayId;
  readonly publicKey: KeyObject;
  readonly clock: Clock;
  readonly log: Logger;
  readonly carryOut: CarryOut;
}

/** What the cloud has the box do at once: each command is carried out once, and answered as often as it comes. */
export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #results = new Map<string, Promise<CommandResult>>();

  constructor(options: CommandDeskOptions) {
    this.#options = options;
  }

  /** The answer, or undefined for what no cloud of ours has signed: that is told to nobody. Never rejects. */
  async receive(payload: Uint8Array): Promise<CommandResult | undefined> {
    const { gateway, publicKey, clock, log } = this.#options;
    const opened = openCommand(payload, { gateway, publicKey, now: clock.now() });
    if (!opened.ok) {
      const { code, say, id } = opened.error;
      log.warn({ code, say }, 'not a command for this box');
      return id === undefined || code === 'command.otherGateway' ? undefined : this.#refused(id, code, say);
    }
    const { id, command } = opened.value;
    const known = this.#results.get(id);
    if (known !== undefined) return known;
    const result = this.#carryOut(id, command);
    this.#results.set(id, result);
    const [oldest] = this.#results.keys();
    if (this.#results.size > REMEMBERED && oldest !== undefined) this.#results.delete(oldest);
    return result;
  }

  async #carryOut(id: string, command: BoxCommand): Promise<CommandResult> {
    const { log, clock } = this.#options;
    try {
      const done = await this.#options.carryOut(command);
      log.info({ id, command: command.do, ok: done.ok }, 'command of the cloud');
      if (done.ok) return { v: 1, id, ok: true, at: clock.now() };
      return this.#refused(id, done.error.code, done.error.say);
    } catch (error) {
      log.error({ err: error, id }, 'a command threw');
      return this.#refused(id, 'command.failed', `The box could not do it: ${String(error)}.`);
    }
  }

  #refused(id: string, code: string, say: string): CommandResult {
    return { v: 1, id, ok: false, at: this.#options.clock.now(), code, say: say.slice(0, SAY_MOST) };
  }
}
