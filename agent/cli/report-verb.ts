import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { systemClock } from '../../lib/base/clock.ts';
import { examine } from './doctor/index.ts';
import { EXIT } from './exit-codes.ts';
import type { CliIo } from './io.ts';
import { boxPaths } from './paths.ts';
import { makeBundle } from './report/index.ts';
import { type Look, rowLines, spoken } from './screen.ts';
import { clean, japanTime } from './text.ts';

/** What `engawa report` is given. */
export interface ReportCall {
  readonly io: CliIo;
  readonly socket: string;
  readonly look: Look;
  readonly options: { readonly json?: boolean; readonly state?: string };
}

/** `engawa report [FILE]`: writes the bundle, readable by its writer only; never over a file that is there. */
export async function report(call: ReportCall, file: string | undefined): Promise<number> {
  const { io, socket, look, options } = call;
  const json = options.json === true;
  const paths = boxPaths(options.state);
  if (!json) io.err(`${spoken('Looking at the box; this takes some seconds.', look)}\n`);
  const now = io.now();
  const doctor = await examine(paths, socket, { nowMs: now, elapsed: () => systemClock.monotonicMs() });
  const { gateway, gzip, files } = await makeBundle(paths, socket, doctor, now);
  const when = japanTime(now).replace(/[-:]/g, '').replace(' ', '-');
  const path = resolve(file ?? `engawa-report-${gateway}-${when}.tar.gz`);
  try {
    await writeFile(path, gzip, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const say = `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    if (json) io.out(document({ error: { code: 'cli.cannotWrite', say } }));
    io.err(`engawa: ${clean(say)}\n`);
    return EXIT.fault;
  }
  if (json) io.out(document({ report: { file: path, bytes: gzip.length, files } }));
  else io.out(`${screen(path, gzip.length, files.length, look).join('\n')}\n`);
  return EXIT.good;
}

function screen(path: string, bytes: number, files: number, look: Look): readonly string[] {
  const say =
    'Passwords and keys are taken out, telephone numbers are shortened. Read it before you send it.';
  return [
    ...rowLines({ verdict: 'OK', name: 'report', say: clean(path) }, look),
    ...rowLines({ verdict: '', name: '', say: `${bytes} bytes, ${files} files` }, look),
    ...rowLines({ verdict: '', name: '', say }, look),
  ];
}

function document(fields: object): string {
  return `${JSON.stringify({ v: 1, ...fields }, null, 2)}\n`;
}
