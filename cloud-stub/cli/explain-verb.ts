import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Explanation } from '../api/index.ts';
import type { Ask } from './verbs.ts';
import { momentIn } from './when.ts';

const MS_PER_S = 1_000;
const CALLERS = ['fixed', 'mobile', 'ip050', 'payphone', 'international', 'satellite'];
const MEDIA = ['voice', 'video', 'highQualityAudio', 'dataConnect'];

interface Common {
  readonly talk?: number;
  readonly at?: string;
  readonly media?: string;
}

interface OutOptions extends Common {
  readonly mode?: string;
  readonly abroad?: boolean;
  readonly client?: { readonly os: string; readonly version: string };
}

interface InOptions extends Common {
  readonly withheld: boolean;
  readonly origin?: string;
  readonly chargeArea?: string;
  readonly prefecture?: string;
}

/** `explain out` and `explain in`: a call that nobody makes. */
export function addExplain(program: Command, ask: Ask): void {
  const explain = program
    .command('explain')
    .description('what would happen to a call, why, and what it would cost');
  const question = (body: object, { talk, at }: Common): Promise<void> =>
    ask(
      'POST',
      '/explain',
      { ...body, ...(talk === undefined ? {} : { talkMs: Math.round(talk * MS_PER_S) }), ...present({ at }) },
      (value) => explanationText(value as Explanation),
    );
  common(explain.command('out <id> <number>').description('an ID calls a number'))
    .addOption(
      new Option('--mode <mode>', 'of an 050 number: over the internet or the mobile line').choices([
        'ip',
        'mobile',
      ]),
    )
    .option('--abroad', 'the device is outside Japan')
    .option(
      '--client <os:version>',
      'the app that calls: android, ios, pc or featurePhone, as in ios:17.1',
      client,
    )
    .action((id: string, dialled: string, options: OutOptions) => {
      const { mode, abroad, media, client: app } = options;
      const manner = present({ mode, abroad, media, client: app });
      return question({ direction: 'out', id, dialled, ...filled('manner', manner) }, options);
    });
  common(
    explain
      .command('in <from> <to>')
      .description('somebody outside calls a number of the service; "" is a caller without a number'),
  )
    .option('--withheld', 'the caller hides the number', false)
    .addOption(new Option('--origin <class>', 'the kind of line, as the network says it').choices(CALLERS))
    .option('--charge-area <name>', 'where the call is from, as the network says it: 相模原')
    .option('--prefecture <name>', 'the same, for mobile callers: 神奈川県')
    .action((from: string, to: string, options: InOptions) => {
      const { withheld, origin: callerClass, chargeArea, prefecture, media } = options;
      const origin = present({ callerClass, chargeArea, prefecture });
      const call = {
        direction: 'in',
        from,
        to,
        withheld,
        ...filled('origin', origin),
        ...present({ media }),
      };
      return question(call, options);
    });
}

function common(command: Command): Command {
  return command
    .addOption(new Option('--media <media>', 'what the call is to carry').choices(MEDIA))
    .option('--talk <seconds>', 'also what a call of this length costs', seconds)
    .option('--at <time>', 'at this time, with the contract as it was then: 2026-11-26T12:00+09:00', moment);
}

function seconds(text: string): number {
  const found = Number(text);
  if (text.trim() !== '' && Number.isFinite(found) && found >= 0) return found;
  throw new InvalidArgumentError('A number of seconds, such as 200.');
}

function client(text: string): NonNullable<OutOptions['client']> {
  const [, os, version] = /^(android|ios|pc|featurePhone):(.{1,40})$/.exec(text) ?? [];
  if (os !== undefined && version !== undefined) return { os, version };
  throw new InvalidArgumentError('android, ios, pc or featurePhone with a version, such as ios:17.1.');
}

function present(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function filled(name: string, fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.keys(fields).length === 0 ? {} : { [name]: fields };
}

function moment(text: string): string {
  const at = momentIn(text);
  if (at === undefined)
    throw new InvalidArgumentError('a time such as 2026-11-26T12:00, which is one in Japan.');
  return new Date(at).toISOString();
}

function explanationText({ text, pays, price, legs }: Explanation): string {
  const lines = [...text, `pays   ${pays}`];
  if (price !== null) lines.push(...priceLines(price));
  for (const leg of legs)
    lines.push(`leg    ${leg.to}, if it answers: paid by the office`, ...priceLines(leg.price));
  return `${lines.join('\n')}\n`;
}

function priceLines(price: NonNullable<Explanation['price']>): readonly string[] {
  if (!price.ok) return [`price  ${price.say}`];
  return price.trace.map(
    ({ say, facts }) =>
      `price  ${say}${[...new Set(facts)]
        .filter((fact) => !say.includes(`[${fact}]`))
        .map((fact) => ` [${fact}]`)
        .join('')}`,
  );
}
