import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CAPTURE_LIMITS, type CaptureAnswer } from '../trace/index.ts';
import { type ApiFailure, type ApiResult, getFile, getJson, postJson } from './api-client.ts';
import type { Readers } from './describe.ts';
import { EXIT } from './exit-codes.ts';
import type { LineCall } from './line-verbs.ts';
import { rowLines } from './screen.ts';
import { captureScreen } from './screens/capture.ts';
import { clean } from './text.ts';
import { numberOf } from './trace-verb.ts';

/** Packing tens of megabytes on a small box takes its time. */
const SAVE_LIMIT_MS = 60_000;
/** More than a recorder keeps. */
const BUNDLE_MOST_BYTES = 64 * 1_048_576;

const EXIT_OF: Readonly<Record<string, number>> = {
  'capture.running': EXIT.refused,
  'capture.notRunning': EXIT.refused,
  'trace.tooMany': EXIT.refused,
  'capture.none': EXIT.noSuchThing,
  'capture.write': EXIT.fault,
};

/** `engawa capture`, `capture start|save|stop`. */
export function addCaptureVerbs(
  describe: (name: string, readers?: Readers) => Command,
  callOf: (command: Command) => LineCall,
  finish: (code: number) => void,
): void {
  const { keepMinutes, forMinutes } = CAPTURE_LIMITS;
  describe('capture').action(async (_options, command: Command) => {
    const call = callOf(command);
    finish(show(call, await getJson<CaptureAnswer>(call.socket, '/v1/capture')));
  });
  describe('capture start', {
    '--keep': numberOf('Minutes', keepMinutes.least, keepMinutes.most),
    '--for': numberOf('Minutes', forMinutes.least, forMinutes.most),
  }).action(async (options: { readonly keep?: number; readonly for?: number }, command: Command) => {
    const call = callOf(command);
    const body = {
      ...(options.keep === undefined ? {} : { keepMinutes: options.keep }),
      ...(options.for === undefined ? {} : { forMinutes: options.for }),
    };
    finish(show(call, await postJson<CaptureAnswer>(call.socket, '/v1/capture/start', body)));
  });
  describe('capture save').action(
    async (file: string | undefined, options: { readonly bundle?: string }, command: Command) =>
      finish(await save(callOf(command), file, options.bundle)),
  );
  describe('capture stop').action(async (_options, command: Command) => {
    const call = callOf(command);
    finish(show(call, await postJson<CaptureAnswer>(call.socket, '/v1/capture/stop', {})));
  });
}

function show(call: LineCall, answer: ApiResult<CaptureAnswer>): number {
  if (!answer.ok) return refused(call, answer.error);
  const { io, json, look } = call;
  if (json) io.out(`${JSON.stringify(answer.value, null, 2)}\n`);
  else io.out(`${captureScreen(answer.value, io.now(), look).join('\n')}\n`);
  return EXIT.good;
}

async function save(call: LineCall, file: string | undefined, wanted: string | undefined): Promise<number> {
  const { socket, io, json, look } = call;
  const saved =
    wanted === undefined
      ? await postJson<CaptureAnswer>(socket, '/v1/capture/save', {}, SAVE_LIMIT_MS)
      : undefined;
  if (saved !== undefined && !saved.ok) return refused(call, saved.error);
  const name = wanted ?? saved?.value.saved ?? '';
  if (file === undefined && saved !== undefined) return show(call, saved);
  const path = resolve(file ?? name);
  const fetched = await getFile(socket, `/v1/capture/bundles/${encodeURIComponent(name)}`, BUNDLE_MOST_BYTES);
  if (!fetched.ok) return refused(call, fetched.error);
  const bytes = fetched.value ?? Buffer.alloc(0);
  try {
    await writeFile(path, bytes, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const say = `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    if (json) io.out(`${JSON.stringify({ v: 1, error: { code: 'cli.cannotWrite', say } })}\n`);
    io.err(`engawa: ${clean(say)}\n`);
    return EXIT.fault;
  }
  if (json) {
    io.out(
      `${JSON.stringify({ v: 1, capture: { file: path, bytes: bytes.length, bundle: name } }, null, 2)}\n`,
    );
    return EXIT.good;
  }
  const rows = [
    { verdict: 'OK' as const, name: 'capture', say: clean(path) },
    { verdict: '' as const, name: '', say: `${bytes.length} bytes` },
    { verdict: '' as const, name: '', say: "It is somebody's talk: delete it after use." },
  ];
  io.out(`${rows.flatMap((row) => rowLines(row, look)).join('\n')}\n`);
  return EXIT.good;
}

function refused(call: LineCall, failure: ApiFailure): number {
  const exit = failure.refusal === undefined ? undefined : EXIT_OF[failure.refusal];
  if (exit === undefined) return call.refused(failure);
  const say = failure.say.replace(/^The agent refuses: /, '');
  if (call.json) call.io.out(`${JSON.stringify({ v: 1, error: { ...failure, code: failure.refusal } })}\n`);
  call.io.err(`engawa: ${clean(say)}\n`);
  return exit;
}
