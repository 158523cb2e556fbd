import { type Command, InvalidArgumentError } from 'commander';
import type { DrillAnswer } from '../local-api/index.ts';
import { type ApiFailure, type ApiResult, getJson, postJson } from './api-client.ts';
import type { Readers } from './describe.ts';
import { EXIT } from './exit-codes.ts';
import type { LineCall } from './line-verbs.ts';
import { pause } from './repeat.ts';
import { drillScreen, drillVerdict, nextLine } from './screens/drill.ts';

const POLL_MS = 500;
/** Beside the time that the links are cut: what the way down and back may take, and an order that an emergency call holds up. */
const BESIDE_MS = 300_000;

const REFUSED = ['drill.running', 'drill.emergency', 'drill.notRunning', 'drill.nothing'];

/** `engawa drill`, `engawa drill outage 60s` and `engawa drill stop`. */
export function addDrillVerbs(
  describe: (name: string, readers?: Readers) => Command,
  callOf: (command: Command) => LineCall,
  finish: (code: number) => void,
): void {
  describe('drill').action(async (_options, command: Command) => finish(await show(callOf(command))));
  describe('drill outage', { duration: secondsOf }).action(
    async (seconds: number | undefined, options: { readonly at?: string }, command: Command) =>
      finish(await outage(callOf(command), seconds, options.at)),
  );
  describe('drill stop').action(async (_options, command: Command) =>
    finish(
      await told(callOf(command), await postJson(callOf(command).socket, '/v1/drill/stop', {}, POST_MS)),
    ),
  );
}

const POST_MS = 5_000;

async function show(call: LineCall): Promise<number> {
  const answer = await getJson<DrillAnswer>(call.socket, '/v1/drill');
  if (!answer.ok) return call.refused(answer.error);
  print(call, answer.value);
  return drillVerdict(answer.value) === 'FAIL' ? EXIT.fault : EXIT.good;
}

async function outage(call: LineCall, seconds: number | undefined, at: string | undefined): Promise<number> {
  const body = { ...(seconds === undefined ? {} : { seconds }), ...(at === undefined ? {} : { at }) };
  const begun = await postJson<DrillAnswer>(call.socket, '/v1/drill/outage', body, POST_MS);
  if (!begun.ok) return refused(call, begun.error);
  if (at !== undefined) return told(call, begun);
  const before = begun.value.reports[0]?.startedAt ?? 0;
  if (!call.json) call.io.out(`${nextLine(begun.value, call.look)}\n`);
  const limitMs = (begun.value.seconds ?? 60) * 1_000 + BESIDE_MS;
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += POLL_MS) {
    await pause(call.io.signal, POLL_MS);
    if (call.io.signal.aborted) {
      call.io.err('engawa: the drill goes on by itself. End it:  engawa drill stop\n');
      return EXIT.good;
    }
    const answer = await getJson<DrillAnswer>(call.socket, '/v1/drill');
    // An agent that is restarted in its drill tells of it when it is back.
    if (!answer.ok || answer.value.at !== 'idle') continue;
    const [report] = answer.value.reports;
    if (report === undefined || report.startedAt <= before) continue;
    print(call, answer.value);
    return report.verdict === 'OK' ? EXIT.good : EXIT.fault;
  }
  call.io.err('engawa: the drill has not reported in time. See:  engawa drill\n');
  return EXIT.timeOut;
}

function told(call: LineCall, answer: ApiResult<DrillAnswer>): number {
  if (!answer.ok) return refused(call, answer.error);
  if (call.json) call.io.out(`${JSON.stringify(answer.value)}\n`);
  else call.io.out(`${nextLine(answer.value, call.look)}\n`);
  return EXIT.good;
}

function refused(call: LineCall, failure: ApiFailure): number {
  const code = call.refused(failure);
  const { refusal } = failure;
  if (refusal === 'api.badRequest') return EXIT.usage;
  return refusal !== undefined && REFUSED.includes(refusal) ? EXIT.refused : code;
}

function print(call: LineCall, answer: DrillAnswer): void {
  if (call.json) call.io.out(`${JSON.stringify(answer)}\n`);
  else for (const line of drillScreen(answer, call.look)) call.io.out(`${line}\n`);
}

/** `60`, `60s`, `2m`. */
function secondsOf(text: string): number {
  const [, digits = '', unit = 's'] = /^([0-9]{1,4})(s|m)?$/.exec(text) ?? [];
  if (digits === '') throw new InvalidArgumentError('a time such as 60s or 2m.');
  return Number(digits) * (unit === 'm' ? 60 : 1);
}
