import { type Command, InvalidArgumentError } from 'commander';
import { parseMac } from '../../lib/net/mac-address.ts';
import type { PhoneAnswer, PhonesAnswer } from '../local-api/index.ts';
import { type ApiFailure, type ApiResult, getJson, postJson } from './api-client.ts';
import { type CliIo, EXIT } from './io.ts';
import { AGAIN, type LanShow } from './lan-verbs.ts';
import { repeat } from './repeat.ts';
import { phoneScreen, phonesScreen, phonesVerdict, phoneVerdict } from './screens/phones.ts';
import { clean } from './text.ts';

/** What a verb of one phone is given. */
export interface PhoneCall {
  readonly io: CliIo;
  readonly socket: string;
  readonly json: boolean;
  readonly colours: boolean;
  /** Says why there is no answer, in the way of all verbs. */
  refused(failure: ApiFailure): number;
}

/** A phone that is told has some seconds to answer. */
const TELL_LIMIT_MS = 12_000;

const EXIT_OF: Readonly<Record<string, number>> = {
  'phone.none': EXIT.noSuchThing,
  'phone.minutes': EXIT.usage,
  'phone.notSetUp': EXIT.refused,
  'phone.notTold': EXIT.timeOut,
  'phone.noLan': EXIT.noHardware,
  'api.notAMac': EXIT.usage,
  'api.badRequest': EXIT.usage,
};

/** `engawa phones`, `engawa phone MAC`, `engawa approve MAC`, `engawa reprovision MAC`. */
export function addPhoneVerbs(
  program: Command,
  callOf: (command: Command) => PhoneCall,
  show: LanShow,
  finish: (code: number) => void,
): void {
  const verb = (name: string, about: string, example: string): Command =>
    program
      .command(name)
      .description(about)
      .allowExcessArguments(false)
      .addHelpText('after', `\nExample:\n  ${example}`);
  const one = (name: string, about: string, example: string): Command =>
    verb(name, about, example).argument('<mac>', 'hardware address, as on its label', macOf);
  verb('phones', 'desk phones: state, last file, and devices that look like one', 'engawa phones')
    .option('-w, --watch', AGAIN)
    .action(async (_options, command: Command) =>
      finish(await show<PhonesAnswer>(command, '/v1/phones', phonesScreen, phonesVerdict)),
    );
  one(
    'phone',
    'one desk phone: model, firmware, registration, why it was refused',
    'engawa phone C0:74:AD:2B:D8:59',
  )
    .option('-w, --watch', AGAIN)
    .action(async (mac: string, options: { readonly watch?: boolean }, command: Command) => {
      const call = callOf(command);
      const ask = () => getJson<PhoneAnswer>(call.socket, `/v1/phones/${mac}`);
      finish(options.watch === true ? await watched(call, ask) : shown(call, await ask()));
    });
  one('approve', 'lets a phone before you fetch its password, once', 'engawa approve C0:74:AD:2B:D8:59')
    .option('--for <minutes>', 'how long it may, from 5 to 10', minutesOf, 5)
    .option('-w, --watch', 'shows then what it does, until Ctrl-C')
    .action(
      async (mac: string, options: { readonly for: number; readonly watch?: boolean }, command: Command) => {
        const call = callOf(command);
        const path = `/v1/phones/${mac}/approve`;
        const body = { minutes: options.for };
        const opened = await postJson<PhoneAnswer>(call.socket, path, body, TELL_LIMIT_MS);
        const ask = () => getJson<PhoneAnswer>(call.socket, `/v1/phones/${mac}`);
        finish(opened.ok && options.watch === true ? await watched(call, ask) : shown(call, opened));
      },
    );
  one('reprovision', 'tells a phone to fetch its files again', 'engawa reprovision C0:74:AD:2B:D8:59').action(
    async (mac: string, _options, command: Command) => {
      const call = callOf(command);
      const path = `/v1/phones/${mac}/reprovision`;
      finish(shown(call, await postJson<PhoneAnswer>(call.socket, path, {}, TELL_LIMIT_MS)));
    },
  );
}

async function watched(call: PhoneCall, ask: () => Promise<ApiResult<PhoneAnswer>>): Promise<number> {
  const { io, json, colours } = call;
  const gone = await repeat(io, { ask, json, screen: (answer) => phoneScreen(answer, colours) });
  return gone === undefined ? EXIT.good : refused(call, gone);
}

function shown(call: PhoneCall, answer: ApiResult<PhoneAnswer>): number {
  if (!answer.ok) return refused(call, answer.error);
  if (call.json) call.io.out(`${JSON.stringify(answer.value, null, 2)}\n`);
  else call.io.out(`${phoneScreen(answer.value, call.colours).join('\n')}\n`);
  return phoneVerdict(answer.value) === 'WARN' ? EXIT.fault : EXIT.good;
}

function refused(call: PhoneCall, failure: ApiFailure): number {
  const exit = failure.refusal === undefined ? undefined : EXIT_OF[failure.refusal];
  if (exit === undefined) return call.refused(failure);
  if (call.json)
    call.io.out(`${JSON.stringify({ v: 1, error: { ...failure, code: failure.refusal } }, null, 2)}\n`);
  call.io.err(`engawa: ${clean(failure.say.replace(/^The agent refuses: /, ''))}\n`);
  return exit;
}

function macOf(text: string): string {
  const mac = parseMac(text);
  if (mac !== undefined) return mac;
  throw new InvalidArgumentError('Write it as on the label: C0:74:AD:2B:D8:59.');
}

function minutesOf(text: string): number {
  const value = Number(text);
  if (value >= 5 && value <= 10) return value;
  throw new InvalidArgumentError('Minutes are a number from 5 to 10.');
}
