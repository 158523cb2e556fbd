import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { type Instant, instant } from '../base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../base/errors.ts';
import type { GatewayId } from '../base/ids.ts';
import { firstIssue } from './config-refusal.ts';
import { openSealed, seal } from './sealed.ts';

/** How long the window of an approval may be open, in minutes: somebody walks to the phone and switches it on. */
export const APPROVAL_MINUTES = { least: 5, usual: 5, most: 10 } as const;
/** Longest command message that is read. */
export const COMMAND_LIMIT_BYTES = 4_096;
/** A command that is not carried out by then never is: it was meant for now. */
export const COMMAND_LIVES_MS = 60_000;

/** Longest answer of a command, in characters. */
export const TOLD_MOST = 4_000;

const mac = z.string().regex(/^[0-9a-f]{12}$/);
const commandId = z.string().regex(/^[0-9a-f]{16}$/);

/** What the cloud can have a box do at once. */
export const boxCommand = z.discriminatedUnion('do', [
  /** Opens the window in which a phone of the configuration may fetch its password, as `engawa approve` does. */
  z.strictObject({
    do: z.literal('approvePhone'),
    mac,
    minutes: z.int().min(APPROVAL_MINUTES.least).max(APPROVAL_MINUTES.most),
  }),
  /** Tells a phone that is set up to fetch its files again, as `engawa reprovision` does. */
  z.strictObject({ do: z.literal('reprovisionPhone'), mac }),
  /** Tells the service everything once more: configuration, LAN, state, figures, and records that wait. */
  z.strictObject({ do: z.literal('resync') }),
  /** Measures a line, as `engawa line test` does. A line that is in use is measured only with `force`, an emergency call never. */
  z.strictObject({
    do: z.literal('lineTest'),
    port: z.int().min(1).max(8),
    force: z.boolean().default(false),
  }),
  /** Keeps what is spoken, without secrets, and writes it into one file on the box, as `engawa capture` does. */
  z.strictObject({
    do: z.literal('capture'),
    keepMinutes: z.int().min(1).max(15),
    forMinutes: z.int().min(1).max(60),
  }),
  /** Another log level for a while; null is the usual one again. */
  z.strictObject({
    do: z.literal('logLevel'),
    program: z.enum(['agent', 'media', 'all']),
    level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).nullable(),
    minutes: z.int().min(1).max(120),
  }),
  /** Starts the agent anew; answered calls keep their audio. Refused while an emergency call is up. */
  z.strictObject({ do: z.literal('restart') }),
]);
export type BoxCommand = z.infer<typeof boxCommand>;

const epochMs = z.int().min(0).max(8.64e15);
const body = z.strictObject({
  id: commandId,
  gateway: z.string().regex(/^gw-[0-9]{6}$/),
  issuedAt: epochMs,
  /** By the cloud's clock. The box does nothing of one that came later, and says so: its clock may be wrong. */
  expiresAt: epochMs,
  command: boxCommand,
});

/** A command out of its envelope. */
export interface OpenedCommand {
  readonly id: string;
  readonly command: BoxCommand;
}

/** Why a command was not carried out: not from our cloud, for another box, too late, or none at all. */
export interface CommandRefusal extends CodedError {
  readonly code:
    | 'command.unreadable'
    | 'command.signature'
    | 'command.otherGateway'
    | 'command.expired'
    | 'command.unknown';
  /** The command's id, once its signature has proved it. */
  readonly id?: string;
}

/** gateway → cloud on `up/result`: what became of a command. Sent once; who does not hear it in time asks again. */
export const commandResult = z.discriminatedUnion('ok', [
  z.strictObject({
    v: z.literal(1),
    id: commandId,
    ok: z.literal(true),
    at: epochMs,
    /** What was found, as JSON text: the measurement of a line, the levels of the log. */
    told: z.string().max(TOLD_MOST).optional(),
  }),
  z.strictObject({
    v: z.literal(1),
    id: commandId,
    ok: z.literal(false),
    at: epochMs,
    code: z.string().max(60),
    say: z.string().max(300),
  }),
]);
export type CommandResult = z.infer<typeof commandResult>;

/** What the cloud publishes on `down/cmd`. */
export function signCommand(
  command: BoxCommand,
  options: {
    readonly id: string;
    readonly gateway: GatewayId;
    readonly privateKey: KeyObject;
    readonly now: Instant;
  },
): Buffer {
  const { id, gateway, now, privateKey } = options;
  const payload = JSON.stringify(
    body.parse({ id, gateway, issuedAt: now, expiresAt: now + COMMAND_LIVES_MS, command }),
  );
  return seal('command', payload, privateKey);
}

/** Opens what came on `down/cmd`. Takes any bytes and never throws; nothing inside is believed before its signature is. */
export function openCommand(
  bytes: Uint8Array,
  options: { readonly gateway: GatewayId; readonly publicKey: KeyObject; readonly now: Instant },
): Result<OpenedCommand, CommandRefusal> {
  const { publicKey } = options;
  const outer = openSealed('command', bytes, { publicKey, limitBytes: COMMAND_LIMIT_BYTES });
  if (!outer.ok) {
    return outer.error.code === 'sealed.unreadable'
      ? no('command.unreadable', 'That is no command of this generation.')
      : no('command.signature', outer.error.say);
  }
  const { value } = outer;
  const id = idOf(value);
  const inner = body.safeParse(value);
  if (!inner.success) {
    return no(
      'command.unknown',
      `This box does not know the command: ${firstIssue(inner.error.issues)}.`,
      id,
    );
  }
  const { gateway, expiresAt, command } = inner.data;
  if (gateway !== options.gateway) {
    return no('command.otherGateway', `The command is for ${gateway}, this is ${options.gateway}.`, id);
  }
  if (options.now > instant(expiresAt)) {
    const lateS = Math.ceil((options.now - expiresAt) / 1_000);
    return no(
      'command.expired',
      `The command came ${lateS} s too late, or the clock of the box is wrong, and so it was not carried out. Check the clock of the box, then ask again.`,
      id,
    );
  }
  return ok({ id: inner.data.id, command });
}

function idOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'id')) return undefined;
  const found = commandId.safeParse(Reflect.get(value, 'id'));
  return found.success ? found.data : undefined;
}

function no(code: CommandRefusal['code'], say: string, id?: string) {
  return refuse<CommandRefusal>({ code, fault: 'peer', say, ...(id === undefined ? {} : { id }) });
}
