import { ULAW_SILENCE } from '../../../lib/dsp/g711.ts';
import type { Box } from './box.ts';
import type { DeskPhone } from './desk-phone.ts';
import { NUMBER } from './office.ts';
import { NUMBERS, type Outside } from './outside.ts';
import type { PartyCall } from './party.ts';
import { markOf } from './sound.ts';
import { isSound, type SoundWatch } from './sound-watch.ts';
import type { World } from './world.ts';

/** A handset that is lifted sooner after it was put down was never down: the board takes it for a flash (`hal/README.md` §5). */
const HAND_MS = 1_050;

/** Dial tone is the one that goes on: busy tone is on for half a second at a time. */
const DIAL_TONE_FRAMES = 62;
/** How long whoever lifts a phone may wait for it, once both programs run. */
const DIAL_TONE_MS = 3_000;
const RINGS_WITHIN_MS = 8_000;
/** Among the phones that are in use: the desk phone, which is on no port. */
const DESK_SEAT = 0;
/** By then a call that came up is known to a later run of the agent. */
const WRITTEN_MS = 500;
const EXTENSIONS = ['11', '12'] as const;

/** What the phones of the office have done. */
export interface OfficeFigures {
  readonly lifted: number;
  readonly toned: number;
  readonly talks: number;
}

/** Who lifts, dials, talks and hangs up in the office, one story after the other on each phone. */
export class People {
  readonly #world: World;
  readonly #box: Box;
  readonly #outside: Outside;
  readonly #desk: DeskPhone;
  readonly #sounds: SoundWatch;
  readonly #busy = new Set<number>();
  readonly #stories = new Set<Promise<void>>();
  /** Sounding frames in a row, by port. */
  readonly #run = new Map<number, number>();
  readonly #tonedMs = new Map<number, number>();
  /** Nothing was wrong with either program since then. */
  wellSinceMs = 0;
  figures: OfficeFigures = { lifted: 0, toned: 0, talks: 0 };

  constructor(world: World, box: Box, outside: Outside, desk: DeskPhone, sounds: SoundWatch) {
    this.#world = world;
    this.#box = box;
    this.#outside = outside;
    this.#desk = desk;
    this.#sounds = sounds;
    for (const phone of box.hardware.phones) {
      let spoken = 0;
      phone.says = () => markOf(Math.floor(spoken++ / 2));
      phone.hears = (byte, frame) => this.#hears(phone.port, byte, frame);
    }
  }

  /** Stories that are not over. */
  get running(): number {
    return this.#stories.size;
  }

  begin(): void {
    const kind = this.#world.below(13);
    if (kind < 4) this.tell('calls out', (port) => this.callOut(port, this.#number()));
    else if (kind < 8) this.tell('is called', (port) => this.callIn(port));
    else if (kind < 10) this.tell('calls the other', (port) => this.internal(port));
    else if (kind < 11) this.tellDesk('calls out', () => this.deskOut(this.#number()));
    else if (kind < 12) this.tellDesk('is called', () => this.deskIn());
    else this.tellDesk('calls a line', () => this.deskToLine(1 + this.#world.below(2)));
  }

  /** A story on a free phone; none where all are in use. */
  tell(what: string, story: (port: number) => Promise<void>): boolean {
    const free = this.#box.hardware.phones.filter(({ port }) => !this.#busy.has(port));
    const phone = free[this.#world.below(free.length)];
    if (phone === undefined) return false;
    const { port } = phone;
    this.#busy.add(port);
    this.#world.note(`phone ${port}`, what);
    const told = story(port).finally(() => {
      this.#hangUp(port);
      this.#stories.delete(told);
      this.#world.later(HAND_MS, 'a hand', () => this.#busy.delete(port));
    });
    this.#stories.add(told);
    return true;
  }

  /** A story on the desk phone, when it is free. */
  tellDesk(what: string, story: () => Promise<void>): boolean {
    if (this.#busy.has(DESK_SEAT)) return false;
    this.#busy.add(DESK_SEAT);
    this.#world.note('desk', what);
    const told = story().finally(() => {
      for (const call of this.#desk.calls) if (call !== this.#desk.ringing) call.hangUp();
      this.#stories.delete(told);
      this.#world.later(HAND_MS, 'a hand', () => this.#busy.delete(DESK_SEAT));
    });
    this.#stories.add(told);
    return true;
  }

  // --- stories of the desk phone ---

  async deskOut(number: string): Promise<void> {
    const world = this.#world;
    const call = this.#desk.call(number);
    await this.#wait(world.between(1_500, 4_000));
    if (call.upMs === undefined) return;
    await this.#wait(world.between(800, 5_000));
    if (world.chance(0.5)) this.#outside.calls.at(-1)?.hangUp();
    await this.#wait(world.between(100, 800));
  }

  async deskIn(): Promise<void> {
    const world = this.#world;
    const outside = this.#outside.call('0312345678', NUMBER);
    await this.#until(RINGS_WITHIN_MS, () => this.#desk.ringing !== undefined);
    const call = this.#desk.ringing;
    await this.#wait(world.between(200, 1_800));
    if (call !== undefined && world.chance(0.8)) {
      call.answer();
      await this.#wait(world.between(1_400, 6_000));
      if (world.chance(0.5)) call.hangUp();
      await this.#wait(world.between(100, 800));
    }
    outside.hangUp();
  }

  async deskToLine(port: number): Promise<void> {
    const world = this.#world;
    const call = this.#desk.call(EXTENSIONS[port - 1] ?? '12');
    const rings = () => !this.#busy.has(port) && this.#box.hardware.phone(port).ringing;
    if (await this.#until(3_000, rings)) {
      this.#busy.add(port);
      await this.#wait(world.between(200, 1_500));
      this.#hook(port, true);
      await this.#wait(WRITTEN_MS);
      await this.#unbroken(port, call, world.between(1_500, 8_000));
      if (world.chance(0.5)) call.hangUp();
      await this.#wait(world.between(100, 800));
      this.#hangUp(port);
      world.later(HAND_MS, 'a hand', () => this.#busy.delete(port));
    }
  }

  /** A call inside of the office goes on and is heard, whatever dies but the media process. */
  async #unbroken(port: number, call: PartyCall, ms: number): Promise<void> {
    const { mediaStarts, media } = this.#box;
    const { upMs, overMs, heard } = call;
    await this.#wait(ms);
    const { nowMs } = this.#world;
    // What came up a moment ago is not on the disk yet.
    if (upMs === undefined || overMs !== undefined || nowMs - ms - upMs < WRITTEN_MS / 2) return;
    if (media?.alive !== true || this.#box.mediaStarts !== mediaStarts) return;
    const where = `the desk phone with line ${port}, ${Math.round(ms)} ms`;
    if (call.overMs !== undefined) this.#world.wrong('calls.cut', `${where}: over, and nobody hung up`);
    const least = (0.9 * ms) / 20;
    if (call.heard - heard < least)
      this.#world.wrong('sound.missing', `${where}: ${call.heard - heard} packets heard`);
  }

  // --- stories ---

  async callOut(port: number, number: string): Promise<void> {
    const world = this.#world;
    await this.lift(port);
    const before = this.#outside.calls.length;
    await this.#dial(port, number);
    await this.#wait(world.between(1_500, 4_000));
    const call = this.#outside.calls
      .slice(before)
      .find((one) => one.direction === 'out' && one.number === number);
    if (call?.upMs !== undefined) await this.#talk(port, call);
  }

  async callIn(port: number): Promise<void> {
    const world = this.#world;
    const call = this.#outside.call('0312345678', NUMBER);
    const rang = await this.#until(RINGS_WITHIN_MS, () => this.#box.hardware.phone(port).ringing);
    await this.#wait(world.between(200, 1_800));
    if (rang && world.chance(0.8)) {
      this.#hook(port, true);
      await this.#wait(world.between(600, 1_500));
      if (call.upMs !== undefined) await this.#talk(port, call);
    }
    call.hangUp();
  }

  async internal(port: number): Promise<void> {
    const world = this.#world;
    const other = port === 1 ? 2 : 1;
    await this.lift(port);
    await this.#dial(port, EXTENSIONS[other - 1] ?? '12');
    const rings = () => !this.#busy.has(other) && this.#box.hardware.phone(other).ringing;
    if (await this.#until(3_000, rings)) {
      this.#busy.add(other);
      await this.#wait(world.between(200, 1_500));
      this.#hook(other, true);
      await this.#wait(world.between(800, 4_000));
      this.#hangUp(other);
      this.#world.later(HAND_MS, 'a hand', () => this.#busy.delete(other));
    }
    await this.#wait(world.between(100, 900));
  }

  /** Lifts and waits for dial tone, which has to come. */
  async lift(port: number): Promise<boolean> {
    const world = this.#world;
    const answers = this.#box.hardware.phone(port).ringing || this.#rangUntilKilled();
    this.#hook(port, true);
    if (answers) return false;
    const liftedMs = world.nowMs;
    this.figures = { ...this.figures, lifted: this.figures.lifted + 1 };
    const toned = await this.#until(DIAL_TONE_MS + 600, () => (this.#tonedMs.get(port) ?? -1) >= liftedMs);
    if (toned) this.figures = { ...this.figures, toned: this.figures.toned + 1 };
    else if (world.nowMs - Math.max(liftedMs, this.wellSinceMs) > DIAL_TONE_MS + 500) {
      world.wrong('dialTone', `phone ${port}: none for ${Math.round(world.nowMs - liftedMs)} ms`);
    }
    return toned;
  }

  /** Without its media process the office does not ring, and whoever lifts a phone then takes the call that would. */
  #rangUntilKilled(): boolean {
    return this.#box.media?.alive !== true && this.#outside.calling;
  }

  /** Lifts, listens for dial tone, hangs up. */
  async listen(port: number): Promise<void> {
    await this.lift(port);
    await this.#wait(200);
  }

  async #talk(port: number, call: PartyCall): Promise<void> {
    const world = this.#world;
    this.figures = { ...this.figures, talks: this.figures.talks + 1 };
    await this.#wait(world.between(800, 5_000));
    if (world.chance(0.5)) call.hangUp();
    else this.#hangUp(port);
    await this.#wait(world.between(100, 800));
  }

  // --- hands and ears ---

  #number(): string {
    const numbers = [
      NUMBERS.answers,
      NUMBERS.answers,
      NUMBERS.answersLate,
      NUMBERS.busy,
      NUMBERS.ringsForEver,
    ];
    return numbers[this.#world.below(numbers.length)] ?? NUMBERS.answers;
  }

  #hook(port: number, offHook: boolean): void {
    if (this.#box.hardware.phone(port).offHook === offHook) return;
    this.#world.note(`phone ${port}`, offHook ? 'lifts' : 'hangs up');
    this.#run.set(port, 0);
    if (!offHook) this.#sounds.hungUp(port);
    this.#box.hardware.hook(port, offHook);
  }

  #hangUp(port: number): void {
    this.#hook(port, false);
  }

  async #dial(port: number, digits: string): Promise<void> {
    this.#world.note(`phone ${port}`, `dials ${digits}`);
    for (const digit of digits) {
      this.#box.hardware.pulse(port, digit);
      await this.#wait(60);
    }
  }

  #hears(port: number, byte: number, frame: Uint8Array): void {
    this.#sounds.hears(port, byte);
    // Two places of a frame: a tone may cross zero at one of them.
    const sounds = isSound(byte) || isSound(frame[45] ?? ULAW_SILENCE);
    const run = sounds ? (this.#run.get(port) ?? 0) + 1 : 0;
    this.#run.set(port, run);
    if (run === DIAL_TONE_FRAMES) this.#tonedMs.set(port, this.#world.nowMs);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.later(ms, 'story', resolve));
  }

  async #until(limitMs: number, is: () => boolean): Promise<boolean> {
    const untilMs = this.#world.nowMs + limitMs;
    while (this.#world.nowMs < untilMs) {
      if (is()) return true;
      await this.#wait(50);
    }
    return is();
  }
}
