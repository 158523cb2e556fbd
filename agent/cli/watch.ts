import type { WatchLine } from '../local-api/index.ts';
import { type ApiFailure, followJson } from './api-client.ts';
import type { CliIo } from './io.ts';
import type { Look } from './screen.ts';
import { changeLines } from './screens/changes.ts';

/** Prints every change until `io.signal`; the raw lines with `options.json`. Resolves with the reason when the agent went away. */
export async function runWatch(
  io: CliIo,
  socket: string,
  options: { readonly json: boolean; readonly look: Look },
): Promise<ApiFailure | undefined> {
  let before: WatchLine | undefined;
  return followJson(socket, '/v1/watch', io.signal, (value) => {
    if (!isWatchLine(value)) return true;
    if (options.json) io.out(`${JSON.stringify(value)}\n`);
    else for (const line of changeLines(before, value, options.look)) io.out(`${line}\n`);
    before = value;
    return true;
  });
}

function isWatchLine(value: unknown): value is WatchLine {
  return typeof value === 'object' && value !== null && 'v' in value && value.v === 1 && 'status' in value;
}
