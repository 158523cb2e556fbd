import { adoptableOf } from '../../../agent/calls/adoptable.ts';
import type { AudioSdp } from '../../../agent/calls/audio-sdp.ts';
import { CallStories } from '../../../agent/calls/call-story.ts';
import type { LegEnd, LegStart, UnfinishedLeg } from '../../../agent/calls/journal.ts';
import {
  type Adoptable,
  EMPTY_OFFICE,
  type OfficeEffect,
  type OfficeInput,
  type OfficeState,
  type OutsideBar,
} from '../../../agent/calls/model.ts';
import { officeStep } from '../../../agent/calls/office-step.ts';
import type { LineInput, Sound } from '../../../agent/lines/index.ts';
import type { MediaSnapshot } from '../../../agent/media/protocol.ts';
import type { Timer } from '../../../lib/base/clock.ts';
import { type Instant, instant } from '../../../lib/base/clock.ts';
import { type FactId, newCallId } from '../../../lib/base/ids.ts';
import { type Random, seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { LAN_HABITS, type PhoneConfig, phoneConfig } from '../../../lib/contract/lan-config.ts';
import {
  DIAL_HABITS,
  LINE_HABITS,
  OFFICE_FEATURES,
  type SiteConfig,
  TRUNK_HABITS,
} from '../../../lib/contract/site-config.ts';
import { sampleDialog } from './sample-dialog.ts';

/**
 * Session descriptions that a reader of a failing test understands: `host:port`,
 * `host:port:held`, or `none` for no common codec.
 */
export const plainSdp: AudioSdp = {
  offer: (host, port) => `${host}:${port}`,
  reoffer: (host, port, _version, held) => `${host}:${port}${held ? ':held' : ''}`,
  readAnswer: (sdp) => remote(sdp),
  answer(offer, host, port) {
    const found = remote(offer);
    const held = offer.endsWith(':held');
    return found === undefined ? undefined : { sdp: `${host}:${port}`, remote: found, held };
  },
};

function remote(sdp: string) {
  const [host, port] = sdp.split(':');
  if (host === undefined || port === undefined) return undefined;
  return { host, port: Number(port), payloadType: 0, dtmfPayloadType: 101 };
}

/** The example office: two lines, extensions 11 and 12. */
export function exampleConfig(change: Partial<SiteConfig['calls']> = {}, lines = 2): SiteConfig {
  return {
    schema: 1,
    gateway: 'gw-000001',
    contract: 'c-000001',
    office: '縁側商店 (Engawa Shoten)',
    trunk: {
      host: '127.54.0.10',
      port: 5061,
      serverName: 'cloud.engawa.example',
      domain: 'engawa.example',
      registerEveryS: 300,
      ...TRUNK_HABITS,
    },
    lines: Array.from({ length: lines }, (_, index) => ({
      port: index + 1,
      serviceId: `id-000001-${index + 1}`,
      label: `phone ${index + 1}`,
      extension: String(11 + index),
      sip: { user: `id-000001-${index + 1}`, password: 'not-a-secret-at-all' },
      presents: '0355550100',
      ringsFor: ['0355550100'],
      ring: 'normal' as const,
      ...LINE_HABITS,
      presentable: ['0355550100', '0355550101'],
    })),
    dialPlan: { interDigitMs: 4_000, firstDigitMs: 20_000, emergency: 'supported', ...DIAL_HABITS },
    calls: { channels: lines, ringForMs: 60_000, ...change },
    features: OFFICE_FEATURES,
    lan: LAN_HABITS,
  };
}

/** Desk phone `index` with extension 20 + index. */
export function samplePhone(index: number, change: Partial<PhoneConfig> = {}): PhoneConfig {
  return {
    ...phoneConfig.parse({
      mac: `c074ad00000${index}`,
      ...{ vendor: 'grandstream', model: 'GRP2614', label: `desk ${index}` },
      serviceId: `id-000001-${index + 4}`,
      extension: String(20 + index),
      sip: { user: `id-000001-${index + 4}`, password: 'not-a-secret-at-all' },
      presents: '0355550100',
      ringsFor: ['0355550100'],
    }),
    ...change,
  };
}

/** A record as the journal would hold it. */
interface Row {
  readonly start: LegStart;
  answered: boolean;
  answeredAt?: Instant;
  kept?: Adoptable;
  end?: LegEnd;
}

/** The office machine with everything around it played: timers run on a virtual clock, effects are written down. */
export class OfficeWorld {
  readonly clock = new VirtualClock();
  readonly random: Random;
  state: OfficeState = EMPTY_OFFICE;
  readonly rows = new Map<string, Row>();
  readonly heard = new Map<number, string>();
  readonly sounds = new Map<number, Sound>();
  readonly offHook = new Set<number>();
  readonly ringing = new Set<number>();
  readonly sessions = new Map<string, boolean>();
  /** Lines with the call-waiting tone over what they hear. */
  readonly overlays = new Set<number>();
  /** Places of desk phones whose call an earlier run left and this one took up. */
  readonly adoptedPhones = new Set<number>();
  /** What far ends were made to hear, by session: a tone, or another session. */
  readonly far = new Map<string, string>();
  effects: OfficeEffect[] = [];
  readonly stories = new CallStories();
  /** What is wrong, in words; empty in a good run. */
  readonly faults: string[] = [];
  /** Called for every effect, so that a test can play the far end. */
  onEffect: (effect: OfficeEffect) => void = () => {};
  /** Refuses offers inside calls with this status. */
  refuseOffers: number | undefined;
  /** Why no ordinary call may go outside now. */
  bar: OutsideBar | undefined;
  barIn: OutsideBar | undefined;
  /** Refuses to open sockets while true. */
  noSockets = false;
  #nextPort = 20_000;
  /** Counts the restarts: what an earlier run waited for is not told to a later one. */
  #run = 0;
  #timers = new Map<string, Timer>();

  constructor(seed = 1) {
    this.random = seededRandom(seed);
  }

  /** Configuration, media process and board in place; nothing left from before. */
  open(config: SiteConfig): void {
    this.input({ type: 'config', config });
    this.input({ type: 'resume', unfinished: [], snapshot: this.snapshot() });
  }

  snapshot(change: Partial<MediaSnapshot> = {}): MediaSnapshot {
    return {
      protocol: 2,
      startedAt: 0,
      board: {
        protocol: { major: 1, minor: 0 },
        model: 'test',
        serial: '1',
        firmware: '1',
        ports: 4,
        bootReason: 'powerOn',
        capabilities: ['pcm'],
        limits: { receiveBytes: 4_096, frameBytes: 1_024 },
      },
      boardDown: null,
      lines: [],
      sessions: [],
      ...change,
    };
  }

  input(input: OfficeInput): void {
    const env = {
      now: instant(this.clock.now()),
      monoMs: this.clock.monotonicMs(),
      fresh: newCallId(this.clock, this.random),
      host: '127.54.0.1',
      sdp: plainSdp,
      barOf: () => this.bar,
      barIn: () => this.barIn,
    };
    const before = this.state;
    const next = officeStep(before, input, env);
    this.state = next.state;
    this.stories.step(before, input, next.state, next.effects, env.now);
    for (const effect of next.effects) {
      this.effects.push(effect);
      this.#play(effect);
      this.onEffect(effect);
    }
  }

  line(port: number, input: LineInput): void {
    if (input.type === 'offHook') this.offHook.add(port);
    if (input.type === 'onHook') this.offHook.delete(port);
    this.input({ type: 'line', port, input });
  }

  lift(port: number): void {
    this.line(port, { type: 'offHook' });
  }

  hangUp(port: number): void {
    this.line(port, { type: 'onHook' });
  }

  dial(port: number, digits: string): void {
    for (const digit of digits) this.line(port, { type: 'digit', digit, by: 'dtmf' });
  }

  at(port: number): string {
    return this.state.ports.get(port)?.line.at ?? 'none';
  }

  /** What the media process holds now: to it a desk phone is the session `phone-PORT`. */
  holding(): MediaSnapshot {
    const joined = new Map<string, string>();
    for (const [port, sound] of this.sounds) {
      if (port < 100) continue;
      if (sound.to === 'rtp') joined.set(`phone-${port}`, sound.session).set(sound.session, `phone-${port}`);
      if (sound.to === 'line' && sound.port > 100) joined.set(`phone-${port}`, `phone-${sound.port}`);
    }
    const seen = (sound: Sound | undefined): Sound =>
      sound?.to === 'line' && sound.port > 100
        ? { to: 'rtp', session: `phone-${sound.port}` }
        : (sound ?? { to: 'silence' });
    const sessions = [...this.sessions.keys(), ...[...this.talkingPhones()].map((port) => `phone-${port}`)];
    return this.snapshot({
      lines: [1, 2, 3, 4].map((port) => ({
        port,
        offHook: this.offHook.has(port),
        ringing: this.ringing.has(port),
        attachment: seen(this.sounds.get(port)),
      })),
      sessions: sessions.map((session) => {
        const bridgedTo = joined.get(session);
        return {
          ...{ session, note: session, localPort: 1, connected: true },
          ...(bridgedTo === undefined ? {} : { bridgedTo }),
        };
      }),
    });
  }

  /** Places of desk phones that are in a talk. */
  talkingPhones(): readonly number[] {
    return [...this.state.ports]
      .filter(([port, { line }]) => port > 100 && line.at === 'talking')
      .map(([p]) => p);
  }

  /** The agent's process dies and another begins with what the journal and the media process hold. */
  restart(config: SiteConfig): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#run++;
    const unfinished = [...this.rows].flatMap(([leg, row]): UnfinishedLeg[] => {
      if (row.end !== undefined) return [];
      const { start, answeredAt = null, kept } = row;
      return [{ id: leg as FactId, start, answeredAt, kept, lastSeenAt: this.clock.now() }];
    });
    const { mediaUp, boardUp, reachable } = this.state;
    const snapshot = boardUp ? this.holding() : { ...this.holding(), board: null };
    const phones = new Map(this.talkingPhones().map((port) => [port, `phone-${port}`]));
    for (const port of [...this.ringing]) if (port > 100) this.ringing.delete(port);
    this.state = EMPTY_OFFICE;
    this.input({ type: 'config', config });
    for (const phone of reachable) this.input({ type: 'phone', phone, reachable: true });
    this.adoptedPhones.clear();
    this.input({ type: 'resume', unfinished, snapshot: mediaUp ? snapshot : undefined, phones });
    // The handsets of the others get a BYE.
    for (const port of [...this.heard.keys()]) {
      if (port < 100 || this.adoptedPhones.has(port)) continue;
      this.heard.delete(port);
      this.sounds.delete(port);
    }
  }

  /** Effects of one kind, oldest first. */
  of<Type extends OfficeEffect['type']>(type: Type): Extract<OfficeEffect, { type: Type }>[] {
    return this.effects.filter(
      (effect): effect is Extract<OfficeEffect, { type: Type }> => effect.type === type,
    );
  }

  /** The one leg that is up. */
  leg(): string {
    const [leg, ...more] = [...this.state.legs.keys()];
    if (leg === undefined || more.length > 0) throw new Error(`${this.state.legs.size} legs are up`);
    return leg;
  }

  /** The last record that ended. */
  lastEnd(): LegEnd | undefined {
    return this.of('journalEnd').at(-1)?.end;
  }

  #after(name: string, ms: number, run: () => void): void {
    this.#timers.get(name)?.cancel();
    this.#timers.set(name, this.clock.after(ms, name, run));
  }

  #cancel(name: string): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }

  #play(effect: OfficeEffect): void {
    switch (effect.type) {
      case 'hear':
        this.sounds.set(effect.port, effect.sound);
        this.heard.set(effect.port, effect.sound.to === 'tone' ? effect.sound.tone : effect.sound.to);
        break;
      case 'ring':
        this.ringing.add(effect.port);
        break;
      case 'ringStop':
        this.ringing.delete(effect.port);
        break;
      case 'lineTimer':
        this.#after(`line ${effect.port}`, effect.ms, () =>
          this.line(effect.port, { type: 'timer', timer: effect.timer }),
        );
        break;
      case 'lineTimerOff':
        this.#cancel(`line ${effect.port}`);
        break;
      case 'ringTimer':
        this.#after(`ring ${effect.leg}`, effect.ms, () =>
          this.input({ type: 'ringTimer', leg: effect.leg }),
        );
        break;
      case 'ringTimerOff':
        this.#cancel(`ring ${effect.leg}`);
        break;
      case 'huntTimer':
        this.#after(`hunt ${effect.leg}`, effect.ms, () =>
          this.input({ type: 'huntTimer', leg: effect.leg }),
        );
        break;
      case 'huntTimerOff':
        this.#cancel(`hunt ${effect.leg}`);
        break;
      case 'phoneAdopt':
        this.adoptedPhones.add(effect.port);
        break;
      case 'mediaTimer':
        this.#after('media', effect.ms, () => this.input({ type: 'mediaGone' }));
        break;
      case 'mediaTimerOff':
        this.#cancel('media');
        break;
      case 'overlay':
        if (effect.tone === null) this.overlays.delete(effect.port);
        else this.overlays.add(effect.port);
        break;
      case 'sessionTone':
        this.far.set(effect.leg, effect.tone ?? 'nothing');
        break;
      case 'bridge':
        this.far.set(effect.leg, effect.other);
        this.far.set(effect.other, effect.leg);
        break;
      case 'sipReinvite': {
        const { leg, purpose } = effect;
        const refused = this.refuseOffers;
        this.#answer(() =>
          this.input({
            type: 'reinvited',
            leg,
            purpose,
            outcome: refused === undefined ? { ok: true, sdp: 'far:9' } : { ok: false, status: refused },
          }),
        );
        break;
      }
      case 'holdTimer':
        this.#after(`hold ${effect.leg}`, effect.ms, () =>
          this.input({ type: 'holdTimer', leg: effect.leg }),
        );
        break;
      case 'rtpOpen':
        this.#open(effect.leg);
        break;
      case 'rtpClose':
        this.#close(effect.leg);
        break;
      case 'rtpDrop':
        this.sessions.delete(effect.session);
        break;
      case 'rtpConnect':
        if (this.state.mediaUp && !this.sessions.has(effect.leg))
          this.faults.push(`connect without a socket: ${effect.leg}`);
        break;
      default:
        this.#journal(effect);
        break;
    }
  }

  #open(leg: string): void {
    if (!this.rows.has(leg)) this.faults.push(`socket before the record: ${leg}`);
    if (this.noSockets || !this.state.mediaUp) {
      this.#answer(() => this.input({ type: 'rtpRefused', leg, say: 'no port is free' }));
      return;
    }
    this.sessions.set(leg, true);
    const localPort = this.#nextPort++;
    this.#answer(() => this.input({ type: 'rtpOpened', leg, localPort }));
  }

  #close(leg: string): void {
    const had = this.state.mediaUp && this.sessions.delete(leg);
    const figures = {
      packetsSent: 1,
      packetsReceived: 1,
      packetsLost: 0,
      packetsLate: 0,
      jitterMs: 0,
      concealedMs: 0,
      quality: {
        ...{ mos: 4.4, rating: 93, lossPercent: 0, latePercent: 0, burstDensityPercent: 0, burstMs: 0 },
        ...{ jitterMostMs: 0, bufferMs: 40, roundTripMs: 12, remoteLossPercent: null, remoteJitterMs: null },
      },
    };
    this.#answer(() => this.input({ type: 'rtpClosed', leg, figures: had ? figures : undefined }));
  }

  /** The media process answers a moment later, if the one who asked is still there. */
  #answer(run: () => void): void {
    const asked = this.#run;
    this.clock.after(1, 'rtp', () => {
      if (asked === this.#run) run();
    });
  }

  #journal(effect: OfficeEffect): void {
    if (effect.type === 'journalBegin') {
      if (this.rows.has(effect.leg)) this.faults.push(`begun twice: ${effect.leg}`);
      this.rows.set(effect.leg, { start: effect.start, answered: false });
      return;
    }
    if (effect.type === 'journalInterrupt') {
      const left = this.rows.get(effect.fact);
      if (left === undefined || left.end !== undefined) this.faults.push(`interrupted twice: ${effect.fact}`);
      else left.end = effect.end;
      return;
    }
    if (!('leg' in effect) || effect.leg === null) return;
    const row = this.rows.get(effect.leg);
    if (effect.type === 'journalAnswered') {
      if (row === undefined || row.answered || row.end !== undefined) {
        this.faults.push(`answered out of order: ${effect.leg}`);
      } else {
        row.answered = true;
        row.answeredAt = effect.at;
      }
    } else if (effect.type === 'journalKeep') {
      this.#keep(effect.leg, row);
    } else if (effect.type === 'journalEnd') {
      if (row === undefined || row.end !== undefined)
        this.faults.push(`ended twice or never begun: ${effect.leg}`);
      else row.end = effect.end;
    } else if (effect.type === 'sipInvite' || effect.type === 'sipRinging') {
      if (row === undefined) this.faults.push(`${effect.type} before the record: ${effect.leg}`);
    } else if (effect.type === 'sipAnswer') {
      if (row?.answered !== true)
        this.faults.push(`200 before the record knows of the answer: ${effect.leg}`);
    }
  }

  #keep(id: string, row: Row | undefined): void {
    const leg = this.state.legs.get(id);
    if (leg === undefined || row === undefined) return;
    row.kept = adoptableOf(leg, leg.direction === 'internal' ? null : { ...sampleDialog, callId: id });
  }
}
