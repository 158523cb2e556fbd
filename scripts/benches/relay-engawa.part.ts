import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaClient } from '../../agent/media/index.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { createLog } from '../../lib/base/log.ts';
import type { SrtpKeys } from '../../lib/voice/srtp/suites.ts';
import type { LoadOrder, MeasuredRelay } from './relay-order.part.ts';

const READY_MS = 20_000;

/** The box's own media process, without a board, commanded over its socket as the agent does. */
export class EngawaRelay implements MeasuredRelay {
  readonly name: string;
  readonly host: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'engawa-relay-'));
  readonly #child: ChildProcess;
  readonly #client: MediaClient;
  readonly #keys: SrtpKeys | undefined;
  #connected: () => void = () => {};
  #sessions: string[] = [];

  private constructor(host: string, srtp: SrtpKeys | undefined) {
    this.name = srtp === undefined ? 'engawa' : 'engawa, SRTP';
    this.host = host;
    this.#keys = srtp;
    const socketPath = join(this.#folder, 'media.sock');
    const flags = ['--device', join(this.#folder, 'none'), '--socket', socketPath, '--host', host];
    this.#child = spawn(
      process.execPath,
      ['--import', 'tsx', 'agent/media/main.ts', ...flags, '--follow-stdin', '--log-level', 'error'],
      { cwd: join(import.meta.dirname, '..', '..'), stdio: ['pipe', 'ignore', 'inherit'] },
    );
    this.#client = new MediaClient({
      socketPath,
      clock: systemClock,
      log: createLog('bench', 'silent'),
      onConnected: () => this.#connected(),
      onEvent: () => {},
      onLost: () => {},
    });
  }

  static async start(host: string, srtp?: SrtpKeys): Promise<EngawaRelay> {
    const relay = new EngawaRelay(host, srtp);
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('the media process is not ready')), READY_MS);
      relay.#connected = () => {
        clearTimeout(limit);
        resolve();
      };
      relay.#client.start();
    });
    return relay;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get srtp(): LoadOrder['srtp'] {
    return this.#keys === undefined ? undefined : { load: this.#keys.remote, relay: this.#keys.local };
  }

  async call(host: string, ports: readonly number[]): Promise<readonly number[]> {
    const own: number[] = [];
    for (const [index, port] of ports.entries()) {
      const session = `bench-${index}`;
      const opened = await this.#client.request({
        type: 'rtpOpen',
        session,
        localHost: this.host,
        note: 'bench',
      });
      if (!opened.ok) throw new Error(opened.error.say);
      own.push(opened.value.localPort);
      this.#sessions.push(session);
      const to = { host, port, payloadType: 0, dtmfPayloadType: 101, srtp: this.#keys };
      const done = await this.#client.request({ type: 'rtpConnect', session, ...to });
      if (!done.ok) throw new Error(done.error.say);
      const other = `bench-${index - 1}`;
      if (index % 2 === 1) await this.#client.request({ type: 'bridge', session, other });
    }
    return own;
  }

  async hangUp(): Promise<void> {
    for (const session of this.#sessions) await this.#client.request({ type: 'rtpClose', session });
    this.#sessions = [];
  }

  /** Resident memory and heap of the process, in bytes. */
  async figures(): Promise<{ readonly rssBytes: number; readonly heapBytes: number }> {
    const answered = await this.#client.request({ type: 'figures' });
    if (!answered.ok) throw new Error(answered.error.say);
    return { rssBytes: answered.value.rssBytes, heapBytes: answered.value.heapBytes };
  }

  async stop(): Promise<void> {
    this.#client.stop();
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
