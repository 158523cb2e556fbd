import { type Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../../lib/base/clock.ts';
import { parseMac } from '../../lib/net/mac-address.ts';
import {
  TRACE_KINDS,
  TRACE_LIMITS,
  type TraceEnd,
  type TraceKind,
  type TraceMessage,
  type TracePulse,
  tracedOf,
} from '../trace/index.ts';
import { agentVersion } from '../version.ts';
import { followJson } from './api-client.ts';
import type { Readers } from './describe.ts';
import { EXIT } from './exit-codes.ts';
import type { LineCall } from './line-verbs.ts';
import { spoken } from './screen.ts';
import { TraceScreen } from './screens/trace.ts';
import { clean } from './text.ts';
import { TraceFile } from './trace-file.ts';

const MEGABYTE = 1_000_000;
const NOTHING_LOST = { rate: 0, slow: 0, media: 0 };

interface TraceOptions {
  readonly file?: string;
  readonly call?: string;
  readonly line?: number;
  readonly phone?: string;
  readonly peer?: string;
  readonly for?: number;
  readonly rate?: number;
  readonly size?: number;
  readonly secrets?: boolean;
}

/** How a trace went. */
interface Outcome {
  seen: number;
  lost: TracePulse['lost'];
  end: TraceEnd | 'file' | undefined;
}

/** `engawa trace sip|rtp|dhcp|mqtt`. */
export function addTraceVerb(
  describe: (name: string, readers?: Readers) => Command,
  callOf: (command: Command) => LineCall,
  finish: (code: number) => void,
): void {
  const { seconds, perSecond } = TRACE_LIMITS;
  const readers: Readers = {
    '--line': numberOf('A line', 1, 8),
    '--phone': macOf,
    '--for': numberOf('Seconds', seconds.least, seconds.most),
    '--rate': numberOf('Messages a second', perSecond.least, perSecond.most),
    '--size': numberOf('Megabytes', 1, TRACE_LIMITS.bytes.most / MEGABYTE),
  };
  describe('trace', readers).action(
    async (words: readonly string[], options: TraceOptions, command: Command) =>
      finish(await trace(callOf(command), words, options)),
  );
}

async function trace(call: LineCall, words: readonly string[], options: TraceOptions): Promise<number> {
  const kinds = kindsOf(words);
  if (kinds === undefined) {
    const say = `What is traced is one or several of ${TRACE_KINDS.join(', ')}.`;
    if (call.json) call.io.out(`${JSON.stringify({ v: 1, error: { code: 'cli.usage', say } })}\n`);
    call.io.err(`engawa: ${say}\n`);
    return EXIT.usage;
  }
  const { file } = options;
  const opened = file === undefined ? undefined : TraceFile.open(file, about());
  if (opened !== undefined && !opened.ok) {
    if (call.json) call.io.out(`${JSON.stringify({ v: 1, error: opened.error })}\n`);
    call.io.err(`engawa: ${clean(opened.error.say)}\n`);
    return EXIT.fault;
  }
  return follow(call, pathOf(kinds, options), kinds, opened?.value);
}

async function follow(
  call: LineCall,
  path: string,
  kinds: readonly TraceKind[],
  file: TraceFile | undefined,
): Promise<number> {
  const { io, look, json } = call;
  const screen = new TraceScreen(kinds, look);
  const outcome: Outcome = { seen: 0, lost: NOTHING_LOST, end: undefined };
  const lines = (shown: readonly string[]): void => {
    if (!json && shown.length > 0) io.out(`${shown.join('\n')}\n`);
  };
  if (file === undefined) lines(screen.head());
  else if (!json) io.err(`${spoken('Recording until Ctrl-C or the limit of time and size.', look)}\n`);
  const failure = await followJson(call.socket, path, io.signal, (value) => {
    const line = value as TraceMessage | TracePulse;
    const traced = tracedOf(line);
    if (traced === undefined) {
      takePulse(outcome, line as TracePulse);
      if (file === undefined && !json) lines(screen.second(line.at));
      return outcome.end === undefined;
    }
    outcome.seen++;
    if (file === undefined) {
      if (json) io.out(`${JSON.stringify(line)}\n`);
      else lines(screen.message(traced));
      return true;
    }
    const fault = file.write(traced);
    if (fault === undefined) return true;
    outcome.end = 'file';
    io.err(`engawa: ${clean(fault)}\n`);
    return false;
  });
  const bytes = file?.close({ atMs: systemClock.now(), seen: outcome.seen, lost: outcome.lost });
  if (failure !== undefined) {
    file?.removeEmpty(outcome.seen);
    if (failure.refusal !== 'call.none') return call.refused(failure);
    if (json) io.out(`${JSON.stringify({ v: 1, error: failure })}\n`);
    io.err(`engawa: ${clean(failure.say)}\n`);
    return EXIT.noSuchThing;
  }
  if (json) io.out(`${JSON.stringify({ v: 1, trace: documentOf(outcome, file?.path, bytes) })}\n`);
  else lines(screen.end({ ...outcome, file: file?.path, bytes }));
  return outcome.end === 'file' ? EXIT.fault : EXIT.good;
}

function takePulse(outcome: Outcome, pulse: TracePulse): void {
  outcome.lost = pulse.lost;
  outcome.end = pulse.end;
}

function documentOf(outcome: Outcome, file: string | undefined, bytes: number | undefined): object {
  const { seen, lost, end } = outcome;
  return { seen, lost, end: end ?? 'stopped', ...(file === undefined ? {} : { file, bytes }) };
}

function pathOf(kinds: readonly TraceKind[], options: TraceOptions): string {
  const query = new URLSearchParams({ kinds: kinds.join(',') });
  const { call, line, phone, peer, rate, size } = options;
  const given: Readonly<Record<string, string | number | undefined>> = {
    ...{ call, line, phone, peer, rate },
    seconds: options.for,
    bytes: size === undefined ? undefined : size * MEGABYTE,
    secrets: options.secrets === true ? 'yes' : undefined,
  };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return `/v1/trace?${query}`;
}

function kindsOf(words: readonly string[]): readonly TraceKind[] | undefined {
  const kinds = TRACE_KINDS.filter((kind) => words.includes(kind));
  return kinds.length > 0 && words.every((word) => kinds.some((kind) => kind === word)) ? kinds : undefined;
}

function about(): { readonly box: string; readonly program: string } {
  return { box: 'Engawa gateway', program: `engawa ${agentVersion()}` };
}

function macOf(text: string): string {
  const mac = parseMac(text);
  if (mac !== undefined) return mac;
  throw new InvalidArgumentError('A hardware address is written as on the label: C0:74:AD:2B:D8:59.');
}

/** A whole number within limits. */
export function numberOf(what: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`${what} is a number from ${least} to ${most}.`);
  };
}
