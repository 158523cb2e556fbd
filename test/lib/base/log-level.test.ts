import { describe, expect, it } from 'vitest';
import { createLog } from '../../../lib/base/log.ts';
import { LOG_LEVEL_MOST_MS, LogLevelKeeper } from '../../../lib/base/log-level.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

function logged(): { readonly lines: string[]; readonly log: ReturnType<typeof createLog> } {
  const lines: string[] = [];
  return { lines, log: createLog('test', 'warn', { write: (line) => void lines.push(line) }) };
}

describe('the level of a log', () => {
  it('is another one for a while, for rooms that had their logger before and after', () => {
    const { lines, log } = logged();
    const clock = new VirtualClock();
    const before = log.child({ room: 'a' }).child({ part: 'b' });
    const keeper = new LogLevelKeeper(log, clock);
    before.info('quiet');
    expect(keeper.set('debug', 60_000)).toEqual({ level: 'debug', until: clock.now() + 60_000 });
    before.debug('told');
    log.child({ room: 'c' }).debug('told too');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['the log level was set', 'told', 'told too']);
    clock.advance(60_000);
    before.info('quiet again');
    expect(lines).toHaveLength(3);
    expect(keeper.state).toEqual({ level: 'warn', until: null });
  });

  it('goes back after a day at the latest, and at once when asked', () => {
    const { log } = logged();
    const clock = new VirtualClock();
    const keeper = new LogLevelKeeper(log, clock);
    keeper.set('trace', 9e9);
    keeper.set('info', 9e9);
    clock.advance(LOG_LEVEL_MOST_MS);
    expect(log.level).toBe('warn');
    keeper.set('error', 1_000);
    expect(keeper.reset()).toEqual({ level: 'warn', until: null });
  });
});
