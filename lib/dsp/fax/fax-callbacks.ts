import { copyFromNative, type NativeHandle, overwriteNative, registerCallback } from '../native-library.ts';
import { isHarmlessFrame } from './frame-guard.ts';

/** What the library tells one channel. Called from inside the library: it may only take notes, see {@link Deferred}. */
export interface FaxListener {
  /** An IFP packet to send `copies` times. */
  packet(ifp: Uint8Array, copies: number): void;
  /** A T.30 control frame; what the flag says depends on who tells it. */
  frame(frame: Uint8Array, flag: boolean): void;
  /** The message after a page has been dealt with (phase D). */
  pageEnd(): void;
  /** The fax is over (phase E). */
  callEnd(code: number): void;
}

const FRAME = ['void *', 'intptr_t', 'int', 'void *', 'int'] as const;

/** Command repeat: what a machine makes of it, whatever it waits for, is to say its last frame again. */
const CRP = 0x1a;
const FIELD_AT = 2;

interface Registered {
  readonly packet: NativeHandle;
  /** For a gateway, which hands frames on: the flag is true for a frame from the line. */
  readonly relayedFrame: NativeHandle;
  /** For a machine, which obeys frames: the flag is true for a frame of the far end. */
  readonly obeyedFrame: NativeHandle;
  readonly pageEnd: NativeHandle;
  readonly callEnd: NativeHandle;
}

const listeners = new Map<number, FaxListener>();
let lastChannel = 0;
let registered: Registered | undefined;

/** Gives a listener its number, which the library carries as user data. Numbers are never used twice. */
export function addFaxListener(listener: FaxListener): number {
  lastChannel += 1;
  listeners.set(lastChannel, listener);
  return lastChannel;
}

/** What the library still tells about this channel goes nowhere. */
export function removeFaxListener(channel: number): void {
  listeners.delete(channel);
}

/** The callbacks that every channel of the process shares. */
export function faxCallbacks(): Registered {
  registered ??= {
    packet: registerCallback('int', ['void *', 'intptr_t', 'void *', 'int', 'int'], onPacket),
    relayedFrame: registerCallback('void', FRAME, onRelayedFrame),
    obeyedFrame: registerCallback('void', FRAME, onObeyedFrame),
    pageEnd: registerCallback('int', ['void *', 'intptr_t', 'int'], onPageEnd),
    callEnd: registerCallback('void', ['void *', 'intptr_t', 'int'], onCallEnd),
  };
  return registered;
}

function onPacket(
  _core: unknown,
  channel: number,
  bytes: NativeHandle,
  count: number,
  copies: number,
): number {
  guarded(() => {
    // The high bits of the count are flags of later versions; none at all means that the packet is not for sending.
    const times = copies & 0xff;
    if (times > 0) listeners.get(channel)?.packet(copyFromNative(bytes, count), times);
  });
  return 0;
}

function onRelayedFrame(
  _gateway: unknown,
  channel: number,
  flag: number,
  bytes: NativeHandle,
  count: number,
): void {
  guarded(() => listeners.get(channel)?.frame(copyFromNative(bytes, count), flag !== 0));
}

/** The library shows a frame before it obeys it: the moment to take the sting out of one that it would not survive. */
function onObeyedFrame(
  _t30: unknown,
  channel: number,
  flag: number,
  bytes: NativeHandle,
  count: number,
): void {
  guarded(() => {
    const frame = copyFromNative(bytes, count);
    const incoming = flag !== 0;
    if (incoming && !isHarmlessFrame(frame)) overwriteNative(bytes, FIELD_AT, Uint8Array.of(CRP));
    else listeners.get(channel)?.frame(frame, incoming);
  });
}

function onPageEnd(_t30: unknown, channel: number): number {
  guarded(() => listeners.get(channel)?.pageEnd());
  return 0;
}

function onCallEnd(_t30: unknown, channel: number, code: number): void {
  guarded(() => listeners.get(channel)?.callEnd(code));
}

/** No exception may pass through the frames of C. Listeners only take notes: out of memory is all that is left to fail. */
function guarded(tell: () => void): void {
  try {
    tell();
  } catch {
    // Lost, like a packet on the network; the machine's own timers deal with that.
  }
}
