import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LineMeasurement, PortCommand } from '../../../hal/board.ts';
import { decodeAudio, encodeAudio } from '../../../hal/link/audio-message.ts';
import { FRAME, type Frame } from '../../../hal/link/frame.ts';
import {
  decodeAck,
  decodeCredit,
  decodeHeartbeat,
  decodeHello,
  decodeHelloRequest,
  encodeAck,
  encodeCredit,
  encodeHeartbeat,
  encodeHello,
  encodeHelloRequest,
  type Hello,
} from '../../../hal/link/link-messages.ts';
import {
  decodeCommand,
  decodeEvent,
  encodeCommand,
  encodeEvent,
  type PortEvent,
  type PortMessage,
} from '../../../hal/link/port-messages.ts';
import { decodeRefusal, encodeRefusal } from '../../../hal/link/refusal-message.ts';
import type { PortNumber } from '../../../lib/base/ids.ts';
import { hex } from '../../support/hex.ts';

const port = 3 as PortNumber;
const tick = 80_000;

function asFrame(message: PortMessage): Frame {
  return { version: 1, flags: 1, seq: 0, ack: 0, tick, ...message };
}

const clean: LineMeasurement = {
  hazardousAcVrms: 0,
  hazardousDcV: 1.5,
  foreignAcVrms: 0.2,
  foreignDcV: 0.1,
  leakageKohm: 5_000,
  receiverOffHook: false,
  renHundredths: 100,
  loopCurrentMa: 23.5,
  skipped: [],
};

const events: readonly { event: PortEvent; bytes: string }[] = [
  { event: { type: 'hook', port, offHook: true, tick }, bytes: '01' },
  { event: { type: 'ringTrip', port, tick }, bytes: '' },
  { event: { type: 'flash', port, durationMs: 400, tick }, bytes: '90 01' },
  { event: { type: 'pulseDigit', port, digit: '0', tick }, bytes: '0a' },
  { event: { type: 'fault', port, fault: 'foreignVoltage', present: true }, bytes: '02 01' },
  {
    event: { type: 'measured', port, request: 7, result: clean },
    bytes: '07 00 00 00 0f 00 02 00 01 00 88 13 00 64 00 eb 00 00',
  },
  { event: { type: 't38', port, sequence: 2, copies: 3, ifp: Buffer.from([0x06]) }, bytes: '02 00 03 06' },
  {
    event: { type: 'faxFrame', port, incoming: true, frame: Buffer.from([0xff, 0x13, 0x84]) },
    bytes: '01 ff 13 84',
  },
  { event: { type: 'faxFigures', port, bitRate: 14_400, ecm: true, pages: 2 }, bytes: '40 38 01 02 00' },
];

const commands: readonly { command: PortCommand; type: number; bytes: string }[] = [
  { command: { type: 'ring', cadence: [1000, 2000] }, type: 0x20, bytes: '02 e8 03 d0 07' },
  { command: { type: 'ringStop' }, type: 0x21, bytes: '' },
  { command: { type: 'polarity', reversed: true }, type: 0x22, bytes: '01' },
  { command: { type: 'power', on: false }, type: 0x23, bytes: '00' },
  {
    command: { type: 'gain', receiveCentibels: -30, transmitCentibels: 15 },
    type: 0x24,
    bytes: 'e2 ff 0f 00',
  },
  { command: { type: 'audio', on: true }, type: 0x26, bytes: '01' },
  { command: { type: 'audio', on: true, leadMs: 300 }, type: 0x26, bytes: '01 1e' },
  {
    command: { type: 'faxMode', on: true, version: 0, ecm: true, modems: 'v17', tones: true },
    type: 0x28,
    bytes: '01 00 01 00 01',
  },
  { command: { type: 'measure', request: 7 }, type: 0x27, bytes: '07 00' },
  {
    command: { type: 'faxMode', on: true, version: 0, ecm: true, modems: 'v29' },
    type: 0x28,
    bytes: '01 00 01 01',
  },
  { command: { type: 'impedance', preset: '900' }, type: 0x29, bytes: '02' },
  { command: { type: 'faxMode', on: false }, type: 0x28, bytes: '00 00 00 00' },
  { command: { type: 't38', sequence: 2, ifp: Buffer.from([0x06]) }, type: 0x41, bytes: '02 00 06' },
];

describe('port messages', () => {
  it.each(events)('event $event.type is $bytes and comes back', ({ event, bytes }) => {
    const message = encodeEvent(event);
    expect(hex(message.payload)).toBe(bytes);
    expect(message.channel).toBe(3);
    expect(decodeEvent(asFrame(message))).toEqual(event);
  });

  it.each(commands)('command $command.type is $bytes and comes back', ({ command, type, bytes }) => {
    const [message] = encodeCommand(3, command);
    if (message === undefined) throw new Error('no frame');
    expect([message.type, hex(message.payload)]).toEqual([type, bytes]);
    expect(decodeCommand(asFrame(message))).toEqual(command);
  });

  it('a fax message that no board or box can mean is malformed', () => {
    const frame = (type: number, bytes: readonly number[]) => ({
      ...asFrame({ type, channel: 3, payload: Buffer.from(bytes) }),
    });
    expect(decodeCommand(frame(0x28, [1, 4, 1, 0]))).toBeUndefined();
    expect(decodeCommand(frame(0x28, [1, 0, 1, 3]))).toBeUndefined();
    expect(decodeCommand(frame(0x28, [1, 0, 1]))).toBeUndefined();
    expect(decodeEvent(frame(0x42, [0, 0, 16, 6]))).toBeUndefined();
    expect(decodeEvent(frame(0x17, [1, ...new Array<number>(256).fill(0)]))).toBeUndefined();
  });

  it('caller-ID audio goes in pieces of 512 bytes that name their place', () => {
    const ulaw = Uint8Array.from({ length: 1_100 }, (_, index) => index & 0xff);
    const pieces = encodeCommand(3, { type: 'callerId', ulaw }).map((message) =>
      decodeCommand(asFrame(message)),
    );
    const chunks = pieces.flatMap((piece) => (piece?.type === 'callerId' ? [piece.chunk] : []));
    expect(chunks.map(({ offset, totalBytes }) => [offset, totalBytes])).toEqual([
      [0, 1_100],
      [512, 1_100],
      [1_024, 1_100],
    ]);
    expect(Buffer.concat(chunks.map((chunk) => chunk.ulaw))).toEqual(Buffer.from(ulaw));
  });

  it('a value that could not be measured is null, and says why', () => {
    const skipped = {
      ...clean,
      leakageKohm: null,
      renHundredths: null,
      receiverOffHook: true,
      skipped: ['off-hook'],
    };
    const message = encodeEvent({ type: 'measured', port, request: 1, result: skipped });
    expect(decodeEvent(asFrame(message))).toMatchObject({ result: skipped });
  });

  it('fields added at the end by a newer minor version are left alone', () => {
    const message = encodeEvent({ type: 'flash', port, durationMs: 400, tick });
    const longer = { ...message, payload: Buffer.concat([message.payload, Buffer.from([9, 9])]) };
    expect(decodeEvent(asFrame(longer))).toMatchObject({ type: 'flash', durationMs: 400 });
  });

  it('values that are not in a table are refused', () => {
    const none = (type: number, ...payload: number[]) =>
      decodeEvent(asFrame({ type, channel: 1, payload: Buffer.from(payload) }));
    expect(none(FRAME.pulseDigit, 0)).toBeUndefined();
    expect(none(FRAME.pulseDigit, 11)).toBeUndefined();
    expect(none(FRAME.fault, 99, 1)).toBeUndefined();
    expect(none(FRAME.hook)).toBeUndefined();
    expect(
      decodeCommand(asFrame({ type: FRAME.ring, channel: 1, payload: Buffer.from([17]) })),
    ).toBeUndefined();
  });

  it('any payload under any type is decoded or refused, never thrown', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 64 }), (type, payload) => {
        const frame = asFrame({ type, channel: 1, payload: Buffer.from(payload) });
        decodeEvent(frame);
        decodeCommand(frame);
        decodeHello(payload, 1);
        decodeHelloRequest(payload);
        decodeHeartbeat(payload);
        decodeCredit(payload);
        decodeAudio(payload);
        decodeRefusal(payload);
      }),
    );
  });
});

describe('link messages', () => {
  const hello: Hello = {
    nonce: 1,
    identity: {
      protocol: { major: 1, minor: 0 },
      ports: 2,
      bootReason: 'powerOn',
      capabilities: ['pcm'],
      limits: { receiveBytes: 4_096, frameBytes: 1_024 },
      model: 'A',
      serial: 'B',
      firmware: 'C',
    },
  };

  it('HELLO is as in its example, and comes back', () => {
    const bytes = encodeHello(hello);
    expect(hex(bytes)).toBe('01 00 02 00 01 00 00 00 01 00 00 00 00 10 00 00 00 04 01 41 01 42 01 43');
    expect(decodeHello(bytes, 1)).toEqual(hello);
  });

  it('of a HELLO of a foreign major version only the version is read', () => {
    expect(decodeHello(Buffer.from([2, 7]), 1)?.identity.protocol).toEqual({ major: 2, minor: 7 });
    expect(decodeHello(Buffer.from([1]), 1)).toBeUndefined();
  });

  it('a HELLO that announces no port, or nine, is refused', () => {
    const bytes = encodeHello(hello);
    for (const ports of [0, 9]) {
      bytes[2] = ports;
      expect(decodeHello(bytes, 1)).toBeUndefined();
    }
  });

  it('HELLO_REQUEST, CREDIT, HEARTBEAT, ACK and REFUSED are as in their examples', () => {
    const request = { major: 1, minor: 0, nonce: 0x01020304, receiveBytes: 65_536 };
    expect(hex(encodeHelloRequest(request))).toBe('01 00 04 03 02 01 00 00 01 00');
    expect(decodeHelloRequest(encodeHelloRequest(request))).toEqual(request);
    const credit = { receivedBytes: 256, freeBytes: 4_096 };
    expect(hex(encodeCredit(credit))).toBe('00 01 00 00 00 10 00 00');
    expect(decodeCredit(encodeCredit(credit))).toEqual(credit);
    const counters = { crcErrors: 1, framingErrors: 2, overruns: 0, retransmits: 3, audioGaps: 4 };
    const beat = { ...credit, sentBytes: 512, uptimeMs: 1_000, ...counters };
    expect(hex(encodeHeartbeat(beat))).toBe(
      '00 01 00 00 00 10 00 00 00 02 00 00 e8 03 00 00 01 00 02 00 00 00 03 00 04 00',
    );
    expect(decodeHeartbeat(encodeHeartbeat(beat))).toEqual(beat);
    expect(hex(encodeAck(5))).toBe('05 00');
    expect(decodeAck(encodeAck(5))).toBe(5);
    expect(hex(encodeRefusal({ commandType: 0x27, reason: 'notFitted' }))).toBe('27 04');
    expect(decodeRefusal(Buffer.from([0x27, 4]))).toEqual({ commandType: 0x27, reason: 'notFitted' });
    expect(decodeRefusal(Buffer.from([0x27, 200]))?.reason).toBe('unspecified');
  });
});

describe('audio', () => {
  it('eight ports are 641 bytes, in rising order whatever order they were given in', () => {
    const frames = [8, 1, 3, 2, 7, 6, 5, 4].map((number) => ({
      port: number as PortNumber,
      ulaw: new Uint8Array(80).fill(number),
    }));
    const payload = encodeAudio(frames);
    expect([payload.length, payload[0], payload[1], payload[641 - 1]]).toEqual([641, 0xff, 1, 8]);
    expect(decodeAudio(payload)?.map((frame) => [frame.port, frame.ulaw[79]])).toEqual(
      Array.from({ length: 8 }, (_, index) => [index + 1, index + 1]),
    );
  });

  it('a length that does not fit the mask is refused', () => {
    expect(decodeAudio(Buffer.alloc(81).fill(3, 0, 1))).toBeUndefined();
    expect(decodeAudio(Buffer.alloc(0))).toBeUndefined();
    expect(decodeAudio(Buffer.from([0]))).toEqual([]);
  });
});
