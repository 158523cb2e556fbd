import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzip } from 'node:zlib';
import { type Clock, instant, type Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import { japanDateTime } from '../../lib/base/japan-time.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type TarFile, tar } from '../../lib/base/tar.ts';
import { wavFile } from '../media/index.ts';
import { logTails } from './box-logs.ts';
import { fileEnd, fileHead, filePacket, retime } from './capture-file.ts';
import { CaptureRing } from './capture-ring.ts';
import { soundTrack } from './sound-track.ts';
import { TimeOfDay } from './time-of-day.ts';
import type { HeardSound, TraceRoom, TraceRun } from './trace-room.ts';
import { TRACE_KINDS } from './traced.ts';

/** How much of the past is kept, and for how long a recorder runs. */
export const CAPTURE_LIMITS = {
  keepMinutes: { least: 1, usual: 5, most: 15 },
  /** Then it writes what there is, and ends. A recorder that is forgotten ends after a day. */
  forMinutes: { least: 1, most: 24 * 60 },
  bytes: 32_000_000,
  /** Bundles on the disk of the box; the oldest goes first. */
  bundles: 5,
} as const;

const MINUTE_MS = 60_000;
const PACKETS_PER_SECOND = 5_000;
/** `engawa-capture-20261122-140231.tar.gz` */
const BUNDLE_NAME = /^engawa-capture-\d{8}-\d{6}(?:-\d+)?\.tar\.gz$/;

/** What a recorder is told. */
export interface CaptureOrder {
  readonly keepMinutes: number;
  /** Ends by itself after this long, with a bundle; absent: only when it is told, or after a day. */
  readonly forMinutes?: number | undefined;
}

/** A bundle on the box. */
export interface BundleView {
  readonly name: string;
  readonly bytes: number;
  readonly at: number;
}

/** How the recorder stands. */
export interface CaptureView {
  readonly running: {
    readonly keepMinutes: number;
    readonly startedAt: number;
    readonly endsAt: number;
    /** Epoch ms of the oldest that is kept. */
    readonly since: number | null;
    readonly messages: number;
    readonly bytes: number;
    /** What the recorder did not see, or had no room for. */
    readonly lost: number;
  } | null;
  readonly bundles: readonly BundleView[];
}

export interface CaptureOptions {
  readonly room: TraceRoom;
  readonly clock: Clock;
  readonly log: Logger;
  /** For bundles. */
  readonly folder: string;
  /** Where the programs of the box write their logs, if into files. */
  readonly logFolder: string;
  readonly box: string;
  readonly program: string;
  /** Documents beside the messages, by their name: status, lines, calls. */
  documents(): Readonly<Record<string, unknown>>;
}

interface Message {
  readonly written: Buffer;
  /** Monotonic. */
  readonly atMs: number;
  /** The time of day as it was known then. */
  readonly knownAt: number;
}

interface Running {
  readonly order: CaptureOrder;
  /** When it began; when it ends: `forMs` after. */
  readonly started: Pick<Message, 'atMs' | 'knownAt'>;
  readonly forMs: number;
  readonly packets: CaptureRing<Message>;
  readonly sound: CaptureRing<HeardSound>;
  readonly timer: Timer;
  run: TraceRun;
}

/**
 * Keeps the last minutes of everything that is spoken, and of what the lines say and hear, and writes it into one file when
 * it is told. Secrets are starred before they are kept.
 *
 * What is kept bears monotonic times only, and becomes a time of day when it is written or shown, by the clock as it is set then:
 * after NTP has set the clock of a box that started without the time, what came before stands where it truly was, and a file
 * has one line of time, without the jump. Two bundles of one capture may therefore differ in the time of the same message.
 */
export class CaptureRecorder {
  readonly #options: CaptureOptions;
  readonly #timeOfDay: TimeOfDay;
  #running: Running | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: CaptureOptions) {
    this.#options = options;
    this.#timeOfDay = new TimeOfDay(options.clock);
  }

  /** Begins to record. Errors: `capture.running`, `trace.tooMany`. */
  begin(order: CaptureOrder): Result<CaptureOrder, CodedError> {
    if (this.#running !== undefined) {
      const say = 'A capture already runs; save or stop it first.';
      return refuse({ code: 'capture.running', fault: 'caller', say });
    }
    const { clock, room, log } = this.#options;
    const keepMs = order.keepMinutes * MINUTE_MS;
    const forMs = (order.forMinutes ?? CAPTURE_LIMITS.forMinutes.most) * MINUTE_MS;
    // Half of the room for each: talk must not crowd out the one INVITE that explains it.
    const packets = new CaptureRing<Message>(keepMs, CAPTURE_LIMITS.bytes / 2);
    const sound = new CaptureRing<HeardSound>(keepMs, CAPTURE_LIMITS.bytes / 2);
    const begun = room.watch(
      {
        filter: { kinds: TRACE_KINDS },
        limits: {
          seconds: forMs / 1_000 + 60,
          bytes: Number.POSITIVE_INFINITY,
          perSecond: PACKETS_PER_SECOND,
        },
        ...{ secrets: false, sound: true },
      },
      {
        take(traced, atMs) {
          const written = filePacket('pcapng', traced);
          packets.push(atMs, written.length, { written, atMs, knownAt: traced.atMs });
          return true;
        },
        heard: (heard) => sound.push(heard.fromMs, heard.ear.length * 2, heard),
        ended: () => undefined,
      },
    );
    if (!begun.ok) return begun;
    const timer = clock.after(forMs, 'capture end', () => void this.#timeOver());
    this.#running = {
      ...{ order, started: { atMs: clock.monotonicMs(), knownAt: clock.now() }, forMs },
      ...{ packets, sound, timer, run: begun.value },
    };
    log.info(order, 'a capture began');
    return ok(order);
  }

  /** Writes what is kept into a bundle, and goes on. Errors: `capture.notRunning`, `capture.write`. */
  save(): Promise<Result<BundleView, CodedError>> {
    const running = this.#running;
    if (running === undefined) return Promise.resolve(notRunning());
    // One after the other: two at once would take the memory twice.
    const saved = this.#writing.then(() => this.#write(running));
    this.#writing = saved;
    return saved;
  }

  /** Ends it; what was kept is let go. */
  end(): Result<null, CodedError> {
    const running = this.#running;
    if (running === undefined) return notRunning();
    this.#running = undefined;
    running.timer.cancel();
    running.run.stop();
    this.#options.log.info('a capture ended');
    return ok(null);
  }

  async view(): Promise<CaptureView> {
    return { running: this.#viewOfRunning(), bundles: await this.bundles() };
  }

  /** Newest first. */
  async bundles(): Promise<readonly BundleView[]> {
    const { folder } = this.#options;
    const names = (await readdir(folder).catch(() => [])).filter((name) => BUNDLE_NAME.test(name));
    const views = await Promise.all(
      names.map(async (name) => {
        const found = await stat(join(folder, name)).catch(() => undefined);
        return found === undefined ? [] : [{ name, bytes: found.size, at: Math.round(found.mtimeMs) }];
      }),
    );
    return views.flat().sort((one, other) => other.at - one.at || (other.name > one.name ? 1 : -1));
  }

  /** Path of a bundle of that name, where there is one. */
  async pathOf(name: string): Promise<string | undefined> {
    const known = (await this.bundles()).some((bundle) => bundle.name === name);
    return known ? join(this.#options.folder, name) : undefined;
  }

  /** Ends without a bundle: the agent stops. */
  async stop(): Promise<void> {
    if (this.#running !== undefined) this.end();
    await this.#writing;
  }

  async #timeOver(): Promise<void> {
    await this.save();
    this.end();
  }

  #viewOfRunning(): CaptureView['running'] {
    const running = this.#running;
    if (running === undefined) return null;
    const { order, started, forMs, packets, sound, run } = running;
    const { rate, slow, media } = run.lost;
    const since = [packets.since, sound.since].filter((each) => each !== undefined);
    return {
      keepMinutes: order.keepMinutes,
      ...{ startedAt: this.#shown(started.atMs), endsAt: this.#shown(started.atMs + forMs) },
      since: since.length === 0 ? null : this.#shown(Math.min(...since)),
      messages: packets.length,
      bytes: packets.bytes + sound.bytes,
      lost: rate + slow + media + packets.crowdedOut + sound.crowdedOut,
    };
  }

  /** Whole epoch ms, as people and documents read it. */
  #shown(monotonicMs: number): number {
    return Math.round(this.#timeOfDay.at(monotonicMs));
  }

  async #write(running: Running): Promise<Result<BundleView, CodedError>> {
    const { clock, folder, log } = this.#options;
    const now = clock.now();
    try {
      const files = await this.#files(running, now);
      const bytes = await zipped(tar(files));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const name = await this.#freeName(now);
      await writeFile(join(folder, name), bytes, { mode: 0o600, flag: 'wx' });
      await this.#letGo();
      log.info({ file: name, bytes: bytes.length }, 'a capture was written');
      return ok({ name, bytes: bytes.length, at: now });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const say = `The capture cannot be written: ${why}`;
      return refuse({ code: 'capture.write', fault: 'environment', say });
    }
  }

  async #files(running: Running, now: number): Promise<readonly TarFile[]> {
    const { box, program, logFolder, documents } = this.#options;
    const { packets, sound, run, started } = running;
    const nowMs = this.#options.clock.monotonicMs();
    packets.forget(nowMs);
    sound.forget(nowMs);
    const { rate, slow, media } = run.lost;
    const lost = { rate, slow: slow + packets.crowdedOut, media };
    const kept = packets.items();
    const messages = Buffer.concat([
      fileHead('pcapng', { box, program }),
      ...this.#timed(kept),
      fileEnd('pcapng', { atMs: this.#timeOfDay.at(nowMs), seen: kept.length, lost }),
    ]);
    const file = (name: string, data: Buffer): TarFile => ({ name: `engawa-capture/${name}`, data, at: now });
    const about = {
      ...{ v: 1, box, program, at: now, startedAt: this.#shown(started.atMs) },
      ...{
        since: packets.since === undefined ? null : this.#shown(packets.since),
        messages: kept.length,
        lost: { ...lost, sound: sound.crowdedOut },
      },
    };
    const tails = await logTails(logFolder, this.#logsFrom(kept[0] ?? started));
    return [
      file('about.json', document(about)),
      file('messages.pcapng', messages),
      ...tracksOf(sound.items()).map(({ port, wav }) => file(`line-${port}.wav`, wav)),
      ...Object.entries(documents()).map(([name, value]) => file(`${name}.json`, document(value))),
      ...tails.map(({ program: name, text }) => file(`log/${name}.log`, text)),
    ];
  }

  /** Looks at the clock once for all of them: the times between two are as they were. */
  #timed(kept: readonly Message[]): readonly Buffer[] {
    const startOfTimeMs = this.#timeOfDay.at(0);
    return kept.map(({ written, atMs }) => {
      retime(written, startOfTimeMs + atMs);
      return written;
    });
  }

  /** A line of the journal bears the time that was known when it was written: when the clock was set since, an earlier one. */
  #logsFrom({ atMs, knownAt }: Pick<Message, 'atMs' | 'knownAt'>): number {
    return Math.min(knownAt, this.#timeOfDay.at(atMs));
  }

  async #freeName(now: number): Promise<string> {
    const when = japanDateTime(instant(now)).replace(/[-:]/g, '').replace(' ', '-');
    const taken = new Set((await this.bundles()).map(({ name }) => name));
    for (let count = 1; ; count++) {
      const name = `engawa-capture-${when}${count === 1 ? '' : `-${count}`}.tar.gz`;
      if (!taken.has(name)) return name;
    }
  }

  async #letGo(): Promise<void> {
    const old = (await this.bundles()).slice(CAPTURE_LIMITS.bundles);
    await Promise.all(old.map(({ name }) => rm(join(this.#options.folder, name), { force: true })));
  }
}

/** The lines that were heard, each as a WAV file: left what it said, right what it heard. */
function tracksOf(pieces: readonly HeardSound[]): readonly { readonly port: number; readonly wav: Buffer }[] {
  const ports = [...new Set(pieces.map(({ port }) => port))].sort((one, other) => one - other);
  return ports.flatMap((port) => {
    const track = soundTrack(pieces.filter((piece) => piece.port === port));
    return track === undefined ? [] : [{ port, wav: wavFile('ulaw', track.microphone, track.ear) }];
  });
}

function document(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

/** On a thread of its own: tens of megabytes take a second. */
function zipped(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    gzip(bytes, { level: 1 }, (error, out) => (error === null ? resolve(out) : reject(error))),
  );
}

function notRunning() {
  const say = 'No capture runs. Begin one:  engawa capture start';
  return refuse({ code: 'capture.notRunning', fault: 'caller' as const, say });
}
