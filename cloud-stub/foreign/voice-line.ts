import { createSocket, type Socket } from 'node:dgram';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { Random } from '../../lib/base/random.ts';
import { ulawEncodeBlock } from '../../lib/dsp/g711.ts';
import { Ear, type Heard } from './ear.ts';
import { readRtp, writeRtp } from './rtp-packet.ts';
import { type ToneProgramme, ToneSource } from './tone-source.ts';

/** Packets of one direction, for tests and the list of calls. */
export interface VoiceFigures {
  sent: number;
  received: number;
  /** Datagrams that were not RTP, not PCMU, or not from the signalled address. */
  ignored: number;
  /** Fax packets that came, each of which was sent back. */
  fax: number;
}

/** What sits on a line in place of a tone: a fax machine. */
export interface LineEnd {
  /** Asked every 20 ms: the samples that go out, or undefined when none shall. */
  next(count: number): Int16Array | undefined;
  /** A packet of audio. */
  audio(timestamp: number, payload: Uint8Array, ssrc: number): void;
  /** A datagram, while the line carries fax packets. */
  fax(datagram: Uint8Array): void;
}

/** The audio of one call of the carrier: one UDP socket, PCMU in 20 ms packets. */
export interface VoiceLine {
  readonly port: number;
  readonly figures: Readonly<VoiceFigures>;
  /** Where the other side wants its audio; also the only source that is listened to. */
  aim(host: string, port: number): void;
  /** Starts playing; harmless when it already plays. */
  play(programme: ToneProgramme): void;
  /** From now on no audio: every datagram from there is sent back. */
  echoFax(host: string, port: number): void;
  /** Puts a machine on the line; it replaces whatever plays. */
  connect(end: LineEnd): void;
  /** What the line carries from now on, and with whom. */
  carry(what: 'audio' | 'fax', host: string, port: number): void;
  /** Sends a datagram as it is. */
  sendFax(datagram: Uint8Array): void;
  /** Listens for `ms` from now. */
  hear(ms: number): Promise<Heard>;
  close(): void;
}

export interface VoiceLineOptions {
  readonly host: string;
  readonly clock: Clock;
  readonly random: Random;
  /** First and last port to choose from; below 32768, where the kernel takes its own from. */
  readonly ports?: { readonly first: number; readonly last: number };
}

const PCMU = 0;
const FRAME_MS = 20;
const FRAME_SAMPLES = 160;
/** A sender that is later than this leaves the missed frames out instead of sending a burst. */
const LATEST_MS = 100;
/** A machine's signal is not left out for lateness until this much is missing: modems lose step over less. */
const LATEST_MACHINE_MS = 1_000;
const PORT_ATTEMPTS = 30;
const EARS_LIMIT = 8;

/** Opens a voice line on an even port of `host`. Rejects when no port can be had. */
export async function openVoiceLine(options: VoiceLineOptions): Promise<VoiceLine> {
  const range = options.ports ?? { first: 20_000, last: 29_998 };
  let failure: unknown;
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    const slots = Math.floor((range.last - range.first) / 2) + 1;
    const port = range.first + 2 * Math.floor(options.random.fraction() * slots);
    try {
      return new OpenVoiceLine(await bind(options.host, port), port, options.clock, options.random);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function bind(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
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

class OpenVoiceLine implements VoiceLine {
  readonly port: number;
  readonly figures: VoiceFigures = { sent: 0, received: 0, ignored: 0, fax: 0 };
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #ssrc: number;
  readonly #ears = new Set<Ear>();
  #sequence: number;
  #timestamp: number;
  #remote: { readonly host: string; readonly port: number } | undefined;
  #source: ToneSource | undefined;
  #timer: Timer | undefined;
  #closed = false;
  #echo = false;
  #carries: 'audio' | 'fax' = 'audio';
  #end: LineEnd | undefined;

  constructor(socket: Socket, port: number, clock: Clock, random: Random) {
    this.#socket = socket;
    this.port = port;
    this.#clock = clock;
    this.#ssrc = random.bytes(4).readUInt32BE(0);
    this.#sequence = random.bytes(2).readUInt16BE(0);
    this.#timestamp = random.bytes(4).readUInt32BE(0);
    socket.on('error', () => this.figures.ignored++);
    socket.on('message', (data, from) => this.#take(data, from.address, from.port));
  }

  aim(host: string, port: number): void {
    this.#remote = { host, port };
  }

  play(programme: ToneProgramme): void {
    if (this.#source !== undefined || this.#closed) return;
    this.#source = new ToneSource(programme);
    this.#frame(this.#clock.monotonicMs(), true);
  }

  echoFax(host: string, port: number): void {
    this.aim(host, port);
    this.#timer?.cancel();
    this.#source = undefined;
    this.#echo = true;
  }

  connect(end: LineEnd): void {
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#source = undefined;
    this.#end = end;
    this.#frame(this.#clock.monotonicMs(), true);
  }

  carry(what: 'audio' | 'fax', host: string, port: number): void {
    this.#carries = what;
    this.aim(host, port);
  }

  sendFax(datagram: Uint8Array): void {
    if (this.#remote === undefined || this.#closed) return;
    this.figures.sent++;
    this.#socket.send(datagram, this.#remote.port, this.#remote.host, () => undefined);
  }

  hear(ms: number): Promise<Heard> {
    const ear = new Ear(ms);
    if (this.#ears.size < EARS_LIMIT) this.#ears.add(ear);
    return new Promise((resolve) => {
      this.#clock.after(ms, 'carrier ear', () => {
        this.#ears.delete(ear);
        resolve(ear.heard());
      });
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    this.#socket.close();
  }

  /** One frame that was due at `dueMs`; arms the next against the deadline, so that lateness never adds up. */
  #frame(dueMs: number, first: boolean): void {
    const source = this.#end ?? this.#source;
    if (this.#closed || source === undefined) return;
    const samples = source.next(FRAME_SAMPLES);
    if (samples !== undefined) this.#send(samples, first);
    let nextMs = dueMs + FRAME_MS;
    const now = this.#clock.monotonicMs();
    if (now - nextMs > (this.#end === undefined ? LATEST_MS : LATEST_MACHINE_MS)) {
      const missed = Math.floor((now - nextMs) / FRAME_MS);
      this.#source?.skip(missed * FRAME_SAMPLES);
      this.#timestamp = (this.#timestamp + missed * FRAME_SAMPLES) >>> 0;
      nextMs += missed * FRAME_MS;
    }
    this.#timer = this.#clock.after(nextMs - now, 'carrier frame', () => this.#frame(nextMs, false));
  }

  #send(samples: Int16Array, marker: boolean): void {
    const packet = writeRtp({
      payloadType: PCMU,
      marker,
      sequence: this.#sequence,
      timestamp: this.#timestamp,
      ssrc: this.#ssrc,
      payload: ulawEncodeBlock(samples),
    });
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + samples.length) >>> 0;
    if (this.#remote === undefined) return;
    this.figures.sent++;
    this.#socket.send(packet, this.#remote.port, this.#remote.host, () => undefined);
  }

  #take(data: Buffer, host: string, port: number): void {
    if (this.#carries === 'fax') {
      if (this.#remote?.host === host) this.#end?.fax(data);
      else this.figures.ignored++;
      return;
    }
    if (this.#echo) {
      if (this.#remote?.host !== host || this.#remote.port !== port) return;
      this.figures.fax++;
      this.#socket.send(data, port, host, () => undefined);
      return;
    }
    const packet = readRtp(data);
    const expected = this.#remote !== undefined && this.#remote.host === host && this.#remote.port === port;
    if (packet === undefined || packet.payloadType !== PCMU || !expected) {
      this.figures.ignored++;
      return;
    }
    this.figures.received++;
    this.#end?.audio(packet.timestamp, packet.payload, packet.ssrc);
    for (const ear of this.#ears) ear.take(packet.timestamp, packet.payload, packet.ssrc);
  }
}
