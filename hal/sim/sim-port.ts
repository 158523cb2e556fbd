import type { PortNumber } from '../../lib/base/ids.ts';
import { ulawDecode, ulawEncode } from '../../lib/dsp/g711.ts';
import { BOARD_FRAME_SAMPLES, type LineMeasurement } from '../board.ts';
import type { CallerIdChunk, PortEvent } from '../link/port-messages.ts';
import { type LineCard, type LineCardInput, newLineCard, stepLineCard } from './line-card.ts';
import { Phone } from './phone.ts';
import { Playout } from './playout.ts';

/** Linear factor of a gain in tenths of a dB. */
function factorOf(centibels: number): number {
  return 10 ** (centibels / 200);
}

/** What a port tells the board. */
export interface SimPortEvents {
  onEvent(event: PortEvent): void;
  onBell(port: PortNumber, on: boolean): void;
}

/** One port of the simulated board with the phone behind it. The phone stays as it is when the board restarts. */
export class SimPort {
  readonly port: PortNumber;
  readonly phone = new Phone();
  readonly playout = new Playout();
  readonly #events: SimPortEvents;
  #card: LineCard;
  #audio = false;
  #power = true;
  #reversed = false;
  #receiveFactor = 1;
  #transmitFactor = 1;
  #callerId: { bytes: Uint8Array; filled: number } | undefined;

  constructor(port: PortNumber, events: SimPortEvents) {
    this.port = port;
    this.#events = events;
    this.#card = newLineCard(port, 0);
  }

  get audio(): boolean {
    return this.#audio;
  }

  get reversed(): boolean {
    return this.#reversed;
  }

  get power(): boolean {
    return this.#power;
  }

  get offHook(): boolean {
    return this.#card.hook.at !== 'onHook';
  }

  get ringing(): boolean {
    return this.#card.ringing !== undefined;
  }

  /** Caller-ID audio that came whole, µ-law. */
  get callerId(): Uint8Array | undefined {
    return this.#callerId?.filled === this.#callerId?.bytes.length ? this.#callerId?.bytes : undefined;
  }

  /** Everything that commands had set, as after reset. The hook is kept: it is a fact, not a setting. */
  resetSettings(tick: number): void {
    this.input({ type: 'ringStop' }, tick);
    this.setAudio(false);
    this.#power = true;
    this.#reversed = false;
    this.setGain(0, 0);
    this.#callerId = undefined;
  }

  /** The board itself was reset: the hook has to be detected anew. */
  resetCard(tick: number): void {
    this.resetSettings(tick);
    this.#card = newLineCard(this.port, tick);
  }

  setAudio(on: boolean): void {
    if (on !== this.#audio) this.playout.clear();
    this.#audio = on;
  }

  setPower(on: boolean): void {
    this.#power = on;
  }

  setReversed(reversed: boolean): void {
    this.#reversed = reversed;
  }

  setGain(receiveCentibels: number, transmitCentibels: number): void {
    this.#receiveFactor = factorOf(receiveCentibels);
    this.#transmitFactor = factorOf(transmitCentibels);
  }

  takeCallerId(chunk: CallerIdChunk): void {
    if (chunk.offset === 0) this.#callerId = { bytes: new Uint8Array(chunk.totalBytes), filled: 0 };
    const held = this.#callerId;
    if (held === undefined || held.filled !== chunk.offset || held.bytes.length !== chunk.totalBytes) return;
    held.bytes.set(chunk.ulaw, chunk.offset);
    held.filled += chunk.ulaw.length;
  }

  input(input: LineCardInput, tick: number): void {
    const step = stepLineCard(this.#card, input, tick);
    this.#card = step.card;
    for (const effect of step.effects) {
      if (effect.do === 'event') this.#events.onEvent(effect.event);
      else this.#events.onBell(this.port, effect.on);
    }
  }

  /** One ms of the wire. Without a powered board the phone goes on living, but nobody sees its loop. */
  passMs(tick: number, boardIsOn: boolean): void {
    const closed = this.phone.step(tick);
    if (boardIsOn) this.input({ type: 'loop', closed: closed && this.#power }, tick);
  }

  /** 10 ms from the microphone, µ-law; what is left when the loop is open is silence. */
  microphone(): Uint8Array {
    const heard = this.phone.mouth();
    const live = this.phone.offHook && this.#power;
    return Uint8Array.from(heard, (sample) =>
      ulawEncode(live ? Math.round(sample * this.#transmitFactor) : 0),
    );
  }

  /** 10 ms to the ear. */
  earpiece(): void {
    const ulaw = this.#audio ? this.playout.take() : undefined;
    const samples = new Int16Array(BOARD_FRAME_SAMPLES);
    if (ulaw !== undefined) {
      for (let index = 0; index < samples.length; index++) {
        const linear = ulawDecode(ulaw[index] ?? 0xff) * this.#receiveFactor;
        samples[index] = Math.max(-32_768, Math.min(32_767, Math.round(linear)));
      }
    }
    this.phone.ear(samples);
  }

  /** GR-909 in order; an off-hook phone makes the later tests meaningless, a call forbids all of them. */
  measure(): LineMeasurement {
    if (this.#audio)
      return { ...NOTHING_MEASURED, receiverOffHook: this.offHook, skipped: ['call in progress'] };
    const clean = { hazardousAcVrms: 0, hazardousDcV: 0, foreignAcVrms: 0.2, foreignDcV: 0.1 };
    if (this.offHook) {
      const skipped = ['off-hook'];
      return { ...NOTHING_MEASURED, ...clean, receiverOffHook: true, loopCurrentMa: 23.5, skipped };
    }
    return { ...NOTHING_MEASURED, ...clean, leakageKohm: 5_000, renHundredths: 100, loopCurrentMa: 0 };
  }
}

const NOTHING_MEASURED: LineMeasurement = {
  hazardousAcVrms: null,
  hazardousDcV: null,
  foreignAcVrms: null,
  foreignDcV: null,
  leakageKohm: null,
  receiverOffHook: false,
  renHundredths: null,
  loopCurrentMa: null,
  skipped: [],
};
