import { encodeAudio } from '../../hal/link/audio-message.ts';
import { encodeFrame, FLAG_RELIABLE, FLAG_RETRANSMIT, FRAME } from '../../hal/link/frame.ts';
import {
  encodeAck,
  encodeCredit,
  encodeHeartbeat,
  encodeHello,
  encodeHelloRequest,
} from '../../hal/link/link-messages.ts';
import { encodeCommand, encodeEvent, type PortMessage } from '../../hal/link/port-messages.ts';
import { encodeRefusal } from '../../hal/link/refusal-message.ts';
import type { PortNumber } from '../../lib/base/ids.ts';

const port = 1 as PortNumber;

function link(type: number, payload: Uint8Array, ack: number): Buffer {
  return encodeFrame({ version: 1, type, channel: 0, flags: 0, seq: 0, ack, tick: 8_000, payload });
}

function control(message: PortMessage | undefined, seq: number, ack: number, flags = FLAG_RELIABLE): Buffer {
  if (message === undefined) throw new Error('no message');
  return encodeFrame({ version: 1, flags, seq, ack, tick: 8_000, ...message });
}

const measured = {
  hazardousAcVrms: 0,
  hazardousDcV: 1.5,
  foreignAcVrms: 0.2,
  foreignDcV: 0.1,
  leakageKohm: 5_000,
  receiverOffHook: false,
  renHundredths: 100,
  loopCurrentMa: 0,
  skipped: [],
};

/** The examples of hal/README.md, made by the codec: name to bytes on the wire. All at tick 8000, port 1. */
export const protocolExamples: ReadonlyMap<string, Buffer> = new Map([
  [
    'HELLO_REQUEST',
    link(
      FRAME.helloRequest,
      encodeHelloRequest({ major: 1, minor: 0, nonce: 0x01020304, receiveBytes: 65_536 }),
      0,
    ),
  ],
  [
    'HELLO',
    link(
      FRAME.hello,
      encodeHello({
        nonce: 0x01020304,
        identity: {
          protocol: { major: 1, minor: 0 },
          model: 'FXS2',
          serial: '17',
          firmware: '1.0',
          ports: 2,
          bootReason: 'powerOn',
          capabilities: ['pcm', 'gr909'],
          limits: { receiveBytes: 8_192, frameBytes: 1_024 },
        },
      }),
      0,
    ),
  ],
  [
    'HEARTBEAT',
    link(
      FRAME.heartbeat,
      encodeHeartbeat({
        receivedBytes: 256,
        freeBytes: 8_192,
        sentBytes: 512,
        uptimeMs: 1_000,
        crcErrors: 1,
        framingErrors: 2,
        overruns: 0,
        retransmits: 3,
        audioGaps: 4,
      }),
      2,
    ),
  ],
  ['ACK', link(FRAME.ack, encodeAck(5), 7)],
  ['CREDIT', link(FRAME.credit, encodeCredit({ receivedBytes: 256, freeBytes: 8_192 }), 7)],
  ['HOOK', control(encodeEvent({ type: 'hook', port, offHook: true, tick: 8_000 }), 5, 3)],
  [
    'HOOK again',
    control(
      encodeEvent({ type: 'hook', port, offHook: true, tick: 8_000 }),
      5,
      4,
      FLAG_RELIABLE | FLAG_RETRANSMIT,
    ),
  ],
  ['RING_TRIP', control(encodeEvent({ type: 'ringTrip', port, tick: 8_000 }), 6, 3)],
  ['FLASH', control(encodeEvent({ type: 'flash', port, durationMs: 400, tick: 8_000 }), 7, 3)],
  ['PULSE_DIGIT', control(encodeEvent({ type: 'pulseDigit', port, digit: '0', tick: 8_000 }), 8, 3)],
  ['FAULT', control(encodeEvent({ type: 'fault', port, fault: 'foreignVoltage', present: true }), 9, 3)],
  ['MEASURED', control(encodeEvent({ type: 'measured', port, request: 7, result: measured }), 10, 3)],
  [
    'REFUSED',
    control(
      {
        type: FRAME.refused,
        channel: 1,
        payload: encodeRefusal({ commandType: FRAME.t38, reason: 'notFitted' }),
      },
      11,
      3,
    ),
  ],
  [
    'FAX_FRAME',
    control(
      encodeEvent({ type: 'faxFrame', port, incoming: true, frame: Buffer.from([0xff, 0x13, 0x84]) }),
      12,
      3,
    ),
  ],
  [
    'FAX_FIGURES',
    control(encodeEvent({ type: 'faxFigures', port, bitRate: 14_400, ecm: true, pages: 2 }), 13, 3),
  ],
  ['RING', control(encodeCommand(1, { type: 'ring', cadence: [1_000, 2_000] })[0], 3, 12)],
  ['RING_STOP', control(encodeCommand(1, { type: 'ringStop' })[0], 4, 12)],
  ['POLARITY', control(encodeCommand(1, { type: 'polarity', reversed: true })[0], 5, 12)],
  ['POWER', control(encodeCommand(1, { type: 'power', on: false })[0], 6, 12)],
  [
    'GAIN',
    control(encodeCommand(1, { type: 'gain', receiveCentibels: -30, transmitCentibels: 15 })[0], 7, 12),
  ],
  [
    'CALLER_ID',
    control(encodeCommand(1, { type: 'callerId', ulaw: Buffer.from('ff7fff7f', 'hex') })[0], 8, 12),
  ],
  ['AUDIO_SWITCH', control(encodeCommand(1, { type: 'audio', on: true })[0], 9, 12)],
  ['AUDIO_SWITCH for modems', control(encodeCommand(1, { type: 'audio', on: true, leadMs: 300 })[0], 9, 12)],
  ['IMPEDANCE', control(encodeCommand(1, { type: 'impedance', preset: '600' })[0], 12, 12)],
  ['MEASURE', control(encodeCommand(1, { type: 'measure', request: 7 })[0], 10, 12)],
  [
    'FAX_MODE',
    control(encodeCommand(1, { type: 'faxMode', on: true, version: 0, ecm: true, modems: 'v17' })[0], 11, 12),
  ],
  ['T38', control(encodeCommand(1, { type: 't38', sequence: 2, ifp: Buffer.from([0x06]) })[0], 12, 12)],
  [
    'T38_MADE',
    control(encodeEvent({ type: 't38', port, sequence: 2, copies: 3, ifp: Buffer.from([0x06]) }), 14, 3),
  ],
  [
    'AUDIO',
    encodeFrame({
      version: 1,
      type: FRAME.audio,
      channel: 0,
      flags: 0,
      seq: 100,
      ack: 3,
      tick: 8_000,
      payload: encodeAudio([{ port, ulaw: new Uint8Array(80).fill(0xff) }]),
    }),
  ],
]);
