import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DeskPhoneStatus } from '../../../agent/desk/index.ts';
import type { PhoneView } from '../../../agent/provisioning/index.ts';
import { createLan, type Lan } from '../../../scripts/lab/lan.ts';
import { PhoneClient } from '../../../scripts/lab/phone-client.ts';
import { type PtyPair, startPtyPair } from '../../support/pty-pair.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CHILD = fileURLToPath(new URL('./box-child.ts', import.meta.url));

/** What the box tells after every command. */
export interface BoxAnswer {
  readonly answer: unknown;
  readonly standing: string | null;
  readonly url: string | null;
  readonly phones: readonly PhoneView[];
  readonly desk: readonly DeskPhoneStatus[];
}

/** A LAN in namespaces with the box of `box-child.ts` and simulated phones. */
export class PhoneLan {
  readonly lan: Lan;
  readonly folder: string;
  readonly #clients = new Map<string, PhoneClient>();
  #pty: PtyPair | undefined;
  #ask: ((line: string) => Promise<BoxAnswer>) | undefined;
  #said = '';

  constructor(hosts: readonly string[]) {
    this.folder = mkdtempSync(join(tmpdir(), 'engawa-desk-'));
    chmodSync(this.folder, 0o777);
    this.lan = createLan(hosts);
  }

  /** What programs wrote to their standard errors, for the message of a failure. */
  get said(): string {
    return this.#said.slice(-4_000);
  }

  /** Starts media process and box at `address`; resolves when it serves files (and leases, where it shall). */
  async startBox(address: string, config: object, serving: boolean): Promise<void> {
    this.lan.address('box', `${address}/24`);
    this.#pty = await startPtyPair();
    const socket = join(this.folder, 'media.sock');
    this.#run('box', [
      'agent/media/main.ts',
      '--device',
      this.#pty.box,
      '--socket',
      socket,
      '--host',
      address,
    ]);
    // The board's clock is the clock of all sound.
    const board = [
      'hal/sim/main.ts',
      '--device',
      this.#pty.board,
      '--control',
      join(this.folder, 'board.sock'),
    ];
    this.#run('box', board);
    const child = this.#run('box', [CHILD, this.folder, socket, JSON.stringify(config)]);
    if (child.stdout === null) throw new Error('no output');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#ask = async (line) => {
      child.stdin?.write(`${line}\n`);
      const { value } = await lines.next();
      if (value === undefined) throw new Error(`the box is gone: ${this.said}`);
      return JSON.parse(value as string) as BoxAnswer;
    };
    await this.until('the box is ready', async () => {
      const now = await this.ask('?');
      return now.url !== null && (!serving || now.standing === 'serving');
    });
  }

  async ask(line: string): Promise<BoxAnswer> {
    if (this.#ask === undefined) throw new Error('no box');
    return await this.#ask(line);
  }

  /** Plugs a phone in on `host`; further flags of its program follow. */
  async startPhone(
    host: string,
    maker: string,
    model: string,
    mac: string,
    ...more: string[]
  ): Promise<PhoneClient> {
    const control = join(this.folder, `${host}.sock`);
    const who = ['--maker', maker, '--model', model, '--mac', mac, '--device', 'lan0', '--control', control];
    this.#run(host, [
      'hal/phones/main.ts',
      ...who,
      '--boot-ms',
      '200',
      '--state',
      join(this.folder, host),
      ...more,
    ]);
    let client: PhoneClient | undefined;
    await this.until(`${host} is plugged in`, async () => {
      client = await PhoneClient.connect(control).catch(() => undefined);
      return client !== undefined;
    });
    if (client === undefined) throw new Error('no phone');
    this.#clients.set(host, client);
    return client;
  }

  /** The phone that was started on `host`. */
  again(host: string): PhoneClient {
    const client = this.#clients.get(host);
    if (client === undefined) throw new Error(`no phone on ${host}`);
    return client;
  }

  async until(what: string, is: () => Promise<boolean>, limitMs = 20_000): Promise<void> {
    for (const fromMs = performance.now(); !(await is()); ) {
      if (performance.now() - fromMs > limitMs) throw new Error(`did not happen: ${what}\n${this.said}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async remove(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    this.lan.remove();
    await this.#pty?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run(host: string, args: readonly string[]) {
    const [file = '', ...rest] = args;
    const path = file.startsWith('/') ? file : join(ROOT, file);
    const child = this.lan.start(host, [process.execPath, '--import', 'tsx', path, ...rest]);
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#said += `${host}: ${chunk.toString()}`;
    });
    if (file !== CHILD) {
      child.stdout?.on('data', (chunk: Buffer) => {
        this.#said += `${host}: ${chunk.toString()}`;
      });
    }
    return child;
  }
}
