import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addRolloutVerbs } from '../../../cloud-stub/cli/rollout-verbs.ts';
import { rolloutRequest } from '../../../cloud-stub/rollout/plan.ts';

/** What `rollout start` asks of the service. */
async function asked(...flags: readonly string[]): Promise<unknown> {
  const requests: unknown[] = [];
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addRolloutVerbs(program, async (_method, _path, body) => void requests.push(body));
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) command.exitOverride();
  await program.parseAsync(['rollout', 'start', '1.2.0', ...flags], { from: 'user' });
  return requests[0];
}

describe('rollout start', () => {
  it('asks for nothing that was not said', async () => {
    expect(await asked()).toEqual({ version: '1.2.0', scope: { kind: 'all' } });
  });

  it('asks for a restart at any time, for all and for one contract', async () => {
    const request = await asked(
      '--window',
      'any',
      '--window-of',
      'c-000001=any',
      '--window-of',
      'c-000002=22:30-01:00',
    );
    expect(rolloutRequest.parse(request)).toEqual({
      ...{ version: '1.2.0', scope: { kind: 'all' }, window: null },
      windows: { 'c-000001': null, 'c-000002': { fromMinute: 1_350, toMinute: 60 } },
    });
  });

  it('understands sizes, times and shares as its help writes them', async () => {
    const request = await asked(
      ...[
        '--gateway',
        'gw-000001',
        '--waves',
        '2,12.5%',
        '--soak',
        '90s',
        '--rate',
        '5',
        '--abort-at',
        '10%',
      ],
      ...['--window', '02:00-05:00', '--lead', '20h', '--older', '--note', 'slowly'],
    );
    expect(rolloutRequest.parse(request)).toMatchObject({
      scope: { kind: 'gateways', gateways: ['gw-000001'] },
      waves: [
        { kind: 'boxes', boxes: 2 },
        { kind: 'percent', percent: 12.5 },
      ],
      ...{ soakMs: 90_000, leadMs: 72_000_000, allowOlder: true, note: 'slowly' },
      rate: { perMinute: 5, growBy: 2, growEvery: 50, mostPerMinute: 100 },
      abort: { sharePercent: 10, least: 5 },
      window: { fromMinute: 120, toMinute: 300 },
    });
  });

  it.each([
    ['--window', '2:00-5:00', /Times of Japan such as 02:00-05:00, or any/],
    ['--window', '24:00-05:00', /Times of Japan/],
    ['--window-of', '02:00-05:00', /Written as c-000001=02:00-05:00/],
    ['--soak', '30', /A number with s, m, h or d/],
    ['--waves', '1;5', /Written as 1,5%,25%/],
    ['--abort-at', '0', /A share of a hundred/],
  ])('refuses %s %s with words', async (flag, text, words) => {
    await expect(asked(flag, text)).rejects.toThrow(words);
  });
});
