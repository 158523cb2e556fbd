import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What bencoding can say. */
export type Bencoded = string | number | readonly Bencoded[] | { readonly [key: string]: Bencoded };

/** The encoding of rtpengine's control protocol: `d3:foo3:bare`, `i7e`, `l1:a1:be`. */
export function bencode(value: Bencoded): string {
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`;
  if (typeof value === 'number') return `i${value}e`;
  if (isList(value)) return `l${value.map(bencode).join('')}e`;
  const keys = Object.keys(value).sort();
  return `d${keys.map((key) => bencode(key) + bencode(value[key] ?? '')).join('')}e`;
}

function isList(value: Bencoded): value is readonly Bencoded[] {
  return Array.isArray(value);
}

/** Reads the strings of a flat answer; nested values are skipped by name. */
export function bdecodeStrings(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let at = 1;
  const string = (): string => {
    const colon = text.indexOf(':', at);
    const from = colon + 1;
    at = from + Number(text.slice(at, colon));
    return text.slice(from, at);
  };
  const skip = (): void => {
    const kind = text[at];
    if (kind === 'i') at = text.indexOf('e', at) + 1;
    else if (kind === 'l' || kind === 'd') {
      at++;
      while (at < text.length && text[at] !== 'e') skip();
      at++;
    } else string();
  };
  while (at < text.length && text[at] !== 'e') {
    const key = string();
    if (/[0-9]/.test(text[at] ?? '')) found.set(key, string());
    else skip();
  }
  return found;
}

const LIFE_SECONDS = 180;

/** Absent: 250 calls' ports, three minutes. */
interface RtpengineOptions {
  readonly ports?: { readonly from: number; readonly to: number };
  readonly lifeSeconds?: number;
}

/** A running rtpengine on one loopback address, driven by its control protocol. */
export class Rtpengine {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly #host: string;
  readonly #ngPort: number;
  readonly #answers = new Map<string, (answer: string) => void>();
  #cookie = 0;
  #said = '';

  private constructor(host: string, ngPort: number, options: RtpengineOptions) {
    this.#host = host;
    this.#ngPort = ngPort;
    // It follows nobody's end: should this process be killed, it goes by itself.
    this.#child = spawn(
      'timeout',
      [
        String(options.lifeSeconds ?? LIFE_SECONDS),
        'rtpengine',
        '--config-file=none',
        '--foreground',
        '--table=-1',
        '--log-stderr',
        '--log-level=4',
        `--interface=${host}`,
        `--listen-ng=${host}:${ngPort}`,
        `--port-min=${options.ports?.from ?? 20_000}`,
        `--port-max=${options.ports?.to ?? 20_998}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-4_000);
    });
    this.#socket = createSocket('udp4');
    this.#socket.on('message', (datagram) => {
      const text = datagram.toString('latin1');
      const space = text.indexOf(' ');
      this.#answers.get(text.slice(0, space))?.(text.slice(space + 1));
    });
  }

  /** Starts it and waits until it answers. */
  static async start(host: string, ngPort: number, options: RtpengineOptions = {}): Promise<Rtpengine> {
    const one = new Rtpengine(host, ngPort, options);
    for (let tries = 0; tries < 50; tries++) {
      const answer = await one.#ask({ command: 'ping' }, 200);
      if (answer?.get('result') === 'pong') return one;
    }
    await one.stop();
    throw new Error(`rtpengine does not answer: ${one.#said}`);
  }

  /** Sends a command with a description; answers the description that comes back. */
  async describe(command: 'offer' | 'answer', values: { readonly [key: string]: Bencoded }): Promise<string> {
    const answer = await this.#ask({ command, ...values }, 5_000);
    const sdp = answer?.get('sdp');
    if (sdp === undefined)
      throw new Error(`rtpengine refuses: ${[...(answer ?? [])].join(' ')} ${this.#said}`);
    return sdp;
  }

  /** Ends a call at once. */
  async hangUp(callId: string): Promise<void> {
    await this.#ask({ command: 'delete', 'call-id': callId, 'from-tag': 'a', 'delete-delay': 0 }, 5_000);
  }

  /** Of rtpengine itself, under the `timeout` that bounds its life. */
  get pid(): number | undefined {
    const { pid } = this.#child;
    if (pid === undefined) return undefined;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return Number(children[0]);
  }

  async stop(): Promise<void> {
    this.#socket.close();
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await gone;
  }

  /** Cookies must differ: an old one is answered with the old answer. */
  async #ask(command: Bencoded, limitMs: number): Promise<Map<string, string> | undefined> {
    const cookie = `engawa-${this.#cookie++}`;
    const answered = new Promise<string>((resolve) => this.#answers.set(cookie, resolve));
    this.#socket.send(Buffer.from(`${cookie} ${bencode(command)}`, 'latin1'), this.#ngPort, this.#host);
    const answer = await Promise.race([answered, pause(limitMs, undefined)]);
    this.#answers.delete(cookie);
    return answer === undefined ? undefined : bdecodeStrings(answer);
  }
}
