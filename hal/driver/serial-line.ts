import { SerialPort } from 'serialport';

/** Bytes that may wait to be written before audio is refused: 300 ms of eight ports, so that what a stall held back still passes. */
const BACKLOG_LIMIT_BYTES = 24_576;
/** Bytes that may wait at all. A terminal that nobody reads takes nothing more; what is lost then the link mends. */
const QUEUE_LIMIT_BYTES = 65_536;
/** A UART whose real speed is further off than this loses bits. */
const BAUD_TOLERANCE = 0.02;

/** A serial device that is open. */
export interface SerialLine {
  /** What the kernel really set; some UARTs clamp 3 Mbaud without an error. Undefined when it cannot be read. */
  readonly realBaudRate: number | undefined;
  /** Drops and counts when too much waits already. */
  write(bytes: Buffer): void;
  /** Bytes that were dropped so. */
  readonly droppedBytes: number;
  /** True when so much waits to be written that audio would come too late. */
  readonly behind: boolean;
  close(): Promise<void>;
}

/** What is told of an open line. After `onClosed` nothing more comes. */
export interface SerialLineEvents {
  onBytes(bytes: Buffer): void;
  onClosed(why: string): void;
}

/** Opens a serial device. Given to the driver, so that a test may hand in one without a device. */
export type OpenSerialLine = (
  device: string,
  baudRate: number,
  events: SerialLineEvents,
) => Promise<SerialLine>;

/** True when the UART runs at another speed than it was asked for. */
export function baudRateIsOff(wanted: number, real: number | undefined): boolean {
  return real !== undefined && Math.abs(real - wanted) > wanted * BAUD_TOLERANCE;
}

/**
 * Opens a device with `serialport`, 8N1 with RTS/CTS (a pty has no such wires and ignores it). The kernel is asked for what it really set. Must run on the main thread of a
 * process: the package aborts inside a worker thread.
 */
export const openSerialLine: OpenSerialLine = async (device, baudRate, events) => {
  const port = new SerialPort({
    path: device,
    baudRate,
    autoOpen: false,
    rtscts: true,
    highWaterMark: 16_384,
  });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error === null ? resolve() : reject(error)));
  });
  let closed = false;
  let droppedBytes = 0;
  const close = async (why: string | undefined): Promise<void> => {
    if (closed) return;
    closed = true;
    if (why !== undefined) events.onClosed(why);
    if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
  };
  port.on('data', (bytes: Buffer) => {
    if (!closed) events.onBytes(bytes);
  });
  port.on('error', (error: Error) => void close(error.message));
  port.on('close', () => void close('the device is gone'));
  return {
    realBaudRate: await readBaudRate(port),
    write: (bytes) => {
      if (closed) return;
      if (port.writableLength > QUEUE_LIMIT_BYTES) droppedBytes += bytes.length;
      else port.write(bytes);
    },
    get droppedBytes() {
      return droppedBytes;
    },
    get behind() {
      return port.writableLength > BACKLOG_LIMIT_BYTES;
    },
    close: () => close(undefined),
  };
};

async function readBaudRate(port: SerialPort): Promise<number | undefined> {
  try {
    return (await port.port?.getBaudRate())?.baudRate;
  } catch {
    return undefined;
  }
}
