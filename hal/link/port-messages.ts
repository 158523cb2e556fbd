import type { PortNumber } from '../../lib/base/ids.ts';
import {
  BOARD_FRAME_MS,
  type BoardEvent,
  type FaxModeSettings,
  type LineImpedance,
  type PortCommand,
  type PortFault,
} from '../board.ts';
import { FieldReader, FieldWriter } from './bytes.ts';
import { FRAME, type Frame } from './frame.ts';
import { decodeMeasurement, encodeMeasurement } from './measurement.ts';

/** Events that come from a port, as control frames. */
export type PortEvent = Extract<
  BoardEvent,
  {
    type:
      | 'hook'
      | 'ringTrip'
      | 'flash'
      | 'pulseDigit'
      | 'fault'
      | 'measured'
      | 't38'
      | 'faxFrame'
      | 'faxFigures';
  }
>;

/** What a control frame carries besides its number. */
export interface PortMessage {
  readonly type: number;
  readonly channel: number;
  readonly payload: Buffer;
}

/** Values of the fault byte; one that is not here makes the frame malformed. */
const FAULTS: readonly PortFault[] = ['overCurrent', 'overTemperature', 'foreignVoltage', 'powerFail'];
/** Most on and off times in one cadence. */
export const CADENCE_LIMIT = 16;
/** Bytes of caller-ID audio in one frame. */
export const CALLER_ID_CHUNK_BYTES = 512;
/** Longest caller-ID audio: 2 s. */
export const CALLER_ID_LIMIT_BYTES = 16_000;

/** Most times that one packet may be asked to go out. */
const COPIES_LIMIT = 15;
/** Longest T.30 control frame that is told; the longest that the standard knows are far shorter. */
const FAX_FRAME_LIMIT_BYTES = 255;
/** Values of the modems byte. */
const MODEMS: readonly FaxModeSettings['modems'][] = ['v17', 'v29', 'v27ter'];
const VERSIONS: readonly FaxModeSettings['version'][] = [0, 1, 2, 3];

/** One piece of caller-ID audio. The board plays it when the last byte of `totalBytes` has come. */
export interface CallerIdChunk {
  readonly offset: number;
  readonly totalBytes: number;
  readonly ulaw: Uint8Array;
}

/** A command as the board sees it: caller-ID audio comes in pieces. */
export type WireCommand =
  | Exclude<PortCommand, { type: 'callerId' }>
  | { readonly type: 'callerId'; readonly chunk: CallerIdChunk };

const none = Buffer.alloc(0);

/** Event → frame. The frame's tick carries the event's time. Layouts in hal/README.md. */
export function encodeEvent(event: PortEvent): PortMessage {
  const channel = event.port;
  switch (event.type) {
    case 'hook':
      return { type: FRAME.hook, channel, payload: flag(event.offHook) };
    case 'ringTrip':
      return { type: FRAME.ringTrip, channel, payload: none };
    case 'flash':
      return { type: FRAME.flash, channel, payload: new FieldWriter().u16(event.durationMs).take() };
    case 'pulseDigit': {
      const pulses = event.digit === '0' ? 10 : Number(event.digit);
      return { type: FRAME.pulseDigit, channel, payload: new FieldWriter().u8(pulses).take() };
    }
    case 'fault': {
      const payload = new FieldWriter()
        .u8(FAULTS.indexOf(event.fault))
        .u8(event.present ? 1 : 0)
        .take();
      return { type: FRAME.fault, channel, payload };
    }
    case 'measured': {
      const payload = new FieldWriter().u16(event.request).bytes(encodeMeasurement(event.result)).take();
      return { type: FRAME.measured, channel, payload };
    }
    case 't38':
      return encodeMade(event);
    case 'faxFrame': {
      const frame = event.frame.subarray(0, FAX_FRAME_LIMIT_BYTES);
      const payload = new FieldWriter()
        .u8(event.incoming ? 1 : 0)
        .bytes(frame)
        .take();
      return { type: FRAME.faxFrame, channel, payload };
    }
    case 'faxFigures': {
      const writer = new FieldWriter().u16(event.bitRate).u8(event.ecm ? 1 : 0);
      return { type: FRAME.faxFigures, channel, payload: writer.u16(event.pages).take() };
    }
  }
}

function encodeMade(event: Extract<PortEvent, { type: 't38' }>): PortMessage {
  const payload = new FieldWriter()
    .u16(event.sequence & 0xffff)
    .u8(Math.max(0, Math.min(COPIES_LIMIT, event.copies)))
    .bytes(event.ifp)
    .take();
  return { type: FRAME.t38Made, channel: event.port, payload };
}

/** Frame → event; undefined when the payload is too short or holds a value that is not in the table. */
export function decodeEvent(frame: Frame): PortEvent | undefined {
  const reader = new FieldReader(frame.payload);
  const event = eventOf(frame, reader);
  return reader.short ? undefined : event;
}

function eventOf(frame: Frame, reader: FieldReader): PortEvent | undefined {
  const port = frame.channel as PortNumber;
  const { tick } = frame;
  switch (frame.type) {
    case FRAME.hook:
      return { type: 'hook', port, offHook: reader.u8() !== 0, tick };
    case FRAME.ringTrip:
      return { type: 'ringTrip', port, tick };
    case FRAME.flash:
      return { type: 'flash', port, durationMs: reader.u16(), tick };
    case FRAME.pulseDigit: {
      const pulses = reader.u8();
      if (pulses < 1 || pulses > 10) return undefined;
      return { type: 'pulseDigit', port, digit: String(pulses % 10), tick };
    }
    case FRAME.fault: {
      const fault = FAULTS[reader.u8()];
      const present = reader.u8() !== 0;
      return fault === undefined ? undefined : { type: 'fault', port, fault, present };
    }
    case FRAME.measured: {
      const request = reader.u16();
      const result = decodeMeasurement(reader);
      return { type: 'measured', port, request, result };
    }
    case FRAME.t38Made: {
      const made = { sequence: reader.u16(), copies: reader.u8(), ifp: reader.rest() };
      return made.copies > COPIES_LIMIT ? undefined : { type: 't38', port, ...made };
    }
    case FRAME.faxFrame: {
      const incoming = reader.u8() !== 0;
      const bytes = reader.rest();
      return bytes.length > FAX_FRAME_LIMIT_BYTES
        ? undefined
        : { type: 'faxFrame', port, incoming, frame: bytes };
    }
    case FRAME.faxFigures:
      return {
        type: 'faxFigures',
        port,
        bitRate: reader.u16(),
        ecm: reader.u8() !== 0,
        pages: reader.u16(),
      };
    default:
      return undefined;
  }
}

/** By their number on the wire. */
const IMPEDANCES: readonly LineImpedance[] = ['japan', '600', '900'];

/** Command → frames: one, or several for caller-ID audio. Times and texts beyond the limits are cut. */
export function encodeCommand(channel: number, command: PortCommand): readonly PortMessage[] {
  if (command.type === 'callerId') return callerIdChunks(channel, command.ulaw);
  return [{ ...encodeSimple(command), channel }];
}

function encodeSimple(command: Exclude<PortCommand, { type: 'callerId' }>): Omit<PortMessage, 'channel'> {
  switch (command.type) {
    case 'ring': {
      const times = command.cadence.slice(0, CADENCE_LIMIT);
      const writer = new FieldWriter().u8(times.length);
      for (const timeMs of times) writer.u16(timeMs);
      return { type: FRAME.ring, payload: writer.take() };
    }
    case 'ringStop':
      return { type: FRAME.ringStop, payload: none };
    case 'polarity':
      return { type: FRAME.polarity, payload: flag(command.reversed) };
    case 'power':
      return { type: FRAME.power, payload: flag(command.on) };
    case 'gain': {
      const payload = new FieldWriter().i16(command.receiveCentibels).i16(command.transmitCentibels).take();
      return { type: FRAME.gain, payload };
    }
    case 'impedance': {
      const payload = new FieldWriter().u8(IMPEDANCES.indexOf(command.preset)).take();
      return { type: FRAME.impedance, payload };
    }
    case 'audio':
      return { type: FRAME.audioSwitch, payload: encodeAudioSwitch(command) };
    case 'measure':
      return { type: FRAME.measure, payload: new FieldWriter().u16(command.request).take() };
    case 'faxMode':
      return { type: FRAME.faxMode, payload: encodeFaxMode(command) };
    case 't38':
      return { type: FRAME.t38, payload: ifp(command.sequence, command.ifp) };
  }
}

function callerIdChunks(channel: number, ulaw: Uint8Array): PortMessage[] {
  const audio = ulaw.subarray(0, CALLER_ID_LIMIT_BYTES);
  const chunks: PortMessage[] = [];
  for (let offset = 0; offset < audio.length; offset += CALLER_ID_CHUNK_BYTES) {
    const piece = audio.subarray(offset, offset + CALLER_ID_CHUNK_BYTES);
    const payload = new FieldWriter().u16(offset).u16(audio.length).bytes(piece).take();
    chunks.push({ type: FRAME.callerId, channel, payload });
  }
  return chunks;
}

/** Frame → command; undefined as for {@link decodeEvent}. */
export function decodeCommand(frame: Frame): WireCommand | undefined {
  const reader = new FieldReader(frame.payload);
  const command = commandOf(frame, reader);
  return reader.short ? undefined : command;
}

function commandOf(frame: Frame, reader: FieldReader): WireCommand | undefined {
  switch (frame.type) {
    case FRAME.ring: {
      const count = reader.u8();
      if (count < 1 || count > CADENCE_LIMIT) return undefined;
      const cadence = Array.from({ length: count }, () => reader.u16());
      return { type: 'ring', cadence };
    }
    case FRAME.ringStop:
      return { type: 'ringStop' };
    case FRAME.polarity:
      return { type: 'polarity', reversed: reader.u8() !== 0 };
    case FRAME.power:
      return { type: 'power', on: reader.u8() !== 0 };
    case FRAME.gain:
      return { type: 'gain', receiveCentibels: reader.i16(), transmitCentibels: reader.i16() };
    case FRAME.impedance: {
      const preset = IMPEDANCES[reader.u8()];
      return preset === undefined ? undefined : { type: 'impedance', preset };
    }
    case FRAME.callerId: {
      const chunk = { offset: reader.u16(), totalBytes: reader.u16(), ulaw: reader.rest() };
      const fits = chunk.offset + chunk.ulaw.length <= chunk.totalBytes;
      return fits && chunk.totalBytes <= CALLER_ID_LIMIT_BYTES ? { type: 'callerId', chunk } : undefined;
    }
    case FRAME.audioSwitch:
      return decodeAudioSwitch(reader);
    case FRAME.measure:
      return { type: 'measure', request: reader.u16() };
    case FRAME.faxMode:
      return decodeFaxMode(reader);
    case FRAME.t38:
      return { type: 't38', sequence: reader.u16(), ifp: reader.rest() };
    default:
      return undefined;
  }
}

/** The lead is new in 1.2 and stands at the end: a board of before does not read it. */
function encodeAudioSwitch({ on, leadMs }: Extract<PortCommand, { type: 'audio' }>): Buffer {
  const writer = new FieldWriter().u8(on ? 1 : 0);
  if (leadMs !== undefined) writer.u8(Math.round(leadMs / BOARD_FRAME_MS));
  return writer.take();
}

function decodeAudioSwitch(reader: FieldReader): WireCommand {
  const on = reader.u8() !== 0;
  const [lead] = reader.rest();
  return lead === undefined ? { type: 'audio', on } : { type: 'audio', on, leadMs: lead * BOARD_FRAME_MS };
}

function encodeFaxMode(command: Extract<PortCommand, { type: 'faxMode' }>): Buffer {
  const writer = new FieldWriter().u8(command.on ? 1 : 0);
  if (!command.on) return writer.u8(0).u8(0).u8(0).take();
  writer
    .u8(command.version)
    .u8(command.ecm ? 1 : 0)
    .u8(MODEMS.indexOf(command.modems));
  return command.tones === true ? writer.u8(1).take() : writer.take();
}

function decodeFaxMode(reader: FieldReader): WireCommand | undefined {
  const on = reader.u8() !== 0;
  const version = VERSIONS[reader.u8()];
  const ecm = reader.u8() !== 0;
  const modems = MODEMS[reader.u8()];
  const tones = (reader.rest()[0] ?? 0) !== 0 ? { tones: true } : {};
  if (!on) return { type: 'faxMode', on };
  return version === undefined || modems === undefined
    ? undefined
    : { type: 'faxMode', on, version, ecm, modems, ...tones };
}

function flag(on: boolean): Buffer {
  return Buffer.from([on ? 1 : 0]);
}

function ifp(sequence: number, bytes: Uint8Array): Buffer {
  return new FieldWriter()
    .u16(sequence & 0xffff)
    .bytes(bytes)
    .take();
}
