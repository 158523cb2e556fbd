import { type Command, InvalidArgumentError } from 'commander';
import { parseMac } from '../../lib/net/mac-address.ts';
import type { PhoneAnswer, PhonesAnswer } from '../local-api/index.ts';
import { type ApiFailure, type ApiResult, getJson, postJson } from './api-client.ts';
import type { Readers } from './describe.ts';
import { EXIT } from './exit-codes.ts';
import type { CliIo } from './io.ts';
import type { LanShow } from './lan-verbs.ts';
import { repeat } from './repeat.ts';
import type { Look } from './screen.ts';
import { phoneScreen, phonesScreen, phonesVerdict, phoneVerdict } from './screens/phones.ts';
import { clean } from './text.ts';

/** What a verb of one phone is given. */
export interface PhoneCall {
  readonly io: CliIo;
  readonly socket: string;
  readonly json: boolean;
  readonly look: Look;
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

const USUAL_MINUTES = 5;

/** `engawa phones`, `engawa phone MAC`, `engawa approve MAC`, `engawa reprovision MAC`. */
export function addPhoneVerbs(
  describe: (name: string, readers?: Readers) => Command,
  callOf: (command: Command) => PhoneCall,
  show: LanShow,
  finish: (code: number) => void,
): void {
  const mac = macOf;
  describe('phones').action(async (_options, command: Command) =>
    finish(await show<PhonesAnswer>(command, '/v1/phones', phonesScreen, phonesVerdict)),
  );
  describe('phone', { mac }).action(
    async (address: string, options: { readonly watch?: boolean }, command: Command) => {
      const call = callOf(command);
      const ask = () => getJson<PhoneAnswer>(call.socket, `/v1/phones/${address}`);
      finish(options.watch === true ? await watched(call, ask) : shown(call, await ask()));
    },
  );
  describe('approve', { mac, '--for': minutesOf }).action(
    async (
      address: string,
      options: { readonly for?: number; readonly watch?: boolean },
      command: Command,
    ) => {
      const call = callOf(command);
      const path = `/v1/phones/${address}/approve`;
      const body = { minutes: options.for ?? USUAL_MINUTES };
      const opened = await postJson<PhoneAnswer>(call.socket, path, body, TELL_LIMIT_MS);
      const ask = () => getJson<PhoneAnswer>(call.socket, `/v1/phones/${address}`);
      finish(opened.ok && options.watch === true ? await watched(call, ask) : shown(call, opened));
    },
  );
  describe('reprovision', { mac }).action(async (address: string, _options, command: Command) => {
    const call = callOf(command);
    const path = `/v1/phones/${address}/reprovision`;
    finish(shown(call, await postJson<PhoneAnswer>(call.socket, path, {}, TELL_LIMIT_MS)));
  });
}

async function watched(call: PhoneCall, ask: () => Promise<ApiResult<PhoneAnswer>>): Promise<number> {
  const { io, json, look } = call;
  const gone = await repeat(io, { ask, json, screen: (answer) => phoneScreen(answer, look) });
  return gone === undefined ? EXIT.good : refused(call, gone);
}

function shown(call: PhoneCall, answer: ApiResult<PhoneAnswer>): number {
  if (!answer.ok) return refused(call, answer.error);
  if (call.json) call.io.out(`${JSON.stringify(answer.value, null, 2)}\n`);
  else call.io.out(`${phoneScreen(answer.value, call.look).join('\n')}\n`);
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
