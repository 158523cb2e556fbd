import type { PortNumber } from '../../lib/base/ids.ts';
import { ulawDecode, ulawEncode } from '../../lib/dsp/g711.ts';
import {
  BOARD_FRAME_MS,
  BOARD_FRAME_SAMPLES,
  type FaxModeSettings,
  type LineImpedance,
  type LineMeasurement,
} from '../board.ts';
import type { CallerIdChunk, PortEvent } from '../link/port-messages.ts';
import { DisplayPhone } from './display-phone.ts';
import { FaxDevice } from './fax-device.ts';
import { type LineCard, type LineCardInput, newLineCard, stepLineCard } from './line-card.ts';
import { HEALTHY_LINE, type LineCondition, measureLine } from './line-faults.ts';
import { Phone } from './phone.ts';
import { Playout } from './playout.ts';
import { PortGateway } from './port-gateway.ts';

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
  /** A fax machine on the same two wires. */
  readonly fax: FaxDevice;
  /** The phone's own display, off until it is switched on. */
  readonly display: DisplayPhone;
  readonly playout = new Playout();
  readonly #events: SimPortEvents;
  #card: LineCard;
  #audio = false;
  #power = true;
  #reversed = false;
  #impedance: LineImpedance = 'japan';
  #receiveFactor = 1;
  #transmitFactor = 1;
  #callerId: { bytes: Uint8Array; filled: number } | undefined;
  /** Where the caller-ID audio plays; undefined when it does not. */
  #callerIdAt: number | undefined;
  #condition: LineCondition = HEALTHY_LINE;
  #gateway: PortGateway | undefined;

  constructor(port: PortNumber, events: SimPortEvents) {
    this.port = port;
    this.#events = events;
    this.fax = new FaxDevice(port, this.phone);
    this.display = new DisplayPhone(this.phone);
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

  get faxMode(): boolean {
    return this.#gateway !== undefined;
  }

  get impedance(): LineImpedance {
    return this.#impedance;
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
    this.setFaxMode(undefined);
    this.#power = true;
    this.setReversed(false);
    this.setGain(0, 0);
    this.setImpedance('japan');
    this.#callerId = undefined;
    this.#callerIdAt = undefined;
  }

  /** The board itself was reset: the hook has to be detected anew. */
  resetCard(tick: number): void {
    this.resetSettings(tick);
    this.#card = newLineCard(this.port, tick);
  }

  setAudio(on: boolean, leadMs = 0): void {
    this.playout.setLead(Math.round(leadMs / BOARD_FRAME_MS));
    if (on !== this.#audio) this.playout.clear();
    this.#audio = on;
  }

  setPower(on: boolean): void {
    this.#power = on;
  }

  setReversed(reversed: boolean): void {
    if (reversed !== this.#reversed) this.display.reversed(reversed);
    this.#reversed = reversed;
  }

  /** What is wrong with the wires from now on; undefined: nothing. */
  setFault(fault: Partial<LineCondition> | undefined): void {
    this.#condition = fault === undefined ? HEALTHY_LINE : { ...this.#condition, ...fault };
  }

  setImpedance(preset: LineImpedance): void {
    this.#impedance = preset;
  }

  setGain(receiveCentibels: number, transmitCentibels: number): void {
    this.#receiveFactor = factorOf(receiveCentibels);
    this.#transmitFactor = factorOf(transmitCentibels);
  }

  /** False when the board's T.38 processor cannot be had. The same settings again change nothing. */
  setFaxMode(settings: FaxModeSettings | undefined): boolean {
    if (settings !== undefined && sameSettings(this.#gateway?.settings, settings)) return true;
    this.#gateway?.close();
    this.#gateway = undefined;
    this.playout.clear();
    if (settings === undefined) return true;
    const { port } = this;
    const opened = PortGateway.open(settings, {
      onIfp: (sequence, copies, ifp) => this.#events.onEvent({ type: 't38', port, sequence, copies, ifp }),
      onFrame: (frame, incoming) => this.#events.onEvent({ type: 'faxFrame', port, incoming, frame }),
      onFigures: (figures) => this.#events.onEvent({ type: 'faxFigures', port, ...figures }),
    });
    if (opened.ok) this.#gateway = opened.value;
    return opened.ok;
  }

  /** An IFP packet from the box; without fax mode there is nobody for it. */
  takeIfp(sequence: number, ifp: Uint8Array): void {
    this.#gateway?.receive(sequence, ifp);
  }

  takeCallerId(chunk: CallerIdChunk): void {
    if (chunk.offset === 0) this.#callerId = { bytes: new Uint8Array(chunk.totalBytes), filled: 0 };
    const held = this.#callerId;
    if (held === undefined || held.filled !== chunk.offset || held.bytes.length !== chunk.totalBytes) return;
    held.bytes.set(chunk.ulaw, chunk.offset);
    held.filled += chunk.ulaw.length;
    if (held.filled === held.bytes.length) this.#callerIdAt = 0;
  }

  input(input: LineCardInput, tick: number): void {
    const step = stepLineCard(this.#card, input, tick);
    this.#card = step.card;
    for (const effect of step.effects) {
      if (effect.do === 'event') this.#tell(effect.event);
      else {
        this.display.bell(effect.on);
        this.#events.onBell(this.port, effect.on);
      }
    }
  }

  #tell(event: PortEvent): void {
    if (event.type === 'hook' && !event.offHook) this.setFaxMode(undefined);
    this.#events.onEvent(event);
  }

  /** One ms of the wire. Without a powered board the phone goes on living, but nobody sees its loop. */
  passMs(tick: number, boardIsOn: boolean): void {
    const closed = this.phone.step(tick);
    this.display.step(tick);
    if (boardIsOn) this.input({ type: 'loop', closed: closed && this.#power }, tick);
  }

  /** 10 ms from the microphone or the fax machine, µ-law; what is left when the loop is open, or in fax mode, is silence. */
  microphone(): Uint8Array {
    const spoken = this.phone.mouth();
    const heard = this.fax.mouth() ?? spoken;
    const closed = this.phone.offHook && this.#power;
    if (closed) this.#gateway?.hear(heard);
    const live = closed && this.#gateway === undefined;
    return Uint8Array.from(heard, (sample) =>
      ulawEncode(live ? Math.round(sample * this.#transmitFactor) : 0),
    );
  }

  /** 10 ms to the ear. */
  earpiece(): void {
    const samples = this.#gateway?.speak() ?? this.#fromBox();
    this.phone.ear(samples);
    if (!this.phone.offHook || !this.#power) return;
    this.fax.ear(samples);
    this.display.hear(samples);
  }

  /** Caller-ID audio goes before everything else, whether the box has sound on or not. */
  #fromBox(): Int16Array {
    const played = this.#audio ? this.playout.take() : undefined;
    const ulaw = this.#takeCallerIdAudio() ?? played;
    const samples = new Int16Array(BOARD_FRAME_SAMPLES);
    if (ulaw !== undefined) {
      for (let index = 0; index < samples.length; index++) {
        const linear = ulawDecode(ulaw[index] ?? 0xff) * this.#receiveFactor;
        samples[index] = Math.max(-32_768, Math.min(32_767, Math.round(linear)));
      }
    }
    return samples;
  }

  #takeCallerIdAudio(): Uint8Array | undefined {
    const [bytes, at] = [this.#callerId?.bytes, this.#callerIdAt];
    if (bytes === undefined || at === undefined) return undefined;
    const piece = bytes.subarray(at, at + BOARD_FRAME_SAMPLES);
    this.#callerIdAt = at + piece.length < bytes.length ? at + piece.length : undefined;
    return piece;
  }

  measure(): LineMeasurement {
    return measureLine(this.#condition, { inCall: this.#audio, offHook: this.offHook });
  }
}

function sameSettings(one: FaxModeSettings | undefined, other: FaxModeSettings): boolean {
  return (
    one?.version === other.version &&
    one.ecm === other.ecm &&
    one.modems === other.modems &&
    one.tones === other.tones
  );
}
