import { readFile, rm } from 'node:fs/promises';
import type { LineMeasurement } from '../../hal/board.ts';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { MediaClient, MediaEvent } from '../media/index.ts';
import type { MediaCommand, ToneName } from '../media/protocol.ts';
import type { CallStatus, LineStatus } from '../status.ts';
import {
  type Begun,
  type LineTest,
  type LineTools,
  type Recording,
  TEST_RINGS,
  type TestRing,
  type ToolRefusal,
} from './types.ts';
import { judgeLine } from './verdict.ts';

/** A board measures in well under a second. */
const MEASURE_LIMIT_MS = 5_000;
/** Recordings that nobody takes are thrown away: they are somebody's talk. */
const KEEP_RECORDING_MS = 120_000;
/** Numbers that nothing may cut into, with 184 or 186 in front or not. */
const EMERGENCY = /^(184|186)?(110|118|119)$/;

export interface TechnicianOptions {
  readonly media: Pick<MediaClient, 'request' | 'connected'>;
  readonly clock: Clock;
  lines(): readonly LineStatus[];
  calls(): readonly CallStatus[];
  /** Why there is no board; undefined when there is one. */
  boardDown(): string | undefined;
}

type Recorded = Extract<MediaEvent, { readonly event: 'captured' }>;

/** See {@link LineTools}. Asks the media process, which ends everything by itself even when the agent does not live. */
export class Technician implements LineTools {
  readonly #options: TechnicianOptions;
  readonly #measuring = new Map<number, (result: LineMeasurement | undefined) => void>();
  readonly #recordings = new Map<number, { readonly forMs: number; done: Recorded | undefined }>();
  readonly #timers = new Map<number, Timer>();

  constructor(options: TechnicianOptions) {
    this.#options = options;
  }

  /** What the media process says; the rest of it is not for here. */
  event(event: MediaEvent): void {
    if (event.event === 'measured') this.#measuring.get(event.port)?.(event.result);
    else if (event.event === 'captured') void this.#captured(event);
  }

  async test(port: number, force: boolean): Promise<Result<LineTest, ToolRefusal>> {
    const free = this.#free(port, force);
    if (!free.ok) return free;
    if (this.#measuring.has(port)) return no('line.running', `Line ${port} is being tested already.`);
    const measured = await this.#measure(port);
    return measured.ok ? ok(judgeLine(port, this.#options.clock.now(), measured.value)) : measured;
  }

  async tone(
    port: number,
    tone: ToneName,
    forMs: number,
    force: boolean,
  ): Promise<Result<Begun, ToolRefusal>> {
    const probe = { play: 'tone', tone } as const;
    return this.#probe({ type: 'probe', port, probe, forMs }, forMs, force, `hears ${tone}`);
  }

  async loopback(port: number, forMs: number, force: boolean): Promise<Result<Begun, ToolRefusal>> {
    const probe = { play: 'loopback' } as const;
    return this.#probe({ type: 'probe', port, probe, forMs }, forMs, force, 'hears its own voice');
  }

  async ring(port: number, ring: TestRing, forMs: number): Promise<Result<Begun, ToolRefusal>> {
    const free = this.#free(port, false);
    if (!free.ok) return free;
    if (free.value.state !== 'onHook') {
      return no('line.hook', `Line ${port} is off hook; a lifted phone cannot ring.`);
    }
    const cadence = TEST_RINGS[ring];
    return this.#begin({ type: 'ring', port, cadence, forMs }, port, forMs, 'rings');
  }

  async stop(port: number): Promise<Result<Begun, ToolRefusal>> {
    const known = this.#known(port);
    if (!known.ok) return known;
    // The ringing of a call is not ours to end.
    if (callOn(port, this.#options.calls()) === undefined) await this.#ask({ type: 'ringStop', port });
    if (this.#recordings.get(port)?.done === undefined) await this.#ask({ type: 'captureStop', port });
    return this.#begin({ type: 'probe', port, probe: null }, port, 0, 'is as before');
  }

  async capture(
    port: number,
    forMs: number,
    law: 'pcm' | 'ulaw',
    force: boolean,
  ): Promise<Result<Begun, ToolRefusal>> {
    const free = this.#free(port, force);
    if (!free.ok) return free;
    const begun = await this.#begin({ type: 'capture', port, forMs, law }, port, forMs, 'is recorded');
    if (begun.ok) {
      await this.#forget(port);
      this.#recordings.set(port, { forMs, done: undefined });
    }
    return begun;
  }

  async recording(port: number): Promise<Result<Recording, ToolRefusal>> {
    const held = this.#recordings.get(port);
    if (held === undefined) return no('line.nothing', `Nothing is recorded on line ${port}.`);
    if (held.done === undefined) return ok({ at: 'running', forMs: held.forMs });
    const { file, recordedMs, say } = held.done;
    if (file === null) {
      await this.#forget(port);
      return no('line.nothing', say);
    }
    try {
      const wav = await readFile(file);
      return ok({ at: 'done', wav, recordedMs, say });
    } catch (error) {
      return no('line.nothing', `The recording cannot be read: ${String(error)}`);
    } finally {
      await this.#forget(port);
    }
  }

  /** Recordings are thrown away, and whoever waits is told. */
  async close(): Promise<void> {
    for (const done of this.#measuring.values()) done(undefined);
    for (const port of [...this.#recordings.keys()]) await this.#forget(port);
  }

  #known(port: number): Result<LineStatus, ToolRefusal> {
    const down = this.#options.media.connected ? this.#options.boardDown() : 'The media process is away.';
    if (down !== undefined) return no('line.noBoard', down);
    const line = this.#options.lines().find((each) => each.port === port);
    return line === undefined ? no('line.none', `This box has no line ${port}.`) : ok(line);
  }

  /** Whether something may be done to the line. */
  #free(port: number, force: boolean): Result<LineStatus, ToolRefusal> {
    const known = this.#known(port);
    if (!known.ok) return known;
    const call = callOn(port, this.#options.calls());
    if (call === undefined) return known;
    const other = call.direction === 'in' ? call.from : call.to;
    if (EMERGENCY.test(call.to) || EMERGENCY.test(call.from)) {
      return no('line.emergency', `Line ${port} is in an emergency call (${other}). Nothing cuts into that.`);
    }
    if (force) return known;
    return no(
      'line.inCall',
      `Line ${port} is ${call.state} (${other || 'no number'}). This would cut into it.`,
    );
  }

  async #probe(
    command: MediaCommand,
    forMs: number,
    force: boolean,
    say: string,
  ): Promise<Result<Begun, ToolRefusal>> {
    const { port } = command as { readonly port: number };
    const free = this.#free(port, force);
    if (!free.ok) return free;
    const lift = free.value.state === 'onHook' ? '; lift the handset to hear it' : '';
    return this.#begin(command, port, forMs, `${say}${lift}`);
  }

  async #begin(
    command: MediaCommand,
    port: number,
    forMs: number,
    say: string,
  ): Promise<Result<Begun, ToolRefusal>> {
    const told = await this.#ask(command);
    return told.ok ? ok({ port, forMs, say: `Line ${port} ${say}.` }) : told;
  }

  async #ask(command: MediaCommand): Promise<Result<unknown, ToolRefusal>> {
    const answer = await this.#options.media.request(command);
    if (answer.ok) return ok(answer.value);
    const { code, say } = answer.error;
    switch (code) {
      case 'media.boardDown':
      case 'media.boardBusy':
      case 'media.notConnected':
      case 'media.lost':
        return no('line.noBoard', say);
      case 'media.noPort':
        return no('line.none', say);
      case 'media.lineOffHook':
        return no('line.hook', say);
      case 'media.captureRunning':
        return no('line.running', say);
      case 'media.timeout':
        return no('line.timeout', say);
      default:
        return no('line.refused', say);
    }
  }

  async #measure(port: number): Promise<Result<LineMeasurement, ToolRefusal>> {
    const measured = new Promise<LineMeasurement | undefined>((resolve) => {
      this.#measuring.set(port, resolve);
    });
    const limit = this.#options.clock.after(MEASURE_LIMIT_MS, 'technician measure', () =>
      this.#measuring.get(port)?.(undefined),
    );
    const told = await this.#ask({ type: 'measure', port });
    const result = told.ok ? await measured : undefined;
    limit.cancel();
    this.#measuring.delete(port);
    if (!told.ok) return told;
    if (result !== undefined) return ok(result);
    return no('line.timeout', `The board did not measure line ${port} within ${MEASURE_LIMIT_MS / 1_000} s.`);
  }

  async #captured(event: Recorded): Promise<void> {
    const held = this.#recordings.get(event.port);
    if (held === undefined) {
      // Of an agent before us: nobody will ask for it.
      if (event.file !== null) await rm(event.file, { force: true });
      return;
    }
    held.done = event;
    const timer = this.#options.clock.after(KEEP_RECORDING_MS, 'technician recording', () => {
      void this.#forget(event.port);
    });
    this.#timers.set(event.port, timer);
  }

  async #forget(port: number): Promise<void> {
    this.#timers.get(port)?.cancel();
    this.#timers.delete(port);
    const held = this.#recordings.get(port);
    this.#recordings.delete(port);
    if (held?.done?.file) await rm(held.done.file, { force: true });
  }
}

function callOn(port: number, calls: readonly CallStatus[]): CallStatus | undefined {
  return calls.find((call) => call.line === port && call.state !== 'ended');
}

function no(code: ToolRefusal['code'], say: string): Result<never, ToolRefusal> {
  const fault = code === 'line.noBoard' || code === 'line.timeout' ? 'environment' : 'caller';
  return refuse({ code, fault, say });
}
