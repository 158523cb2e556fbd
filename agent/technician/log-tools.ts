import { ok, type Result } from '../../lib/base/errors.ts';
import type { LogLevel, LogLevelKeeper, LogLevelState } from '../../lib/base/log-level.ts';
import type { MediaClient } from '../media/index.ts';

/** How the programs of the box log. */
export interface LogLevels {
  readonly agent: LogLevelState;
  /** Null while the media process is away. */
  readonly media: LogLevelState | null;
}

/** What may be done to the logs of the box. */
export interface LogTools {
  levels(): Promise<LogLevels>;
  /** Another level for a while, of one program or of both; null goes back at once. */
  set(program: 'agent' | 'media' | 'all', level: LogLevel | null, forMs: number): Promise<Result<LogLevels>>;
}

/** Sets the levels of agent and media process. The media process counts its own time: it may outlive the agent. */
export function logTools(
  keeper: LogLevelKeeper,
  media: Pick<MediaClient, 'request' | 'connected'>,
): LogTools {
  const levels = async (): Promise<LogLevels> => {
    const told = await media.request({ type: 'logLevel' });
    return { agent: keeper.state, media: told.ok ? told.value : null };
  };
  return {
    levels,
    async set(program, level, forMs) {
      if (program !== 'agent') {
        const told = await media.request({ type: 'logLevel', set: { level, forMs } });
        if (!told.ok) return told;
      }
      if (program !== 'media') {
        if (level === null) keeper.reset();
        else keeper.set(level, forMs);
      }
      return ok(await levels());
    },
  };
}
