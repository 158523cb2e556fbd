import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import type { SipAddress, SipTap } from '../api.ts';
import { StreamFramer } from '../codec/framing.ts';
import { SIP_LIMITS } from '../limits.ts';
import type { Flow } from './flow.ts';
import { plainHost } from './source.ts';

/**
 * Keepalive of RFC 5626 §4.4.1 on connections that we opened: a ping after at most this long, dead without a
 * pong. Together less than the 32 s of a transaction, so that a dead connection is known before its requests give up.
 */
const PING_MS = 20_000;
const PONG_LIMIT_MS = 10_000;
/**
 * Accepted connections: from a peer that has said nothing at all, half a minute; from one that has pinged before,
 * silence of five pings; from any other, a quarter of an hour. A message that has begun has to end.
 */
const FIRST_WORD_MS = 30_000;
const PINGED_IDLE_MS = 100_000;
const SILENT_IDLE_MS = 900_000;
const WHOLE_MESSAGE_MS = 20_000;

/** What is still to be sent when we stop may take this long. */
const FLUSH_LIMIT_MS = 200;

const PING = Buffer.from('\r\n\r\n');
const PONG = Buffer.from('\r\n');

/** What a stream flow needs from its surroundings. */
export interface StreamFlowOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly remote: SipAddress;
  readonly sentBy: string;
  readonly outgoing: boolean;
  readonly tap?: SipTap | undefined;
  /** Asked before each message is parsed; false drops it. */
  admit(bytes: Buffer): boolean;
  message(bytes: Buffer, flow: Flow): void;
  closed(flow: Flow, say: string): void;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly failed: (say: string) => void;
}

/** A TCP or TLS connection that carries SIP. Until it is up, what is sent waits. */
export class StreamFlow implements Flow {
  readonly reliable = true;
  readonly #options: StreamFlowOptions;
  readonly #framer = new StreamFramer();
  readonly #closeListeners = new Set<() => void>();
  #socket: Socket | undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #watch: Timer | undefined;
  /** Runs while a message has begun and not ended. */
  #whole: Timer | undefined;
  #blanks = 0;
  #spoken = false;
  #pinged = false;
  #open = true;
  #say = 'closed';

  constructor(options: StreamFlowOptions) {
    this.#options = options;
  }

  get transport(): SipAddress['transport'] {
    return this.#options.remote.transport;
  }

  get remote(): SipAddress {
    return this.#options.remote;
  }

  get outgoing(): boolean {
    return this.#options.outgoing;
  }

  get sentBy(): string {
    return this.#options.sentBy;
  }

  get open(): boolean {
    return this.#open;
  }

  /** The connection is up: what waited leaves. */
  attach(socket: Socket): void {
    if (!this.#open) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 15_000);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.close(error.message));
    socket.on('close', () => this.close('closed by the peer'));
    socket.on('end', () => this.close('closed by the peer'));
    if (this.#options.outgoing) this.#schedulePing();
    else this.#idle();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { bytes, failed } of waiting) this.send(bytes, failed);
  }

  send(bytes: Buffer, failed: (say: string) => void): void {
    if (!this.#open) {
      queueMicrotask(() => failed(this.#say));
      return;
    }
    if (this.#socket === undefined) {
      this.#wait(bytes, failed);
      return;
    }
    if (this.#socket.writableLength > SIP_LIMITS.pendingSendBytes) {
      // A peer that reads nothing is as good as gone, and its requests are answered at our cost.
      queueMicrotask(() => failed('too much waits on the connection'));
      this.close('the peer does not read');
      return;
    }
    if (this.#options.tap?.watch !== undefined) this.#tapped('out', bytes);
    this.#socket.write(bytes, (error) => {
      if (error) failed(error.message);
    });
  }

  onClose(listener: () => void): () => void {
    if (this.#open) this.#closeListeners.add(listener);
    else queueMicrotask(listener);
    return () => this.#closeListeners.delete(listener);
  }

  /** Closes when what was sent has left, or shortly after: a BYE just before the end must not be lost. */
  closeGently(say: string): void {
    const socket = this.#socket;
    this.#end(say, () => {
      socket?.destroySoon();
      this.#options.clock.after(FLUSH_LIMIT_MS, 'SIP flush', () => socket?.destroy());
    });
  }

  close(say: string): void {
    this.#end(say, () => this.#socket?.destroy());
  }

  #end(say: string, shut: () => void): void {
    if (!this.#open) return;
    this.#open = false;
    this.#say = say;
    this.#watch?.cancel();
    this.#whole?.cancel();
    shut();
    for (const { failed } of this.#waiting) queueMicrotask(() => failed(say));
    this.#waiting = [];
    this.#options.closed(this, say);
    for (const listener of this.#closeListeners) listener();
    this.#closeListeners.clear();
  }

  #wait(bytes: Buffer, failed: (say: string) => void): void {
    if (this.#waitingBytes + bytes.length > SIP_LIMITS.pendingSendBytes) {
      queueMicrotask(() => failed('too much waits for the connection'));
      return;
    }
    this.#waitingBytes += bytes.length;
    this.#waiting.push({ bytes, failed });
  }

  #receive(chunk: Buffer): void {
    let pings = 0;
    for (const frame of this.#framer.push(chunk)) {
      if (!this.#open) return;
      switch (frame.kind) {
        case 'message':
          this.#blanks = 0;
          this.#spoken = true;
          if (this.#options.tap?.watch !== undefined) this.#tapped('in', frame.bytes);
          if (this.#options.admit(frame.bytes)) this.#options.message(frame.bytes, this);
          break;
        case 'blank':
          if (this.#blank()) pings++;
          break;
        case 'broken':
          this.close(frame.say);
          break;
      }
    }
    if (!this.#open) return;
    // However many pings came at once, one pong says all there is to say.
    if (pings > 0) this.send(PONG, () => undefined);
    this.#watchMessage();
    if (!this.#options.outgoing) this.#idle();
  }

  #tapped(direction: 'in' | 'out', bytes: Buffer): void {
    const socket = this.#socket;
    if (socket === undefined || bytes.length <= PING.length) return;
    this.#options.tap?.watch?.({
      ...{ direction, bytes, transport: this.transport },
      local: { host: plainHost(socket.localAddress ?? ''), port: socket.localPort ?? 0 },
      // Of a connection that we opened, `remote` is what was asked for: maybe a name.
      remote: { host: plainHost(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 },
    });
  }

  /** On our side of an opened connection every blank line is a pong; on an accepted one two of them are a ping. */
  #blank(): boolean {
    if (this.#options.outgoing) {
      this.#schedulePing();
      return false;
    }
    this.#blanks++;
    if (this.#blanks < 2) return false;
    this.#blanks = 0;
    this.#pinged = true;
    this.#spoken = true;
    return true;
  }

  #schedulePing(): void {
    const delay = PING_MS * (0.8 + 0.2 * this.#options.random.fraction());
    this.#arm(delay, 'SIP ping', () => {
      this.send(PING, () => undefined);
      this.#arm(PONG_LIMIT_MS, 'SIP pong', () => this.close('no pong'));
    });
  }

  /** Who trickles a message byte by byte holds our place and memory for nothing. */
  #watchMessage(): void {
    if (!this.#framer.midway) {
      this.#whole?.cancel();
      this.#whole = undefined;
      return;
    }
    this.#whole ??= this.#options.clock.after(WHOLE_MESSAGE_MS, 'SIP whole message', () =>
      this.close('a message that does not end'),
    );
  }

  #idle(): void {
    if (!this.#spoken && this.#watch !== undefined) return;
    const limit = !this.#spoken ? FIRST_WORD_MS : this.#pinged ? PINGED_IDLE_MS : SILENT_IDLE_MS;
    this.#arm(limit, 'SIP idle', () => this.close('silent for too long'));
  }

  #arm(ms: number, name: string, run: () => void): void {
    this.#watch?.cancel();
    this.#watch = this.#options.clock.after(ms, name, run);
  }
}
