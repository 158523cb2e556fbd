import type { BoardIdentity, LinkCounters, PortAudio } from '../board.ts';
import { decodeAudio, encodeAudio } from '../link/audio-message.ts';
import { encodeFrame, FLAG_RELIABLE, FRAME, type Frame, PROTOCOL_MAJOR } from '../link/frame.ts';
import { FrameReader } from '../link/frame-reader.ts';
import { linkDeadlineMs, stepLink } from '../link/link-machine.ts';
import { decodeHelloRequest, encodeHello } from '../link/link-messages.ts';
import { type LinkInput, type LinkState, startLink, zeroCounters } from '../link/link-state.ts';
import { decodeCommand, encodeEvent, type PortEvent, type WireCommand } from '../link/port-messages.ts';
import { encodeRefusal, type RefusalReason } from '../link/refusal-message.ts';

/** A board without a session says HELLO this often. */
const HELLO_MS = 500;

/** What the board's link needs of the board. */
export interface BoardLinkPorts {
  readonly identity: () => BoardIdentity;
  readonly nowMs: () => number;
  readonly tick: () => number;
  readonly write: (bytes: Buffer) => void;
  readonly behind: () => boolean;
  /** A session began or ended: every port returns to what it is after reset. */
  readonly onSession: (up: boolean) => void;
  readonly onCommand: (port: number, command: WireCommand) => void;
  readonly onAudio: (frames: readonly PortAudio[]) => void;
}

/** The board's end of the link. It has no timer of its own: the board calls {@link poll} every 10 ms. */
export class BoardLink {
  readonly #board: BoardLinkPorts;
  readonly #reader = new FrameReader();
  #link: LinkState | undefined;
  #nonce = 0;
  #helloAtMs = 0;
  #counters: Readonly<LinkCounters> = zeroCounters();

  constructor(board: BoardLinkPorts) {
    this.#board = board;
  }

  get up(): boolean {
    return this.#link !== undefined;
  }

  get counters(): Readonly<LinkCounters> {
    return this.#link?.counters ?? this.#counters;
  }

  /** As after power-on: no session, HELLO at once. */
  boot(): void {
    this.#end();
    this.#reader.reset();
    this.#nonce = 0;
    this.#helloAtMs = this.#board.nowMs();
  }

  poll(): void {
    const nowMs = this.#board.nowMs();
    if (this.#link === undefined) {
      if (nowMs < this.#helloAtMs) return;
      this.#helloAtMs = nowMs + HELLO_MS;
      this.#sayHello(0);
    } else if (nowMs >= linkDeadlineMs(this.#link)) {
      this.#step({ type: 'timer', tick: this.#board.tick() });
    }
  }

  receive(bytes: Uint8Array): void {
    for (const item of this.#reader.push(bytes)) {
      if (item.kind === 'bad') this.#step({ type: 'bad', fault: item.fault });
      else if (item.frame.type === FRAME.helloRequest) this.#onHelloRequest(item.frame);
      else this.#step({ type: 'frame', frame: item.frame, wireBytes: item.wireBytes });
    }
    this.#step({ type: 'flush', tick: this.#board.tick() });
  }

  /** Without a session the event is dropped; the state of the hooks is told when one begins. */
  sendEvent(event: PortEvent): void {
    const tick = 'tick' in event ? event.tick : this.#board.tick();
    this.#step({ type: 'control', message: { ...encodeEvent(event), tick } });
  }

  sendAudio(frames: readonly PortAudio[], tick: number): void {
    if (this.#board.behind()) this.#step({ type: 'audioRefused' });
    else this.#step({ type: 'audio', payload: encodeAudio(frames), tick });
  }

  refuse(channel: number, commandType: number, reason: RefusalReason): void {
    const payload = encodeRefusal({ commandType, reason });
    this.#step({
      type: 'control',
      message: { type: FRAME.refused, channel, payload, tick: this.#board.tick() },
    });
  }

  /** Another nonce is a new session; the same one again is a question that was repeated. */
  #onHelloRequest(frame: Frame): void {
    const request = decodeHelloRequest(frame.payload);
    if (request === undefined) return;
    if (request.major !== PROTOCOL_MAJOR) {
      this.#sayHello(request.nonce);
      return;
    }
    const repeated = this.#link !== undefined && request.nonce === this.#nonce;
    if (!repeated) this.#end();
    this.#nonce = request.nonce;
    this.#sayHello(request.nonce);
    if (repeated) return;
    this.#link = startLink({
      nowMs: this.#board.nowMs(),
      receiveBytes: this.#board.identity().limits.receiveBytes,
      peerReceiveBytes: request.receiveBytes,
      counters: this.#counters,
    });
    this.#step({ type: 'timer', tick: this.#board.tick() });
    this.#board.onSession(true);
  }

  #sayHello(nonce: number): void {
    const payload = encodeHello({ identity: this.#board.identity(), nonce });
    const header = {
      version: PROTOCOL_MAJOR,
      channel: 0,
      flags: 0,
      seq: 0,
      ack: 0,
      tick: this.#board.tick(),
    };
    this.#board.write(encodeFrame({ ...header, type: FRAME.hello, payload }));
  }

  #end(): void {
    if (this.#link === undefined) return;
    this.#counters = this.#link.counters;
    this.#link = undefined;
    this.#helloAtMs = this.#board.nowMs() + HELLO_MS;
    this.#board.onSession(false);
  }

  #step(input: LinkInput): void {
    if (this.#link === undefined) return;
    const step = stepLink(this.#link, input, this.#board.nowMs());
    this.#link = step.state;
    for (const effect of step.effects) {
      if (effect.do === 'send') this.#board.write(effect.bytes);
      else if (effect.do === 'deliver') this.#deliver(effect.frame);
      else if (effect.do === 'lost') this.#end();
    }
  }

  #deliver(frame: Frame): void {
    if (frame.type === FRAME.audio) {
      const frames = decodeAudio(frame.payload);
      if (frames !== undefined) this.#board.onAudio(frames);
      return;
    }
    if ((frame.flags & FLAG_RELIABLE) === 0) return;
    const command = decodeCommand(frame);
    const { ports } = this.#board.identity();
    if (!isCommandType(frame.type)) this.refuse(frame.channel, frame.type, 'unknownCommand');
    else if (command === undefined) this.refuse(frame.channel, frame.type, 'badValue');
    else if (frame.channel < 1 || frame.channel > ports) {
      this.refuse(frame.channel, frame.type, 'noSuchPort');
    } else this.#board.onCommand(frame.channel, command);
  }
}

function isCommandType(type: number): boolean {
  return (type >= FRAME.ring && type <= FRAME.impedance) || type === FRAME.t38;
}
