import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A run of sipp, the independent SIP peer. */
export interface SippRun {
  /** Resolves with sipp's exit code (0: every call went as its scenario says) and what it wrote. */
  readonly done: Promise<{ readonly code: number | null; readonly output: string }>;
  stop(): void;
}

/** Starts sipp for one call. `scenario` is its XML; without it name a built-in one in `args` (`-sn uac`). */
export async function runSipp(args: readonly string[], scenario?: string): Promise<SippRun> {
  const folder = await mkdtemp(join(tmpdir(), 'engawa-sipp-'));
  const file = join(folder, 'scenario.xml');
  if (scenario !== undefined) await writeFile(file, scenario);
  const given = scenario === undefined ? args : ['-sf', file, ...args];
  const child: ChildProcess = spawn(
    'sipp',
    [
      ...given,
      '-m',
      '1',
      '-nostdin',
      '-timeout',
      '20',
      '-timeout_error',
      '-trace_err',
      '-error_file',
      join(folder, 'errors'),
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TERM: 'dumb' } },
  );
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString('latin1')).slice(-20_000);
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const done = new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      rm(folder, { recursive: true, force: true }).then(() => resolve({ code, output }), reject);
    });
  });
  return { done, stop: () => child.kill('SIGKILL') };
}

/** One `<send>` of a scenario; `retrans` for what sipp must repeat over UDP. */
export function sippSend(message: string, options = ''): string {
  return `<send ${options}><![CDATA[\n\n${message.trim()}\n\n]]></send>\n`;
}

/** A whole scenario from its steps. */
export function sippScenario(name: string, steps: readonly string[]): string {
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="${name}">\n${steps.join('\n')}\n</scenario>\n`;
}

/** A plain PCMU offer in sipp's keywords. */
export const SIPP_SDP = `v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000`;
