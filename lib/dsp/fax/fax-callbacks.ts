import { copyFromNative, type NativeHandle, registerCallback } from '../native-library.ts';

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

interface Registered {
  readonly packet: NativeHandle;
  readonly frame: NativeHandle;
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
    frame: registerCallback('void', ['void *', 'intptr_t', 'int', 'void *', 'int'], onFrame),
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

function onFrame(_state: unknown, channel: number, flag: number, bytes: NativeHandle, count: number): void {
  guarded(() => listeners.get(channel)?.frame(copyFromNative(bytes, count), flag !== 0));
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
