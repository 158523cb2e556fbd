import type { Clock } from '../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../lib/base/errors.ts';
import type { LogLevelKeeper } from '../lib/base/log-level.ts';
import type { BoxCommand } from '../lib/contract/command.ts';
import type { LanSide } from './lan-side.ts';
import type { MediaClient } from './media/index.ts';
import type { CarryOut } from './sync/index.ts';
import { type LineTools, logTools } from './technician/index.ts';
import type { CaptureRecorder } from './trace/index.ts';

/** Who does what the service commands. */
export interface CarryOutParts {
  readonly lan: Pick<LanSide, 'carryOut'>;
  readonly lines: Pick<LineTools, 'test'>;
  readonly recorder: Pick<CaptureRecorder, 'begin'>;
  readonly logLevel: LogLevelKeeper | undefined;
  readonly media: Pick<MediaClient, 'request' | 'connected'>;
  readonly resync: () => void;
  readonly emergencyUp: () => boolean;
  /** Ends the agent, which is started again by whoever runs it. Absent where nobody does. */
  readonly restart: (() => void) | undefined;
  readonly clock: Clock;
}

/** The answer goes out first. */
const RESTART_AFTER_MS = 1_000;

/** Does at once what the service asks for, as a technician's command on the box would. */
export function carryOutWith(parts: CarryOutParts): CarryOut {
  return async (command) => {
    switch (command.do) {
      case 'approvePhone':
      case 'reprovisionPhone':
        return silently(await parts.lan.carryOut(command));
      case 'resync':
        parts.resync();
        return ok(undefined);
      case 'lineTest':
        return parts.lines.test(command.port, command.force);
      case 'capture': {
        const { keepMinutes, forMinutes } = command;
        return parts.recorder.begin({ keepMinutes, forMinutes });
      }
      case 'logLevel':
        return setLevel(parts, command);
      case 'restart':
        return restart(parts);
    }
  };
}

async function setLevel(
  { logLevel, media }: CarryOutParts,
  { program, level, minutes }: Extract<BoxCommand, { readonly do: 'logLevel' }>,
): Promise<Result<unknown, CodedError>> {
  if (logLevel === undefined) return no('command.noLog', 'This agent has no log whose level could be set.');
  return logTools(logLevel, media).set(program, level, minutes * 60_000);
}

function restart({ clock, emergencyUp, restart: end }: CarryOutParts): Result<unknown, CodedError> {
  if (end === undefined) return no('command.noRestart', 'Nobody would start this agent again.');
  if (emergencyUp()) {
    return no(
      'command.emergency',
      'An emergency call is up: nothing is restarted under it. Try again after it.',
    );
  }
  clock.after(RESTART_AFTER_MS, 'restart', () => {
    // One that has begun meanwhile goes first.
    if (!emergencyUp()) end();
  });
  return ok(undefined);
}

/** What a phone's tool answers is for the local screen. */
function silently(result: Result<unknown, CodedError>): Result<unknown, CodedError> {
  return result.ok ? ok(undefined) : result;
}

function no(code: string, say: string): Result<never, CodedError> {
  return refuse({ code, fault: 'environment', say });
}
