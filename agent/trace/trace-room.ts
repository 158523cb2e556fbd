import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { SipTap } from '../../lib/voice/sip/api.ts';
import type { MediaCommand, MediaEvent } from '../media/index.ts';
import type { ByteTap, TappedBytes } from '../ports.ts';
import { Attribution, type Subjects } from './attribute.ts';
import { TRACE_LIMITS, TraceBudget, type TraceEnd, type TraceLimits } from './budget.ts';
import { masked } from './mask.ts';
import { MediaMoments } from './media-moments.ts';
import { TimeOfDay } from './time-of-day.ts';
import { lets, type TraceFilter } from './trace-filter.ts';
import type { Traced, TraceKind, TraceLosses } from './traced.ts';

/** Traces at once: a technician, a second one, and the recorder. */
const TRACES_MOST = 6;

/** One direction or both of a line's sound, µ-law at 8 kHz. */
export interface HeardSound {
  readonly port: number;
  /** Of the agent's monotonic clock. */
  readonly fromMs: number;
  readonly microphone: Buffer;
  readonly ear: Buffer;
}

/** What somebody wants to see. */
export interface TraceWish {
  readonly filter: TraceFilter;
  readonly limits: TraceLimits;
  /** As they were, instead of stars. */
  readonly secrets: boolean;
  /** The sound of lines as well. */
  readonly sound: boolean;
}

/** Who watches. */
export interface TraceWatcher {
  /** False when it has no room: counted as lost. `monotonicMs`: when it was, for who keeps it longer than a clock stands. */
  take(traced: Traced, monotonicMs: number): boolean;
  heard?(sound: HeardSound): void;
  /** The limit of time or size is reached; nothing comes any more. */
  ended(end: TraceEnd): void;
}

/** A trace that runs. */
export interface TraceRun {
  readonly seen: number;
  readonly lost: TraceLosses;
  stop(): void;
}

export interface TraceRoomOptions {
  readonly clock: Clock;
  readonly subjects: Subjects;
  /** Tells the media process what is to be watched there. */
  order(command: Extract<MediaCommand, { readonly type: 'trace' }>): void;
}

interface Watching {
  readonly wish: TraceWish;
  readonly watcher: TraceWatcher;
  readonly budget: TraceBudget;
  seen: number;
  lost: { rate: number; slow: number; media: number };
}

/**
 * Hands what the taps see to whoever watches, each within its own filter and limits. While nobody watches, the taps are
 * shut: what is spoken costs nothing more.
 */
export class TraceRoom {
  /** Taps for the shells: of calls, of the broker, of the LAN's addresses. */
  readonly sip: SipTap = { watch: undefined };
  readonly mqtt: ByteTap = { watch: undefined };
  readonly dhcp: ByteTap = { watch: undefined };
  readonly #options: TraceRoomOptions;
  readonly #watching = new Set<Watching>();
  #attribution: Attribution;
  readonly #timeOfDay: TimeOfDay;
  #mediaMoments = new MediaMoments();
  #ordered = '';

  constructor(options: TraceRoomOptions) {
    this.#options = options;
    this.#attribution = new Attribution(options.subjects);
    this.#timeOfDay = new TimeOfDay(options.clock);
  }

  /** Begins a trace. Refused when there are too many. */
  watch(wish: TraceWish, watcher: TraceWatcher): Result<TraceRun, CodedError> {
    if (this.#watching.size >= TRACES_MOST) {
      const say = `${TRACES_MOST} traces already run; end one and try again.`;
      return refuse({ code: 'trace.tooMany', fault: 'caller', say });
    }
    const { clock } = this.#options;
    const watching: Watching = {
      ...{ wish, watcher, seen: 0, lost: { rate: 0, slow: 0, media: 0 } },
      budget: new TraceBudget(wish.limits, clock.monotonicMs()),
    };
    if (this.#watching.size === 0) this.#attribution = new Attribution(this.#options.subjects);
    this.#watching.add(watching);
    this.#open();
    return ok({
      get seen() {
        return watching.seen;
      },
      get lost() {
        return { ...watching.lost };
      },
      stop: () => this.#end(watching),
    });
  }

  /** An event `traced` of the media process. */
  mediaEvent(event: MediaEvent): void {
    if (event.event !== 'traced') return;
    const momentOf = this.#mediaMoments.ofBatch(event.sentMs, this.#options.clock.monotonicMs());
    for (const datagram of event.datagrams) {
      const { atMs, way, carries, decrypted, local, remote, session, data } = datagram;
      this.#show(momentOf(atMs), {
        ...{ kind: 'rtp', direction: way, transport: 'udp', carries, local, remote },
        ...(decrypted === undefined ? {} : { decrypted }),
        bytes: Buffer.from(data, 'base64'),
        whose: this.#attribution.ofSession(session),
      });
    }
    for (const { port, fromMs, microphone, ear } of event.sound) {
      const sound: HeardSound = {
        ...{ port, fromMs: momentOf(fromMs) },
        microphone: Buffer.from(microphone, 'base64'),
        ear: Buffer.from(ear, 'base64'),
      };
      for (const { watcher, wish } of this.#watching) if (wish.sound) watcher.heard?.(sound);
    }
    for (const watching of this.#watching) {
      if (watching.wish.filter.kinds.includes('rtp')) watching.lost.media += event.dropped;
    }
  }

  /** A media process is there, maybe a new one, which knows of no order and counts its time from another start. */
  mediaConnected(): void {
    this.#mediaMoments = new MediaMoments();
    this.#ordered = '';
    this.#orderMedia();
  }

  #end(watching: Watching): void {
    if (!this.#watching.delete(watching)) return;
    this.#open();
  }

  /** Opens the taps that somebody wants, and shuts the others. */
  #open(): void {
    const wanted = new Set<TraceKind>();
    for (const { wish } of this.#watching) for (const kind of wish.filter.kinds) wanted.add(kind);
    this.sip.watch = wanted.has('sip')
      ? (message) => this.#bytes('sip', message, message.transport)
      : undefined;
    this.mqtt.watch = wanted.has('mqtt') ? (message) => this.#bytes('mqtt', message, 'tls') : undefined;
    this.dhcp.watch = wanted.has('dhcp') ? (message) => this.#bytes('dhcp', message, 'udp') : undefined;
    this.#orderMedia();
  }

  #orderMedia(): void {
    let perSecond = 0;
    let sound = false;
    for (const { wish } of this.#watching) {
      if (wish.sound) sound = true;
      if (wish.filter.kinds.includes('rtp')) perSecond = Math.max(perSecond, rateOf(wish));
    }
    const wanted = JSON.stringify({ perSecond, sound });
    if (wanted === this.#ordered || (this.#ordered === '' && perSecond === 0 && !sound)) return;
    this.#ordered = wanted;
    this.#options.order({ type: 'trace', perSecond, sound });
  }

  #bytes(
    kind: Exclude<TraceKind, 'rtp'>,
    { direction, local, remote, bytes }: TappedBytes,
    transport: Traced['transport'],
  ): void {
    this.#show(this.#options.clock.monotonicMs(), {
      ...{ kind, direction, transport, local, remote },
      bytes: Buffer.from(bytes),
      whose: this.#attribution.of(kind, bytes, remote),
    });
  }

  /** Shown is the time of day as the clock is set now: who follows a trace sees the new time from the next message on. */
  #show(monotonicMs: number, message: Omit<Traced, 'atMs'>): void {
    const traced: Traced = { ...message, atMs: this.#timeOfDay.at(monotonicMs) };
    const nowMs = this.#options.clock.monotonicMs();
    let hidden: Traced | undefined;
    for (const watching of [...this.#watching]) {
      const { wish, budget, watcher } = watching;
      if (!lets(wish.filter, traced)) continue;
      const may = budget.take(traced.bytes.length, nowMs);
      if (may === 'drop') watching.lost.rate++;
      else if (may === 'over') {
        this.#end(watching);
        watcher.ended(budget.ended(nowMs) ?? 'size');
      } else {
        hidden ??= masked(traced);
        if (watcher.take(wish.secrets ? traced : hidden, monotonicMs)) watching.seen++;
        else watching.lost.slow++;
      }
    }
  }
}

/** The media process does not know whose a datagram is: who looks for one call must be shown all of them. */
function rateOf({ filter, limits }: TraceWish): number {
  const { call, line, phone, peer } = filter;
  const narrow = [call, line, phone, peer].some((each) => each !== undefined);
  return narrow ? TRACE_LIMITS.perSecond.most : limits.perSecond;
}
