import { type Command, InvalidArgumentError } from 'commander';
import { type BoxCommand, boxCommand } from '../../lib/contract/command.ts';
import type { Ask } from './verbs.ts';

/** What the service answers to a command. */
interface Done {
  readonly told: string | null;
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
