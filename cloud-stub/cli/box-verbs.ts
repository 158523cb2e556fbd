import { type Command, InvalidArgumentError } from 'commander';
import { type BoxCommand, boxCommand } from '../../lib/contract/command.ts';
import { type ConfigChange, changeLine } from '../../lib/contract/config-diff.ts';
import type { BoxEvent, BoxView } from '../store/index.ts';
import type { Ask } from './verbs.ts';
import { inJapan } from './when.ts';

/** What the service answers to a command. */
interface Done {
  readonly told: string | null;
}

/** `warnings`, `events`, `diff`: what boxes tell of themselves, and what their configurations changed. */
export function addBoxViews(program: Command, ask: Ask): void {
  program
    .command('warnings <contract>')
    .description('what is wrong with the boxes of a contract now, whom it hurts and what to do')
    .action((contract: string) =>
      ask('GET', `/contracts/${encodeURIComponent(contract)}/boxes`, undefined, (value) =>
        warningLines((value as { boxes: readonly BoxView[] }).boxes),
      ),
    );
  program
    .command('events <contract>')
    .description('warnings of the boxes that came or went, newest first')
    .action((contract: string) =>
      ask('GET', `/contracts/${encodeURIComponent(contract)}/events`, undefined, (value) =>
        eventLines((value as { events: readonly BoxEvent[] }).events),
      ),
    );
  program
    .command('diff <gateway>')
    .description(
      'what a revision of its configuration changed; by default the newest, against the one that runs',
    )
    .option('--from <revision>', 'the earlier one')
    .option('--to <revision>', 'the later one')
    .action((gateway: string, options: { from?: string; to?: string }) => {
      const query = new URLSearchParams(Object.entries(options));
      const path = `/gateways/${encodeURIComponent(gateway)}/config-diff?${query.toString()}`;
      return ask('GET', path, undefined, (value) => diffLines(value as Diff));
    });
}

/** Each box, and under it what is wrong with it. */
export function warningLines(boxes: readonly BoxView[]): string {
  if (boxes.length === 0) return 'no boxes\n';
  return boxes
    .flatMap(({ gateway, online, state }) => {
      const warnings = state?.warnings ?? [];
      const there = online ? 'online' : 'offline: as it was when it told last';
      const head =
        state === null
          ? `--    ${gateway}  has told nothing yet`
          : `OK    ${gateway}  ${there}, nothing wrong`;
      if (warnings.length === 0) return [head];
      return [
        `WARN  ${gateway}  ${there}`,
        ...warnings.flatMap(({ code, severity, say, means, remedy, since, lines, calls }) => {
          const hurt = [
            ...(lines.length === 0 ? [] : [`lines ${lines.join(' ')}`]),
            ...(calls.length === 0 ? [] : [`calls ${calls.join(' ')}`]),
          ].join(', ');
          const mark = severity === 'error' ? 'FAIL' : severity === 'info' ? 'INFO' : 'WARN';
          return [
            `${mark}    ${code}  since ${inJapan(since)}  ${say === '' ? means : say}`,
            ...(hurt === '' ? [] : [`        hurts ${hurt}`]),
            `        ${remedy}`,
          ];
        }),
      ];
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** One event a line. */
export function eventLines(events: readonly BoxEvent[]): string {
  if (events.length === 0) return 'nothing came or went\n';
  return events
    .map(({ gateway, at, raised, warning }) => {
      const what = raised ? warning.say || warning.means : 'is over';
      return `${inJapan(at)}  ${gateway}  ${raised ? '+' : '-'} ${warning.code}  ${what}\n`;
    })
    .join('');
}

interface Diff {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly ConfigChange[];
}

/** One change a line. */
export function diffLines({ from, to, changes }: Diff): string {
  const head = `revision ${from} → ${to}\n`;
  if (changes.length === 0) return `${head}  no difference\n`;
  return `${head}${changes.map((change) => `  ${changeLine(change)}\n`).join('')}`;
}

/** `box …`: what a gateway is to do at once. Each verb ends when the box has said that it did, or why not. */
export function addBoxVerbs(program: Command, ask: Ask): void {
  const box = program.command('box').description('has a gateway do something at once');
  const send = (gateway: string, command: unknown, render: (told: string | null) => string): Promise<void> =>
    ask('POST', `/gateways/${encodeURIComponent(gateway)}/commands`, checked(program, command), (value) =>
      render((value as Done).told),
    );
  box
    .command('resync <gateway>')
    .description('has it tell everything once more, and sends it its configuration again')
    .action((gateway: string) =>
      send(gateway, { do: 'resync' }, () => `${gateway} tells everything once more.\n`),
    );
  box
    .command('line-test <gateway> <port>')
    .description('measures an analog line')
    .option('--force', 'also while it is in use; an emergency call is never cut into', false)
    .action((gateway: string, port: string, options: { force: boolean }) =>
      send(gateway, { do: 'lineTest', port: Number(port), force: options.force }, pretty),
    );
  box
    .command('capture <gateway>')
    .description('keeps what is spoken, without secrets, in one file on the box')
    .option('--keep <minutes>', 'how much of the past it keeps, 1 to 15', minutes, 5)
    .option('--for <minutes>', 'when it ends and writes the file, 1 to 60', minutes, 10)
    .action((gateway: string, options: { keep: number; for: number }) => {
      const command = { do: 'capture', keepMinutes: options.keep, forMinutes: options.for };
      const say = `${gateway} records; in ${options.for} min the file is on the box (engawa capture).\n`;
      return send(gateway, command, () => say);
    });
  box
    .command('log-level <gateway> <level>')
    .description('another log level for a while: trace, debug, info, warn, error, or usual')
    .option('--program <name>', 'agent, media or all', 'all')
    .option('--for <minutes>', 'until it is the usual one again, 1 to 120', minutes, 15)
    .action((gateway: string, level: string, options: { program: string; for: number }) => {
      const wanted = level === 'usual' ? null : level;
      const { program: name, for: forMinutes } = options;
      return send(gateway, { do: 'logLevel', program: name, level: wanted, minutes: forMinutes }, pretty);
    });
  box
    .command('restart <gateway>')
    .description('starts its agent anew; answered calls go on, an emergency call holds it off')
    .action((gateway: string) => send(gateway, { do: 'restart' }, () => `${gateway} starts anew.\n`));
}

function checked(program: Command, command: unknown): BoxCommand {
  const parsed = boxCommand.safeParse(command);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return program.error(`error: ${issue?.path.join('.') ?? 'the command'}: ${issue?.message ?? 'wrong'}.`);
}

function minutes(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a number of minutes.');
  return value;
}

/** What the box found, as it said it. */
function pretty(told: string | null): string {
  if (told === null) return 'done\n';
  try {
    return `${JSON.stringify(JSON.parse(told), null, 2)}\n`;
  } catch {
    return `${told}\n`;
  }
}
