import { createSocket, type Socket } from 'node:dgram';
import type { Clock, Timer } from '../../../lib/base/clock.ts';
import type { Random } from '../../../lib/base/random.ts';
import { keyPress, readKeyPress, readRtpBytes, rtpBytes } from './rtp.ts';
import { decodeG711, encodeG711, type Microphone, type Receiver } from './sound.ts';
import { KEY_SALT_BYTES, type SrtpKey, SrtpStream } from './srtp.ts';

/** What two session descriptions have come to. */
export interface Agreement {
  readonly host: string;
  readonly port: number;
  /** 0 µ-law, 8 A-law. */
  readonly payloadType: number;
  /** Of key presses; undefined when the other side takes none. */
  readonly dtmf: number | undefined;
  readonly sends: boolean;
  readonly receives: boolean;
  readonly srtp: { readonly mine: SrtpKey; readonly theirs: SrtpKey } | undefined;
}

export interface VoiceOptions {
  readonly host: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly microphone: Microphone;
  readonly receiver: Receiver;
}

/** A digit that waits, or is being pressed. */
interface Press {
  readonly digit: string;
  readonly done: () => void;
  packets: number;
}

const FRAME_MS = 20;
const FRAME = 160;
const LATEST_MS = 100;
const FIRST_PORT = 16_000;
const LAST_PORT = 19_998;
const ATTEMPTS = 40;
/** A key is down for 100 ms and up for 60; its end is said three times (RFC 4733 §2.5.1.4). */
const PRESS_PACKETS = 5;
const END_PACKETS = 3;
const PAUSE_PACKETS = 3;
const DIGITS_MOST = 128;

/** The sound of one call: RTP both ways in 20 ms packets, from an even port of the phone. */
export class Voice {
  readonly port: number;
  /** For SRTP that this phone offers. */
  readonly keySalt: Buffer;
  readonly digits: string[] = [];
  readonly figures = { sent: 0, received: 0, ignored: 0 };
  readonly #options: VoiceOptions;
  readonly #socket: Socket;
  readonly #ssrc: number;
  readonly #source: string;
  #agreed: Agreement | undefined;
  #out: SrtpStream | undefined;
  #in: SrtpStream | undefined;
  #keys = '';
  #sequence: number;
  #timestamp: number;
  #timer: Timer | undefined;
  #presses: Press[] = [];
  #lastPress = -1;
  #fresh = true;
  /** Only one call is in the person's hand. */
  inHand = true;

  private constructor(options: VoiceOptions, socket: Socket, port: number) {
    const { random } = options;
    this.#options = options;
    this.#socket = socket;
    this.port = port;
    this.keySalt = random.bytes(KEY_SALT_BYTES);
    this.#ssrc = random.bytes(4).readUInt32BE();
    this.#sequence = random.bytes(2).readUInt16BE() & 0x7fff;
    this.#timestamp = random.bytes(4).readUInt32BE();
    this.#source = `${port}/`;
    socket.on('error', () => this.figures.ignored++);
    socket.on('message', (bytes, from) => this.#take(bytes, from.address));
  }

  /** Rejects when no port is free. */
  static async open(options: VoiceOptions): Promise<Voice> {
    let failure: unknown;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const slots = (LAST_PORT - FIRST_PORT) / 2 + 1;
      const port = FIRST_PORT + 2 * Math.floor(options.random.fraction() * slots);
      try {
        return new Voice(options, await bound(options.host, port), port);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** From now on so; again at every new agreement. */
  agree(agreed: Agreement): void {
    this.#agreed = agreed;
    const { srtp } = agreed;
    const keys =
      srtp === undefined
        ? ''
        : `${srtp.mine.suite} ${srtp.mine.keySalt.toString('hex')} ${srtp.theirs.suite} ${srtp.theirs.keySalt.toString('hex')}`;
    if (keys !== this.#keys) {
      this.#keys = keys;
      this.#out = srtp === undefined ? undefined : new SrtpStream(srtp.mine);
      this.#in = srtp === undefined ? undefined : new SrtpStream(srtp.theirs);
    }
    if (this.#timer === undefined) this.#frame(this.#options.clock.monotonicMs());
  }

  get encrypted(): boolean {
    return this.#out !== undefined;
  }

  /** Presses digits one after the other; resolves when the last is up. False when the other side takes none. */
  async press(digits: string): Promise<boolean> {
    if (this.#agreed?.dtmf === undefined || this.#timer === undefined) return false;
    await Promise.all(
      [...digits].map(
        (digit) => new Promise<void>((done) => void this.#presses.push({ digit, done, packets: 0 })),
      ),
    );
    return true;
  }

  close(): void {
    this.#timer?.cancel();
    this.#agreed = undefined;
    for (const { done } of this.#presses.splice(0)) done();
    this.#socket.close();
  }

  /** One packet that was due at `dueMs`. The next is due 20 ms later, however late this one is. */
  #frame(dueMs: number): void {
    const { clock } = this.#options;
    const agreed = this.#agreed;
    if (agreed === undefined) return;
    const [press] = this.#presses;
    if (press !== undefined) this.#pressed(press, agreed);
    else if (agreed.sends && this.inHand) this.#speak(agreed);
    else this.#fresh = true;
    let nextMs = dueMs + FRAME_MS;
    if (press === undefined || press.packets > PRESS_PACKETS + END_PACKETS) this.#timestamp += FRAME;
    const behind = clock.monotonicMs() - nextMs;
    if (behind > LATEST_MS) {
      const missed = Math.floor(behind / FRAME_MS);
      this.#timestamp += missed * FRAME;
      nextMs += missed * FRAME_MS;
    }
    this.#timer = clock.after(nextMs - clock.monotonicMs(), 'phone sound', () => this.#frame(nextMs));
  }

  #speak({ payloadType }: Agreement): void {
    const payload = encodeG711(payloadType, this.#options.microphone.next(FRAME));
    this.#send(payloadType, this.#fresh, payload);
    this.#fresh = false;
  }

  /** All packets of a press carry the timestamp of its beginning. */
  #pressed(press: Press, { dtmf = 101 }: Agreement): void {
    press.packets++;
    if (press.packets <= PRESS_PACKETS) {
      this.#send(dtmf, press.packets === 1, keyPress(press.digit, press.packets * FRAME, false));
    } else if (press.packets <= PRESS_PACKETS + END_PACKETS) {
      this.#send(dtmf, false, keyPress(press.digit, PRESS_PACKETS * FRAME, true));
      if (press.packets === PRESS_PACKETS + END_PACKETS) this.#timestamp += FRAME * press.packets;
    } else if (press.packets >= PRESS_PACKETS + END_PACKETS + PAUSE_PACKETS) {
      this.#presses.shift();
      press.done();
    }
  }

  #send(payloadType: number, marker: boolean, payload: Buffer): void {
    const agreed = this.#agreed;
    if (agreed === undefined || agreed.port === 0) return;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const timestamp = this.#timestamp >>> 0;
    const plain = rtpBytes({
      payloadType,
      marker,
      sequence: this.#sequence,
      timestamp,
      ssrc: this.#ssrc,
      payload,
    });
    this.figures.sent++;
    this.#socket.send(this.#out?.protect(plain) ?? plain, agreed.port, agreed.host, () => undefined);
  }

  #take(bytes: Buffer, host: string): void {
    const agreed = this.#agreed;
    const plain = this.#in === undefined ? bytes : this.#in.unprotect(bytes);
    const packet = plain === undefined ? undefined : readRtpBytes(plain);
    if (packet === undefined || agreed === undefined || host !== agreed.host) {
      this.figures.ignored++;
      return;
    }
    this.figures.received++;
    if (packet.payloadType === agreed.dtmf) {
      const press = readKeyPress(packet.payload);
      if (press?.over === true && packet.timestamp !== this.#lastPress && this.digits.length < DIGITS_MOST) {
        this.#lastPress = packet.timestamp;
        this.digits.push(press.digit);
      }
    } else if ((packet.payloadType === 0 || packet.payloadType === 8) && this.inHand) {
      const samples = decodeG711(packet.payloadType, packet.payload);
      this.#options.receiver.take(`${this.#source}${packet.ssrc}`, packet.timestamp, samples);
    }
  }
}

function bound(host: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', failed);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeListener('error', failed);
      resolve(socket);
    });
  });
}
