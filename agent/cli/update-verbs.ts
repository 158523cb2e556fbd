import { statSync } from 'node:fs';
import { resolve as absolute } from 'node:path';
import type { Command } from 'commander';
import type { UpdateAnswer } from '../local-api/index.ts';
import { type ApiResult, getJson, postJson, putFile } from './api-client.ts';
import { EXIT } from './exit-codes.ts';
import type { LanShow } from './lan-verbs.ts';
import type { LineCall } from './line-verbs.ts';
import { pause } from './repeat.ts';
import { rowLines } from './screen.ts';
import { updateLine, updateScreen, updateVerdict } from './screens/update.ts';
import { clean } from './text.ts';

/** A signature over a file on a slow stick takes its time. */
const PROVE_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 1_000;

interface InstallOptions {
  readonly now?: boolean;
  readonly allowOlder?: boolean;
  readonly detach?: boolean;
}

/** `engawa update`, `engawa update status|install|rollback`. */
export function addUpdateVerbs(
  describe: (name: string) => Command,
  callOf: (command: Command) => LineCall,
  show: LanShow,
  finish: (code: number) => void,
): void {
  for (const name of ['update', 'update status']) {
    describe(name).action(async (_options, command: Command) =>
      finish(await show<UpdateAnswer>(command, '/v1/update', updateScreen, updateVerdict)),
    );
  }
  describe('update install').action(
    async (file: string | undefined, options: InstallOptions, command: Command) =>
      finish(await install(callOf(command), file, options)),
  );
  describe('update rollback').action(async (_options, command: Command) => {
    const call = callOf(command);
    finish(await told(call, await postJson<UpdateAnswer>(call.socket, '/v1/update/rollback', {})));
  });
}

async function install(call: LineCall, file: string | undefined, options: InstallOptions): Promise<number> {
  const { socket } = call;
  const now = options.now === true;
  if (file === undefined) {
    if (!now) {
      call.io.err('engawa: which bundle? Or --now, to restart into what is installed.\n');
      return EXIT.usage;
    }
    return told(call, await postJson<UpdateAnswer>(socket, '/v1/update/now', {}));
  }
  const body = { now, allowOlder: options.allowOlder === true };
  const path = absolute(file);
  const begun = await handOver(call, path, body);
  if (begun === undefined) return EXIT.noSuchThing;
  if (!begun.ok) return call.refused(begun.error);
  if (options.detach === true || call.json) return told(call, begun);
  return follow(call, begun.value);
}

/** The bytes go through the socket, as the agent may not read where a stick is mounted; on a full disk it reads the file itself. */
async function handOver(
  { socket, io }: LineCall,
  path: string,
  body: object,
): Promise<ApiResult<UpdateAnswer> | undefined> {
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size;
  if (sizeBytes === undefined) {
    io.err(`engawa: there is no file ${clean(path)}.\n`);
    return undefined;
  }
  const put = await putFile(socket, '/v1/update/file', path, sizeBytes);
  const full = !put.ok && put.error.refusal === 'update.space';
  if (!put.ok && !full) return put;
  const wish = full ? { ...body, path } : body;
  return postJson<UpdateAnswer>(socket, '/v1/update/install', wish, PROVE_LIMIT_MS);
}

/** Stays until the box restarts, or nothing happens before something else does. */
async function follow(call: LineCall, begun: UpdateAnswer): Promise<number> {
  const { io, socket, look } = call;
  let said = '';
  for (let answer = begun; ; ) {
    const line = updateLine(answer);
    if (line !== said) io.out(`${rowLines({ verdict: '--', name: 'update', say: line }, look).join('\n')}\n`);
    said = line;
    const { report } = answer.update;
    switch (report?.state.at) {
      case 'failed':
      case 'rolledBack':
        return EXIT.fault;
      case 'done':
      case 'restarting':
      case 'probation':
        return EXIT.good;
      case 'waiting':
        // A call ends by itself; the night is not waited for.
        if (report.state.for !== 'call') return EXIT.good;
    }
    await pause(io.signal, LOOK_EVERY_MS);
    if (io.signal.aborted) return EXIT.good;
    const next = await getJson<UpdateAnswer>(socket, '/v1/update');
    if (!next.ok) return call.refused(next.error);
    answer = next.value;
  }
}

async function told({ io, json, look, refused }: LineCall, answer: ApiResult<UpdateAnswer>): Promise<number> {
  if (!answer.ok) return refused(answer.error);
  if (json) io.out(`${JSON.stringify(answer.value, null, 2)}\n`);
  else io.out(`${updateScreen(answer.value, look).join('\n')}\n`);
  return EXIT.good;
}
