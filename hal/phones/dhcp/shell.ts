import { createSocket, type Socket } from 'node:dgram';
import type { Clock, Timer } from '../../../lib/base/clock.ts';
import type { Random } from '../../../lib/base/random.ts';
import { type DhcpInput, type DhcpSelf, type DhcpState, type Lease, stepDhcp } from './client.ts';
import { MESSAGE, readAnswer, writeQuestion } from './wire.ts';

const CLIENT_PORT = 68;
const SERVER_PORT = 67;
/** An infinite lease is looked at once a day; timers take no longer times anyhow. */
const LONGEST_TIMER_MS = 86_400_000;

export interface DhcpShellOptions {
  readonly self: DhcpSelf;
  readonly clock: Clock;
  readonly random: Random;
  /** A lease that is new, or another address; resolves when the interface has it. */
  bound(lease: Lease, anew: boolean): Promise<void>;
  lost(why: string): void;
  count(what: string): void;
}

/** The client on its socket. Its namespace belongs to the phone alone, so a broadcast can leave by one interface only. */
export class DhcpShell {
  readonly #options: DhcpShellOptions;
  #state: DhcpState = { at: 'idle' };
  #socket: Socket | undefined;
  #timer: Timer | undefined;
  #dueMs = 0;

  constructor(options: DhcpShellOptions) {
    this.#options = options;
  }

  get state(): DhcpState {
    return this.#state;
  }

  /** Asks for an address; `last` is one that it had. */
  async begin(last: string | undefined): Promise<void> {
    this.#socket ??= await this.#open();
    this.#input({ type: 'begin', last });
  }

  /** Gives the address back and stops. */
  release(): void {
    this.#input({ type: 'release' });
  }

  /** Stops without a word, as when the cable or the power is gone. */
  end(): void {
    this.#input({ type: 'end' });
    this.#socket?.close();
    this.#socket = undefined;
  }

  #open(): Promise<Socket> {
    const socket = createSocket('udp4');
    socket.on('message', (bytes) => {
      const answer = readAnswer(bytes);
      if (answer === undefined) this.#options.count('dhcpNotRead');
      else if (answer.type !== MESSAGE.request) this.#input({ type: 'answer', answer });
    });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ port: CLIENT_PORT, address: '0.0.0.0', exclusive: true }, () => {
        socket.removeListener('error', reject);
        socket.on('error', () => this.#options.count('dhcpSocket'));
        socket.setBroadcast(true);
        resolve(socket);
      });
    });
  }

  #input(input: DhcpInput): void {
    const { clock, random, self } = this.#options;
    const moment = {
      nowMs: clock.monotonicMs(),
      xid: random.bytes(4).readUInt32BE(0),
      spread: random.fraction() * 2 - 1,
    };
    const { state, effects } = stepDhcp(this.#state, input, self, moment);
    this.#state = state;
    for (const effect of effects) {
      switch (effect.do) {
        case 'send':
          this.#socket?.send(writeQuestion(effect.question), SERVER_PORT, effect.to, (error) => {
            if (error) this.#options.count('dhcpNotSent');
          });
          break;
        case 'wait':
          this.#dueMs = moment.nowMs + effect.ms;
          this.#arm();
          break;
        case 'calm':
          this.#timer?.cancel();
          break;
        case 'bound':
          this.#options.bound(effect.lease, effect.anew).catch(() => this.#options.count('addressNotSet'));
          break;
        case 'lost':
          this.#options.lost(effect.why);
          break;
      }
    }
  }

  #arm(): void {
    const { clock } = this.#options;
    this.#timer?.cancel();
    const leftMs = this.#dueMs - clock.monotonicMs();
    this.#timer = clock.after(Math.min(leftMs, LONGEST_TIMER_MS), 'phone dhcp', () => {
      if (clock.monotonicMs() + 1 < this.#dueMs) this.#arm();
      else this.#input({ type: 'timer' });
    });
  }
}
