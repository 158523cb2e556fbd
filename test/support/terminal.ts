import { type ChildProcess, spawn } from 'node:child_process';

/** Somebody at a terminal of 80 columns: a real pty, a command in it, and what stands on the screen. */
export class Terminal {
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  #screen = '';
  #seen = 0;

  /** `command` is split at blanks. */
  constructor(command: string, env: Readonly<Record<string, string>> = {}) {
    const run = `EXEC:${command},pty,setsid,ctty,stderr,sane,echo=1,onlcr=0`;
    this.#child = spawn('socat', ['-t', '2', '-', run], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, COLUMNS: '80', TERM: 'vt100', ...env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#screen += chunk.toString('utf8').replaceAll('\r', '');
      });
    this.ended = new Promise((resolve) => this.#child.on('exit', (code) => resolve(code ?? -1)));
  }

  /** Everything that was on the screen. */
  get screen(): string {
    return this.#screen;
  }

  /** Waits until it says so, behind what was waited for before. */
  async says(what: string, limitMs = 60_000): Promise<void> {
    const until = performance.now() + limitMs;
    for (;;) {
      const at = this.#screen.indexOf(what, this.#seen);
      if (at >= 0) {
        this.#seen = at + what.length;
        return;
      }
      if (performance.now() > until || this.#child.exitCode !== null)
        throw new Error(`the terminal does not say "${what}" in:\n${this.#screen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Presses keys, as they are. */
  press(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  close(): void {
    this.#child.kill();
  }
}
