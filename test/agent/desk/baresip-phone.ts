import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { toneFile } from '../../support/tone-file.ts';

/** baresip sends its sound from whatever address the system chooses, which on this machine's loopback is this one. */
const HOST = '127.0.0.1';

export interface BaresipOptions {
  readonly folder: string;
  /** Its SIP port; the control socket is a hundred higher. */
  readonly port: number;
  readonly registrar: string;
  readonly user: string;
  readonly password: string;
  /** What it says for as long as it talks. */
  readonly hz: number;
  readonly answers: boolean;
  /** SRTP by SDES, offered and taken (`mediaenc=srtp`). */
  readonly encrypts?: boolean;
}

/** baresip as a desk phone: it knows nothing of our code, and is told what to do over its control socket. */
export class BaresipPhone {
  readonly events: { readonly type: string; readonly param: string; readonly peeruri: string }[] = [];
  output = '';
  readonly #options: BaresipOptions;
  #child: ChildProcess | undefined;
  #socket: Socket | undefined;
  #input = '';

  constructor(options: BaresipOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { folder, port, registrar, user, password, hz, answers, encrypts } = this.#options;
    mkdirSync(folder, { recursive: true });
    const says = join(folder, 'says.wav');
    writeFileSync(says, toneFile(hz, 60_000));
    const modules = ['account', 'g711', 'aufile', 'menu', 'ctrl_tcp', 'mwi', 'srtp'];
    const config = [
      `sip_listen ${HOST}:${port}`,
      'module_path /usr/lib/baresip/modules',
      ...modules.map((name) => `module ${name}.so`),
      `audio_source aufile,${says}`,
      `audio_player aufile,${join(folder, 'heard.wav')}`,
      `ctrl_tcp_listen ${HOST}:${port + 100}`,
      'call_max_calls 4',
      'rtp_ports 24000-24200',
      `net_interface ${HOST}`,
      '',
    ];
    writeFileSync(join(folder, 'config'), config.join('\n'));
    const account = `<sip:${user}@${registrar}>;auth_pass=${password};regint=60;answermode=${answers ? 'auto' : 'manual'};audio_codecs=PCMU/8000/1${encrypts ? ';mediaenc=srtp-mand' : ''}\n`;
    writeFileSync(join(folder, 'accounts'), account);
    writeFileSync(join(folder, 'contacts'), '');
    this.#child = spawn('baresip', ['-f', folder, '-s'], { stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.#child.once('exit', (code, signal) => {
      this.output += `\nbaresip of ${user} has ended: ${signal ?? code}\n`;
    });
    for (let tries = 0; this.#socket === undefined; tries++) {
      this.#socket = await connect(port + 100).catch((error: unknown) => {
        if (tries > 50) throw new Error(`baresip did not start: ${String(error)}\n${this.output}`);
        return undefined;
      });
    }
    this.#socket.on('data', (chunk) => this.#read(chunk.toString('latin1')));
    this.#socket.on('error', () => undefined);
  }

  /** A command of baresip's menu: `dial`, `hangup`, `hold`, `resume`, `transfer`, `accept`. */
  command(command: string, params = ''): void {
    const text = JSON.stringify({ command, params, token: '1' });
    this.#socket?.write(`${Buffer.byteLength(text)}:${text},`);
  }

  saw(type: string): boolean {
    return this.events.some((event) => event.type === type);
  }

  async stop(): Promise<void> {
    this.#socket?.destroy();
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  }

  /** Netstrings of JSON: their lengths count bytes, so a character is one until the end. */
  #read(text: string): void {
    this.#input += text;
    for (;;) {
      const colon = this.#input.indexOf(':');
      const length = Number(this.#input.slice(0, colon));
      if (colon < 0 || this.#input.length < colon + 1 + length + 1) return;
      const body = this.#input.slice(colon + 1, colon + 1 + length);
      this.#input = this.#input.slice(colon + 1 + length + 1);
      const value: unknown = JSON.parse(Buffer.from(body, 'latin1').toString());
      if (typeof value === 'object' && value !== null && 'event' in value) {
        const { type = '', param = '', peeruri = '' } = value as Record<string, string>;
        this.events.push({ type, param, peeruri });
      }
    }
  }
}

function connect(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: HOST, port });
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error) => setTimeout(() => reject(error), 100));
  });
}
