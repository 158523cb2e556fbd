import type { KeyObject } from 'node:crypto';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import {
  BUNDLE_LIMIT_BYTES,
  openUpdateOrder,
  type Release,
  type UpdateReport,
} from '../../lib/contract/update.ts';
import type { Health } from '../ports.ts';
import { type BundleShelf, sizeOf } from './bundle-shelf.ts';
import type { Downloader } from './download.ts';
import type { Picture } from './gate.ts';
import type { MemoryStore } from './memory-file.ts';
import type { ServiceProbe } from './probe.ts';
import { coarse, reportOf, sayState, UPDATE_WARNINGS, warningsOf } from './report.ts';
import type { SlotTool, SystemView } from './slot-tool.ts';
import {
  type Effect,
  type Input,
  isOver,
  mayBeOnTrial,
  NOTHING_YET,
  type Reason,
  type State,
  type World,
} from './state.ts';
import { stepUpdate } from './step.ts';
import { canLeave, canRollBack, whyNot } from './take.ts';

/** How often the box is looked at while something is under way, and while nothing is. */
const LOOK_MS = 5_000;
const IDLE_LOOK_MS = 60_000;
/** An installer that does not answer at the start is asked again. */
const ASK_AGAIN_MS = 10_000;
/** The service's address is looked up again after this. */
const ADDRESS_AGE_MS = 600_000;
const SAY_LIMIT = 400;

/** The box, as the rest of the agent sees it. Cheap, and never throws. */
export interface BoxNow {
  /** A call is up, or a fax, or a phone is off the hook. */
  readonly calls: boolean;
  readonly wallMs: number | null;
  readonly seen: Picture['seen'];
  readonly config: number | null;
}

export interface UpdateRoomOptions {
  /** Null while nobody has claimed the box: then nobody can order anything from afar. */
  readonly gateway: GatewayId | null;
  readonly configKey: () => KeyObject | undefined;
  readonly slots: SlotTool;
  readonly store: MemoryStore;
  readonly shelf: BundleShelf;
  readonly downloader: Pick<Downloader, 'fetch'>;
  readonly probe: ServiceProbe;
  /** Where the service is; null when nobody has said it. */
  readonly service: () => { readonly host: string; readonly port: number } | null;
  readonly box: () => BoxNow;
  /** Tries whether the data partition takes writes. */
  readonly writable: () => boolean;
  /** Whether the box has an address in a network. */
  readonly network: () => boolean;
  /** Another text after each start of the box. */
  readonly boot: string;
  /** Says that somebody talks, to whoever would restart the box at the end of a probation; null where nobody would. */
  readonly callUp: ((calls: boolean) => void) | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly health: Health;
}

/** An update, for people and programs on the box. */
export interface UpdateView {
  readonly report: UpdateReport | null;
  readonly say: string;
  /** Null when nobody can go back. */
  readonly back: string | null;
}

/** Carries out what the machine decides; no decision is made here. */
export class UpdateRoom {
  readonly #options: UpdateRoomOptions;
  readonly #listeners: (() => void)[] = [];
  #state: State = NOTHING_YET;
  #timer: Timer | undefined;
  #callTimer: Timer | undefined;
  #download: AbortController | undefined;
  #address: { readonly value: Picture['service']; readonly atMs: number } | undefined;
  #reaches: boolean | null = null;
  #told = '';
  #trouble: string | undefined = 'The installer of the box has not been asked yet.';
  #stopped = false;
  #calls = false;

  constructor(options: UpdateRoomOptions) {
    this.#options = options;
  }

  start(): void {
    this.#state = { ...NOTHING_YET, memory: this.#options.store.load() };
    void this.#ask();
    this.#sayCalls();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#callTimer?.cancel();
    this.#download?.abort();
  }

  /** What came on `down/update`; an empty retained message is the broker's way to say that there is no order any more. */
  received(payload: Uint8Array): void {
    const { gateway, configKey, log } = this.#options;
    const publicKey = configKey();
    if (payload.length === 0 || gateway === null || publicKey === undefined) return;
    const opened = openUpdateOrder(payload, { gateway, publicKey });
    if (!opened.ok) {
      log.warn({ code: opened.error.code, say: opened.error.say }, 'not an update order for this box');
      return;
    }
    const { serial, action, release, rollout } = opened.value;
    log.info({ serial, action, rollout, version: release.version }, 'update order');
    this.#feed({ type: 'order', order: opened.value });
    this.#look();
  }

  /** Undefined while the installer was not asked. */
  report(): UpdateReport | undefined {
    const { clock } = this.#options;
    return reportOf(this.#state, clock.now(), clock.monotonicMs());
  }

  get view(): UpdateView {
    const { system } = this.#state;
    const back = system !== null && canRollBack(this.#state, system);
    return {
      report: this.report() ?? null,
      say: this.#trouble ?? sayState(this.#state),
      back: back ? (system.other.version ?? 'the other slot') : null,
    };
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Something of the box has changed: a call has ended, perhaps. */
  nudge(): void {
    const { calls } = this.#options.box();
    const before = this.#calls;
    this.#calls = calls;
    if (before !== calls) this.#sayCalls();
    if (before && !calls && this.#isUnderWay()) this.#look();
  }

  /** A technician's file, by its path: proved, then installed when nobody talks. */
  async install(wish: {
    /** Null: the one that was brought. */
    readonly path: string | null;
    readonly now: boolean;
    readonly allowOlder: boolean;
  }): Promise<Result<UpdateView>> {
    const ready = this.#ready();
    if (!ready.ok) return ready;
    const path = wish.path ?? this.#options.shelf.brought;
    const info = await this.#options.slots.inspect(path);
    if (!info.ok) return info;
    const not = whyNot(info.value, ready.value, wish.allowOlder);
    if (not !== undefined) return refuse({ ...not, fault: 'caller' });
    // The machine may have gone on while the bundle was proved.
    const still = this.#ready();
    if (!still.ok) return still;
    this.#feed({ type: 'file', path, version: info.value.version, now: wish.now });
    this.#look();
    return ok(this.view);
  }

  /** Takes a technician's file in; `sizeBytes` as far as it is known beforehand. */
  async bring(pieces: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Result<{ bytes: number }>> {
    const ready = this.#ready();
    if (!ready.ok) return ready;
    const { shelf } = this.#options;
    const part = `${shelf.brought}.part`;
    try {
      const missing = shelf.missing(sizeBytes, 0);
      if (sizeBytes > BUNDLE_LIMIT_BYTES) return no('update.tooLarge', 'That is no bundle: it is too large.');
      if (missing > 0) {
        const mb = Math.ceil(missing / 1_000_000);
        return no('update.space', `The disk lacks ${mb} MB for the bundle.`, 'environment');
      }
      const file = shelf.open(part, 'anew');
      try {
        for await (const piece of pieces) {
          if (file.bytes + piece.length > BUNDLE_LIMIT_BYTES) {
            return no('update.tooLarge', 'That is no bundle: it is too large.');
          }
          file.write(piece);
        }
      } finally {
        file.close();
      }
      shelf.settle(part, shelf.brought);
      return ok({ bytes: sizeOf(shelf.brought) });
    } catch (error) {
      this.#sweep();
      return no('update.space', `The bundle cannot be kept: ${String(error)}.`, 'environment');
    }
  }

  /** Back to the other slot, as soon as nobody talks. */
  rollback(): Result<UpdateView> {
    const { system } = this.#state;
    if (system === null) return no('update.notReady', this.#trouble ?? NOT_READY, 'environment');
    if (!canRollBack(this.#state, system)) {
      return no('update.noBack', `There is no system to go back to now. ${sayState(this.#state)}`);
    }
    this.#options.log.warn({}, 'a technician goes back to the other system');
    this.#feed({ type: 'rollback' });
    this.#look();
    return ok(this.view);
  }

  /** What is installed, or on its way, is started as soon as nobody talks. */
  now(): Result<UpdateView> {
    if (!this.#isUnderWay()) return no('update.none', 'Nothing is installed that could be started.');
    this.#feed({ type: 'now' });
    this.#look();
    return ok(this.view);
  }

  #ready(): Result<SystemView> {
    const { system } = this.#state;
    if (system === null) return no('update.notReady', this.#trouble ?? NOT_READY, 'environment');
    if (canLeave(this.#state)) return ok(system);
    return no('update.busy', `Another update cannot be left now. ${sayState(this.#state)}`);
  }

  /** What the slots hold: before that nothing is decided. */
  async #ask(): Promise<void> {
    const { slots, boot, log, clock } = this.#options;
    const found = await slots.status();
    if (this.#stopped) return;
    if (!found.ok) {
      if (this.#trouble !== found.error.say) log.error({ ...found.error }, 'the installer does not answer');
      this.#trouble = found.error.say;
      this.#timer = clock.after(ASK_AGAIN_MS, 'update installer', () => void this.#ask());
      return;
    }
    this.#trouble = undefined;
    const { running, trial } = found.value;
    log.info({ slot: running.slot, version: running.version, trial: trial ?? null }, 'the running system');
    this.#feed({ type: 'start', system: found.value, boot });
    this.#sweep();
    this.#look();
  }

  /** On a timer of its own: whoever ends a trial waits for a call also when it is the installer that hangs. */
  #sayCalls(): void {
    const { callUp, box, clock } = this.#options;
    this.#callTimer?.cancel();
    if (this.#stopped || callUp === null || !mayBeOnTrial(this.#state)) return;
    callUp(box().calls);
    this.#callTimer = clock.after(LOOK_MS, 'update calls', () => this.#sayCalls());
  }

  #look(): void {
    this.#timer?.cancel();
    if (this.#stopped || this.#state.system === null) return;
    this.#feed({ type: 'look', world: this.#world() });
    this.#lookOut();
    const everyMs = this.#isUnderWay() ? LOOK_MS : IDLE_LOOK_MS;
    this.#timer = this.#options.clock.after(everyMs, 'update look', () => this.#look());
  }

  #world(): World {
    const { box, writable, network } = this.#options;
    const now = box();
    this.#calls = now.calls;
    const at = this.#state.memory.job?.stage.at;
    const watched = at === 'probation' || at === 'goingBack';
    // Trying costs a write: only where the answer counts.
    const counts = watched || at === 'installed' || at === 'restarting';
    const picture: Picture = {
      ...{ seen: now.seen, config: now.config, network: network() },
      writable: !counts || writable(),
      service: this.#address?.value ?? null,
    };
    return { calls: now.calls, wallMs: now.wallMs, picture, reaches: this.#reaches };
  }

  /** Asks the network what the next look needs to know. */
  #lookOut(): void {
    const { probe, service, clock, box } = this.#options;
    const stage = this.#state.memory.job?.stage;
    const nowMs = clock.monotonicMs();
    if (stage?.at === 'probation' && stage.before?.service != null && !box().seen.cloud) {
      const { address, port } = stage.before.service;
      void probe.listens(address, port).then((there) => {
        this.#reaches = there;
      });
      return;
    }
    this.#reaches = null;
    const old = this.#address === undefined || nowMs - this.#address.atMs > ADDRESS_AGE_MS;
    const at = service();
    if (!this.#isUnderWay() || !old || at === null) return;
    this.#address = { value: this.#address?.value ?? null, atMs: nowMs };
    void probe.addressOf(at.host).then((address) => {
      if (address !== null) this.#address = { value: { address, port: at.port }, atMs: nowMs };
    });
  }

  #feed(input: Input): void {
    if (this.#stopped) return;
    const { clock, store, log } = this.#options;
    const before = this.#state;
    const { state, effects } = stepUpdate(before, input, clock.monotonicMs());
    this.#state = state;
    if (state.memory !== before.memory) {
      try {
        store.save(state.memory);
      } catch (error) {
        const say = `The state of the update cannot be written: ${String(error)}.`;
        log.error({ err: error }, 'the state of an update cannot be written');
        if (effects.some(needsMemory)) {
          this.#feed({ type: 'unsaved', say });
          return;
        }
      }
    }
    const [was, is] = [before.memory.job?.stage.at, state.memory.job?.stage.at];
    if (was !== is) log.info({ from: was ?? null, to: is ?? null, say: sayState(state) }, 'update');
    for (const effect of effects) this.#do(effect);
    this.#tell();
  }

  #do(effect: Effect): void {
    const { slots } = this.#options;
    switch (effect.do) {
      case 'download':
        void this.#fetch(effect.release);
        break;
      case 'stopDownload':
        this.#download?.abort();
        this.#download = undefined;
        break;
      case 'sweep':
        this.#sweep();
        break;
      case 'install':
        void this.#install(effect.path, effect.version);
        break;
      case 'activate':
        void slots.activate().then((done) => this.#ended({ type: 'activated' }, done));
        break;
      case 'markGood':
        void slots.markGood().then((done) => this.#ended({ type: 'marked', as: 'good' }, done));
        break;
      case 'markBad':
        void slots.markBad().then((done) => this.#ended({ type: 'marked', as: 'bad' }, done));
        break;
      case 'restart':
        this.#restart(effect.why);
    }
  }

  #ended(what: { type: 'activated' } | { type: 'marked'; as: 'good' | 'bad' }, done: Result<void>): void {
    this.#feed({ ...what, done: done.ok, say: done.ok ? '' : done.error.say });
    if (done.ok) this.#look();
  }

  /** The last look at whether somebody talks is this one. */
  #restart(why: string): void {
    const { slots, box, log } = this.#options;
    if (box().calls) {
      this.#feed({ type: 'restarted', done: false, say: 'A call has begun.' });
      return;
    }
    log.warn({ why }, 'the box restarts');
    const done = slots.restart(why);
    this.#feed({ type: 'restarted', done: done.ok, say: done.ok ? '' : done.error.say });
  }

  async #fetch(release: Release): Promise<void> {
    const { downloader, random } = this.#options;
    const controller = new AbortController();
    this.#download = controller;
    const fetched = await downloader.fetch(
      release,
      (bytes) => {
        if (this.#download === controller) this.#feed({ type: 'bytes', bytes });
      },
      controller.signal,
    );
    if (this.#download !== controller) return;
    this.#download = undefined;
    if (fetched.ok) this.#feed({ type: 'fetched', path: fetched.path });
    else this.#feed({ ...fetched, type: 'notFetched', fraction: random.fraction() });
    this.#look();
  }

  async #install(path: string, version: string): Promise<void> {
    const { slots } = this.#options;
    const not = await this.#whyNotInstalled(path, version);
    if (not !== undefined) return this.#feed(not);
    const done = await slots.install(path, (percent) => this.#feed({ type: 'percent', percent }));
    // The other slot is another one now, or none that could be gone back to.
    const seen = await slots.status();
    if (seen.ok) this.#feed({ type: 'system', system: seen.value });
    if (done.ok) this.#feed({ type: 'installed' });
    else this.#feed(notInstalled(done.error));
    this.#look();
  }

  /** The signature is proved and the names are compared before anything is written. */
  async #whyNotInstalled(path: string, version: string): Promise<Input | undefined> {
    const info = await this.#options.slots.inspect(path);
    if (!info.ok) return notInstalled(info.error);
    const { system } = this.#state;
    if (info.value.version !== version) {
      const say = `The bundle says that it is version ${info.value.version}, and ${version} was meant.`;
      return notInstalled({ code: 'update.version', fault: 'peer', say });
    }
    const not = system === null ? undefined : whyNot(info.value, system, true);
    return not === undefined ? undefined : notInstalled({ ...not, fault: 'peer' });
  }

  /** What no update needs any more goes. */
  #sweep(): void {
    const { shelf, log } = this.#options;
    const { job } = this.#state.memory;
    const keep: string[] = [];
    if (job?.stage.at === 'fetching' && job.release !== null) {
      keep.push(shelf.pathOf(job.release), shelf.partOf(job.release));
    }
    if (job?.stage.at === 'ready' || job?.stage.at === 'installing') keep.push(job.stage.path);
    try {
      shelf.sweep(keep);
    } catch (error) {
      log.warn({ err: error }, 'old bundles cannot be thrown away');
    }
  }

  #tell(): void {
    const { health } = this.#options;
    const warnings = warningsOf(this.#state);
    for (const name of UPDATE_WARNINGS) {
      const say = warnings.get(name);
      if (say === undefined) health.clear(name);
      else health.raise(name, say);
    }
    const report = this.report();
    const told = report === undefined ? '' : JSON.stringify(coarse(report));
    if (told === this.#told) return;
    this.#told = told;
    for (const listener of this.#listeners) listener();
  }

  #isUnderWay(): boolean {
    const { job, order, taken } = this.#state.memory;
    return (job !== null && !isOver(job.stage)) || (order !== null && order.serial !== taken);
  }
}

const NOT_READY = 'The installer of the box does not answer.';

/** What must not be begun unless it is written down. */
function needsMemory({ do: what }: Effect): boolean {
  return what === 'install' || what === 'activate' || what === 'download';
}

/** By chance, or for good: what another try may change is tried again. */
function notInstalled({ code, say }: CodedError): Input {
  const again = code === 'update.busy' || code === 'update.inspect';
  const reason: Reason = { code: code.slice(0, 60), say: say.slice(0, SAY_LIMIT) };
  return { type: 'notInstalled', again, reason };
}

function no(code: string, say: string, fault: CodedError['fault'] = 'caller') {
  return refuse<CodedError>({ code, fault, say });
}
