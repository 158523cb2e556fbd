import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../lib/base/clock.ts';
import type { CodedError, Result } from '../../lib/base/errors.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import {
  type BoxCommand,
  type CommandResult,
  commandResult,
  openCommand,
  TOLD_MOST,
} from '../../lib/contract/command.ts';
import type { CommandMemory } from '../store/index.ts';

/** Commands whose results are remembered: the broker may deliver one twice (QoS 1). */
const REMEMBERED = 64;
const SAY_MOST = 300;

/** Does what a command asks for. What it found, if anything, and refusals are for the operator who gave it. */
export type CarryOut = (command: BoxCommand) => Promise<Result<unknown, CodedError>>;

export interface CommandDeskOptions {
  readonly gateway: GatewayId;
  readonly publicKey: KeyObject;
  readonly clock: Clock;
  readonly log: Logger;
  readonly carryOut: CarryOut;
  /** What was begun, also by an earlier run: a restart that comes twice is one restart. */
  readonly memory: CommandMemory;
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
    const result = this.#once(id, command);
    this.#results.set(id, result);
    const [oldest] = this.#results.keys();
    if (this.#results.size > REMEMBERED && oldest !== undefined) this.#results.delete(oldest);
    return result;
  }

  async #once(id: string, command: BoxCommand): Promise<CommandResult> {
    const { log, memory } = this.#options;
    try {
      if (!memory.begin(id)) return this.#again(id);
    } catch (error) {
      log.error({ err: error, id }, 'a command could not be written down');
      return this.#refused(
        id,
        'command.disk',
        'The box cannot write to its disk, and did nothing: what is not written down could be done twice. Free space on its disk (engawa doctor), then ask again.',
      );
    }
    const result = await this.#carryOut(id, command);
    memory.end(id, JSON.stringify(result));
    return result;
  }

  /** It was begun by this run or by an earlier one. */
  #again(id: string): CommandResult {
    const kept = this.#options.memory.result(id);
    const parsed = kept === undefined ? undefined : commandResult.safeParse(parseJson(kept));
    if (parsed?.success === true) return parsed.data;
    return this.#refused(
      id,
      'command.cutOff',
      'The agent of the box started anew while it did this, and how far it got is not known. Look at the box first; ask again if it was not done.',
    );
  }

  async #carryOut(id: string, command: BoxCommand): Promise<CommandResult> {
    const { log, clock } = this.#options;
    try {
      const done = await this.#options.carryOut(command);
      log.info({ id, command: command.do, ok: done.ok }, 'command of the cloud');
      if (!done.ok) return this.#refused(id, done.error.code, done.error.say);
      const told = done.value === undefined ? undefined : JSON.stringify(done.value);
      const fits = told !== undefined && told.length <= TOLD_MOST;
      return { v: 1, id, ok: true, at: clock.now(), ...(fits ? { told } : {}) };
    } catch (error) {
      log.error({ err: error, id }, 'a command threw');
      const say = `The box could not do it, and its log says more (engawa report): ${String(error)}.`;
      return this.#refused(id, 'command.failed', say);
    }
  }

  #refused(id: string, code: string, say: string): CommandResult {
    return { v: 1, id, ok: false, at: this.#options.clock.now(), code, say: say.slice(0, SAY_MOST) };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
