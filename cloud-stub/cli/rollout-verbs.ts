import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { KeptRelease, RolloutRequest, RolloutView, WholeRollout } from '../rollout/index.ts';
import { releaseLines, rolloutLines, rolloutScreen } from './rollout-text.ts';
import type { Ask } from './verbs.ts';

/** When boxes restart. The library makes an empty text of a value that is null, so the word stays a word until the request. */
type Window = NonNullable<RolloutRequest['window']> | 'any';

/** `release add|list|remove`: systems that boxes may be updated to. */
export function addReleaseVerbs(program: Command, ask: Ask): void {
  const release = program.command('release').description('systems that boxes may be updated to');
  release
    .command('add <file>')
    .description('takes a signed bundle in; the service copies it')
    .option('--release-version <version>', 'what its version is; must be what the bundle says')
    .option('--compatible <kind>', 'which kind of box it is for; must be what the bundle says')
    .action((file: string, options: { releaseVersion?: string; compatible?: string }) => {
      const { compatible, releaseVersion } = options;
      const word = {
        file: resolve(file),
        ...(releaseVersion === undefined ? {} : { version: releaseVersion }),
        ...(compatible === undefined ? {} : { compatible }),
      };
      return ask('POST', '/releases', word, (value) => releaseLines([value as KeptRelease]));
    });
  release
    .command('list')
    .description('every release')
    .action(() =>
      ask('GET', '/releases', undefined, (value) =>
        releaseLines((value as { releases: readonly KeptRelease[] }).releases),
      ),
    );
  release
    .command('remove <version>')
    .description('takes away one that no rollout needs')
    .action((version: string) =>
      ask('POST', `/releases/${encodeURIComponent(version)}/removal`, {}, () => `${version} is gone\n`),
    );
}

interface StartOptions {
  readonly contract?: readonly string[];
  readonly gateway?: readonly string[];
  readonly waves?: NonNullable<RolloutRequest['waves']>;
  readonly soak?: number;
  readonly rate?: number;
  readonly most?: number;
  readonly window?: Window;
  readonly windowOf?: Readonly<Record<string, Window>>;
  readonly lead?: number;
  readonly abortAt?: number;
  readonly least?: number;
  readonly silent?: number;
  readonly patience?: number;
  readonly older: boolean;
  readonly note?: string;
}

/** `rollout start|show|list|pause|resume|abort`: brings boxes to a release, in waves. */
export function addRolloutVerbs(program: Command, ask: Ask): void {
  const rollout = program.command('rollout').description('brings boxes to a release, in waves');
  const screen = (value: unknown): string => rolloutScreen(value as WholeRollout);
  rollout
    .command('start <version>')
    .description(
      'begins one, for all boxes unless some are named; it follows an earlier one for the same boxes',
    )
    .option('--contract <id>', 'for the boxes of this contract; may be repeated', listed)
    .option('--gateway <id>', 'for this box; may be repeated', listed)
    .option(
      '--waves <sizes>',
      'how many boxes each wave brings it to: 1,5%,25% if not said; the rest follows',
      waves,
    )
    .option('--soak <time>', 'nothing is ordered for so long after a wave: 30m if not said', duration)
    .option('--rate <boxes>', 'orders a minute at first: 10 if not said; doubles with each 50 done', count)
    .option('--most <boxes>', 'orders a minute at most: 100 if not said', count)
    .option('--window <times>', 'when boxes restart, in Japan: 02:00-05:00 if not said, or any', window)
    .option('--window-of <contract=times>', 'the same for one contract; may be repeated', windowOf)
    .option('--lead <time>', 'orders go out so long before the window: 30m if not said', duration)
    .option('--abort-at <percent>', 'given up when so many went wrong: 5 if not said', percent)
    .option('--least <boxes>', '… of at least so many, or at the end of a wave: 5 if not said', count)
    .option(
      '--silent <time>',
      'a box in the middle of it may say nothing for so long: 2h if not said',
      duration,
    )
    .option('--patience <time>', 'a wave waits for one box no longer: 26h if not said', duration)
    .option('--older', 'boxes that run something newer go back to it', false)
    .option('--note <text>', 'for those who look later')
    .action((version: string, options: StartOptions) =>
      ask('POST', '/rollouts', requestOf(program, version, options), screen),
    );
  rollout
    .command('list')
    .description('every rollout, oldest first')
    .action(() =>
      ask('GET', '/rollouts', undefined, (value) =>
        rolloutLines((value as { rollouts: readonly RolloutView[] }).rollouts),
      ),
    );
  rollout
    .command('show <rollout>')
    .description('how far it is, what is under way, what went wrong')
    .action((id: string) => ask('GET', `/rollouts/${encodeURIComponent(id)}`, undefined, screen));
  const CHANGES = {
    pause: 'orders nothing more for now; boxes that have not restarted stand still',
    resume: 'goes on with a paused one',
    abort: 'gives it up for good',
  } as const;
  for (const [verb, about] of Object.entries(CHANGES)) {
    rollout
      .command(`${verb} <rollout>`)
      .description(about)
      .option('--why <text>', 'for those who look later')
      .action((id: string, { why }: { why?: string }) =>
        ask('POST', `/rollouts/${encodeURIComponent(id)}/${verb}`, why === undefined ? {} : { why }, screen),
      );
  }
}

function requestOf(program: Command, version: string, options: StartOptions): RolloutRequest {
  const { contract, gateway, least, most, older, rate } = options;
  if (contract !== undefined && gateway !== undefined) {
    program.error('error: name contracts or gateways, not both.');
  }
  const perMinute = rate ?? 10;
  const given = {
    ...{ waves: options.waves, soakMs: options.soak, window: windowIn(options.window) },
    windows: windowsIn(options.windowOf),
    ...{ leadMs: options.lead, silentMs: options.silent, patienceMs: options.patience, note: options.note },
    rate:
      rate === undefined && most === undefined
        ? undefined
        : { perMinute, growBy: 2, growEvery: 50, mostPerMinute: most ?? Math.max(100, perMinute) },
    abort:
      options.abortAt === undefined && least === undefined
        ? undefined
        : { sharePercent: options.abortAt ?? 5, least: least ?? 5 },
  };
  return {
    version,
    scope:
      contract !== undefined
        ? { kind: 'contracts', contracts: [...contract] }
        : gateway !== undefined
          ? { kind: 'gateways', gateways: [...gateway] }
          : { kind: 'all' },
    ...(older ? { allowOlder: true } : {}),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

function windowIn(window: Window | undefined) {
  return window === 'any' ? null : window;
}

function windowsIn(windows: StartOptions['windowOf']): RolloutRequest['windows'] {
  if (windows === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(windows).map(([contract, at]) => [contract, at === 'any' ? null : at]),
  );
}

function listed(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** `1,5%,25%` */
function waves(text: string): NonNullable<RolloutRequest['waves']> {
  return text.split(',').map((each) => {
    const [, number = '', sign] = /^([0-9]+(?:\.[0-9]+)?)(%?)$/.exec(each.trim()) ?? [];
    if (number === '') throw new InvalidArgumentError('Written as 1,5%,25%.');
    return sign === '%'
      ? { kind: 'percent', percent: Number(number) }
      : { kind: 'boxes', boxes: Number(number) };
  });
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m` in milliseconds. */
function duration(text: string): number {
  const [, number, unit = ''] = /^([0-9]+)([smhd])$/.exec(text) ?? [];
  const unitMs = UNITS[unit];
  if (number === undefined || unitMs === undefined) {
    throw new InvalidArgumentError('A number with s, m, h or d, such as 30m.');
  }
  return Number(number) * unitMs;
}

/** `02:00-05:00`, or `any`. */
function window(text: string): Window {
  if (text === 'any') return text;
  const found = /^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(text);
  if (found === null) throw new InvalidArgumentError('Times of Japan such as 02:00-05:00, or any.');
  const [fromHour, from, toHour, to] = found.slice(1).map(Number);
  return { fromMinute: minuteOf(fromHour, from), toMinute: minuteOf(toHour, to) };
}

function minuteOf(hour = 0, minute = 0): number {
  return hour * 60 + minute;
}

function windowOf(
  text: string,
  before: Readonly<Record<string, Window>> = {},
): Readonly<Record<string, Window>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Written as c-000001=02:00-05:00.');
  return { ...before, [text.slice(0, at)]: window(text.slice(at + 1)) };
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A number from 1 on.');
  return value;
}

function percent(text: string): number {
  const value = Number(text.replace(/%$/, ''));
  if (!(value > 0 && value <= 100)) throw new InvalidArgumentError('A share of a hundred, such as 5.');
  return value;
}
