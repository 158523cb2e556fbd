import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { type Clock, type Instant, instant, type Timer } from '../../lib/base/clock.ts';
import type { CallId, FactId } from '../../lib/base/ids.ts';
import type { BoxRecord } from '../../lib/contract/facts.ts';
import type { CallJournal, LegEnd, LegStart, UnfinishedLeg } from '../calls/journal.ts';
import { clockMark } from './clock-mark.ts';
import { withRoom } from './reserve.ts';
import { type SqliteOutbox, setAside, transaction } from './sqlite-outbox.ts';

/** Most legs whose rows could not be written and that are kept in memory until the disk takes them. */
const UNWRITTEN_LIMIT = 1_000;
/** A disk that refused is asked again after this long, even when nobody has anything to write. */
const ASK_AGAIN_MS = 5_000;

const legStart = z.strictObject({
  call: z.string(),
  direction: z.enum(['out', 'in', 'internal']),
  line: z.number(),
  serviceId: z.string(),
  from: z.string(),
  to: z.string(),
  startedAt: z.number(),
  /** Absent in rows of older programs. */
  clock: z.strictObject({ upMs: z.number(), set: z.boolean() }).optional(),
});

type Mark = NonNullable<BoxRecord['clock']>;

interface OpenLeg {
  readonly start: LegStart;
  readonly clock: Mark | undefined;
  readonly answeredAt: Instant | null;
}

/**
 * The journal in the store file. A write that the disk refuses is told through `onTrouble` and never thrown: a call
 * goes on without its record rather than not at all, and an ended leg is tried again.
 */
export class SqliteJournal implements CallJournal {
  readonly #db: DatabaseSync;
  readonly #outbox: SqliteOutbox;
  readonly #clock: Clock;
  readonly #nextId: () => FactId;
  readonly #boot: string;
  readonly #onTrouble: (say: string | undefined) => void;
  /** Last heartbeats of earlier runs, as found at the start: the heartbeat of this run touches every row. */
  readonly #lastSeen: ReadonlyMap<string, number>;
  readonly #unwritten = new Map<FactId, OpenLeg>();
  readonly #unended = new Map<FactId, LegEnd>();
  /** Answers that the disk has not taken: without them a record would say that nobody answered, and yet talked. */
  readonly #unanswered = new Map<FactId, Instant>();
  #askAgain: Timer | undefined;
  #stopped = false;

  constructor(options: {
    readonly db: DatabaseSync;
    readonly outbox: SqliteOutbox;
    readonly clock: Clock;
    /** Of the one series of ids of this run. */
    readonly nextId: () => FactId;
    readonly boot: string;
    /** Told a sentence when a write fails, and `undefined` when one succeeds again. */
    readonly onTrouble: (say: string | undefined) => void;
  }) {
    this.#db = options.db;
    this.#outbox = options.outbox;
    this.#clock = options.clock;
    this.#nextId = options.nextId;
    this.#boot = options.boot;
    this.#onTrouble = options.onTrouble;
    this.#lastSeen = new Map(
      this.#db
        .prepare('SELECT id, last_seen_at FROM leg')
        .all()
        .map((row) => [String(row['id']), Number(row['last_seen_at'])]),
    );
  }

  begin(start: LegStart): FactId {
    this.#retry();
    const id = this.#nextId();
    const clock = clockMark(this.#clock, start.startedAt);
    const leg: OpenLeg = { start, clock, answeredAt: null };
    if (!this.#tryBegin(id, leg) && this.#unwritten.size < UNWRITTEN_LIMIT) this.#unwritten.set(id, leg);
    return id;
  }

  #tryBegin(id: FactId, { start, clock, answeredAt }: OpenLeg): boolean {
    return this.#write(() =>
      this.#db
        .prepare('INSERT INTO leg (id, boot, start, answered_at, last_seen_at) VALUES (?, ?, ?, ?, ?)')
        .run(id, this.#boot, JSON.stringify({ ...start, clock }), answeredAt, this.#clock.now()),
    );
  }

  answered(id: FactId, at: Instant): void {
    const unwritten = this.#unwritten.get(id);
    if (unwritten !== undefined) this.#unwritten.set(id, { ...unwritten, answeredAt: at });
    if (!this.#tryAnswer(id, at) && this.#unanswered.size < UNWRITTEN_LIMIT) this.#unanswered.set(id, at);
  }

  #tryAnswer(id: FactId, at: Instant): boolean {
    return this.#write(() =>
      this.#db
        .prepare('UPDATE leg SET answered_at = ?, last_seen_at = ? WHERE id = ?')
        .run(at, this.#clock.now(), id),
    );
  }

  keep(id: FactId, adoptable: unknown): void {
    const text = JSON.stringify(adoptable) ?? 'null';
    this.#write(() => this.#db.prepare('UPDATE leg SET kept = ? WHERE id = ?').run(text, id));
  }

  end(id: FactId, end: LegEnd): void {
    this.#retry();
    if (!this.#tryEnd(id, end) && this.#unended.size < UNWRITTEN_LIMIT) this.#unended.set(id, end);
  }

  heartbeat(at: Instant): void {
    this.#retry();
    this.#write(() => this.#db.prepare('UPDATE leg SET last_seen_at = ?').run(at));
  }

  unfinished(): readonly UnfinishedLeg[] {
    const legs: UnfinishedLeg[] = [];
    for (const row of this.#db.prepare('SELECT * FROM leg WHERE boot <> ? ORDER BY id').all(this.#boot)) {
      const id = String(row['id']) as FactId;
      const read = readStart(String(row['start']));
      if (read === undefined) {
        this.#setAside(id, String(row['start']));
        continue;
      }
      legs.push({
        id,
        start: read.start,
        answeredAt: row['answered_at'] === null ? null : instant(Number(row['answered_at'])),
        kept: readJson(row['kept']),
        lastSeenAt: instant(this.#lastSeen.get(id) ?? Number(row['last_seen_at'])),
      });
    }
    return legs;
  }

  #tryEnd(id: FactId, end: LegEnd): boolean {
    const done = this.#write(() =>
      transaction(this.#db, () => {
        const leg = this.#find(id);
        if (leg !== undefined) this.#outbox.put(toRecord(id, leg, end));
        this.#db.prepare('DELETE FROM leg WHERE id = ?').run(id);
      }),
    );
    if (done) {
      this.#unwritten.delete(id);
      this.#unanswered.delete(id);
      this.#outbox.settled();
    }
    return done;
  }

  /** The leg as on disk, or as in memory when the disk never took it. Undefined when it has already ended. */
  #find(id: FactId): OpenLeg | undefined {
    const row = this.#db.prepare('SELECT start, answered_at FROM leg WHERE id = ?').get(id);
    if (row === undefined) return this.#unwritten.get(id);
    const read = readStart(String(row['start']));
    if (read === undefined) {
      setAside(this.#db, this.#clock, 'leg', String(row['start']));
      return undefined;
    }
    const answeredAt = row['answered_at'];
    const answer = answeredAt === null ? (this.#unanswered.get(id) ?? null) : instant(Number(answeredAt));
    return { ...read, answeredAt: answer };
  }

  /** Asks the disk no more. */
  stop(): void {
    this.#stopped = true;
    this.#askAgain?.cancel();
  }

  /**
   * An office that is idle writes nothing, and would not find out that there is room again: its next outside call would be
   * refused, and the records that wait in memory would wait for it.
   */
  #askLater(): void {
    if (this.#stopped) return;
    this.#askAgain ??= this.#clock.after(ASK_AGAIN_MS, 'store.askAgain', () => {
      this.#askAgain = undefined;
      const tried = this.#db.prepare(
        "INSERT INTO counter (name, value) VALUES ('asked', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
      );
      if (this.#write(() => tried.run())) this.#retry();
    });
  }

  /** What the disk refused is tried again with the next write. */
  #retry(): void {
    for (const [id, leg] of this.#unwritten) {
      if (this.#unended.has(id)) continue;
      if (!this.#tryBegin(id, leg)) return;
      this.#unwritten.delete(id);
    }
    for (const [id, at] of this.#unanswered) {
      if (!this.#tryAnswer(id, at)) return;
      this.#unanswered.delete(id);
    }
    for (const [id, end] of this.#unended) {
      if (!this.#tryEnd(id, end)) return;
      this.#unended.delete(id);
    }
  }

  #setAside(id: FactId, text: string): void {
    this.#write(() =>
      transaction(this.#db, () => {
        setAside(this.#db, this.#clock, 'leg', text);
        this.#db.prepare('DELETE FROM leg WHERE id = ?').run(id);
      }),
    );
  }

  #write(body: () => unknown): boolean {
    try {
      // A call that begins is what space is set aside for.
      withRoom({ sacrifice: () => this.#outbox.makeRoom() }, body);
      this.#outbox.trouble(undefined);
      this.#onTrouble(undefined);
      return true;
    } catch (error) {
      this.#askLater();
      const why = error instanceof Error ? error.message : String(error);
      this.#outbox.trouble(`a call record could not be written: ${why}`);
      this.#onTrouble(`A call record could not be written: ${why}. Check the disk.`);
      return false;
    }
  }
}

/** Texts are cut to what the contract allows: a record that the cloud must refuse would wait for ever. */
function toRecord(id: FactId, leg: OpenLeg, end: LegEnd): BoxRecord {
  return {
    id,
    call: leg.start.call.slice(0, 40),
    direction: leg.start.direction,
    line: leg.start.line,
    serviceId: leg.start.serviceId.slice(0, 40),
    from: leg.start.from.slice(0, 40),
    to: leg.start.to.slice(0, 40),
    startedAt: Math.round(leg.start.startedAt),
    answeredAt: leg.answeredAt === null ? null : Math.round(leg.answeredAt),
    endedAt: Math.round(end.endedAt),
    talkMs: Math.max(0, Math.round(end.talkMs)),
    end: end.end,
    because: end.because.slice(0, 300),
    interrupted: end.interrupted,
    ...(leg.clock === undefined ? {} : { clock: leg.clock }),
    media: end.media === null ? null : cleanMedia(end.media),
  };
}

function cleanMedia(media: NonNullable<LegEnd['media']>): NonNullable<BoxRecord['media']> {
  const count = (value: number): number => Math.max(0, Math.round(Number.isFinite(value) ? value : 0));
  const figure = (value: number): number => (Number.isFinite(value) && value > 0 ? value : 0);
  return {
    packetsSent: count(media.packetsSent),
    packetsReceived: count(media.packetsReceived),
    packetsLost: count(media.packetsLost),
    jitterMs: figure(media.jitterMs),
    concealedMs: figure(media.concealedMs),
    ...(media.quality === undefined ? {} : { quality: cleanQuality(media.quality) }),
    ...(media.encrypted === undefined ? {} : { encrypted: media.encrypted }),
  };
}

type Quality = NonNullable<NonNullable<LegEnd['media']>['quality']>;

/** Estimates are held within what the contract allows. */
function cleanQuality(quality: Quality): Quality {
  const within = (value: number, least: number, most: number): number =>
    Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : least;
  const { mos, lossPercent, latePercent, burstMs, jitterMostMs, roundTripMs, remoteLossPercent } = quality;
  return {
    mos: within(mos, 1, 4.5),
    lossPercent: within(lossPercent, 0, 100),
    latePercent: within(latePercent, 0, 100),
    burstMs: within(burstMs, 0, 8.64e15),
    jitterMostMs: within(jitterMostMs, 0, 8.64e15),
    roundTripMs: roundTripMs === null ? null : within(roundTripMs, 0, 8.64e15),
    remoteLossPercent: remoteLossPercent === null ? null : within(remoteLossPercent, 0, 100),
  };
}

function readStart(text: string): Pick<OpenLeg, 'start' | 'clock'> | undefined {
  const parsed = legStart.safeParse(readJson(text));
  if (!parsed.success) return undefined;
  const { call, startedAt, clock, ...rest } = parsed.data;
  return { start: { ...rest, call: call as CallId, startedAt: instant(startedAt) }, clock };
}

function readJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
