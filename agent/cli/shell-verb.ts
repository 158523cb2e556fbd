import { request } from 'node:http';
import type { Command } from 'commander';
import type { CliIo } from './io.ts';
import type { LineCall } from './line-verbs.ts';
import { spoken } from './screen.ts';
import { shellHere } from './shell/index.ts';

/** Flags for all that the shell was started with: every verb in it gets them. */
interface Common {
  readonly state?: string;
  readonly socket?: string;
  readonly lang?: string;
  readonly color?: string | false;
  readonly plain?: boolean;
}

const WORDS_LIMIT_MS = 200;
const WORDS_LIMIT_BYTES = 65_536;

/** `engawa shell` */
export function addShellVerb(
  describe: (name: string) => Command,
  callOf: (command: Command) => LineCall,
  run: (words: readonly string[], io: CliIo) => Promise<number>,
  finish: (code: number) => void,
): void {
  describe('shell').action(async (_options, command: Command) => {
    const { io, socket, look } = callOf(command);
    const common = commonFlags(command.optsWithGlobals<Common>());
    finish(
      await shellHere(
        io,
        (words, inner) => run([...words, ...common], inner),
        (what) => liveWords(socket, what),
        spoken('A verb and Enter; ? shows all, Tab completes, exit leaves.', look),
      ),
    );
  });
}

function commonFlags({ state, socket, lang, color, plain }: Common): readonly string[] {
  return [
    ...(state === undefined ? [] : ['--state', state]),
    ...(socket === undefined ? [] : ['--socket', socket]),
    ...(lang === undefined ? [] : ['--lang', lang]),
    ...(color === false ? ['--no-color'] : color === undefined ? [] : ['--color', color]),
    ...(plain === true ? ['--plain'] : []),
  ];
}

/** What only the agent knows; nothing where it does not answer at once. */
function liveWords(socketPath: string, what: string): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const path = `/v1/words/${what}`;
    const sent = request({ socketPath, path, agent: false, timeout: WORDS_LIMIT_MS }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        if (text.length > WORDS_LIMIT_BYTES) response.destroy();
      });
      response.on('error', () => resolve([]));
      response.on('end', () => resolve(response.statusCode === 200 ? text.split('\n').filter(Boolean) : []));
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve([]));
    sent.end();
  });
}
