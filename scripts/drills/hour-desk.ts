import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PhonesAnswer } from '../../agent/local-api/index.ts';
import { pause, until } from '../demo/story.ts';
import type { DeskLan } from '../launch/desk-lan.ts';
import { requestJson } from '../launch/http-over-unix.ts';
import type { Layout } from '../launch/layout.ts';

const GATEWAY = 'gw-000001';
const MODEL = 'GRP2612';
const FIRST_HOST = 20;
const RATE = 8_000;
const SAYS_MS = 150_000;
const WAV_HEADER = 44;
const AMPLITUDE = 6_000;
const APPROVED_WITHIN_MS = 60_000;
const REGISTERED_WITHIN_MS = 30_000;
const UP_WITHIN_MS = 6_000;
const MOST_CALLS = 4;
/** By then it has taken another call for the current one. */
const HUNG_UP_MS = 200;

/** A desk phone of the drill: its place in the office, and its hardware. */
export interface DeskSeat {
  readonly id: string;
  readonly device: string;
  readonly extension: string;
  readonly index: number;
  readonly mac: string;
  readonly host: string;
  readonly address: string;
}

/** The `index`-th seat, from 0. */
export function deskSeat(index: number, net: string): DeskSeat {
  const two = String(index + 1).padStart(2, '0');
  return {
    id: `id-000001-${11 + index}`,
    device: `desk-1000${two}`,
    extension: String(31 + index),
    index,
    mac: `c074ad0001${(index + 1).toString(16).padStart(2, '0')}`,
    host: `desk-${two}`,
    address: `${net}.${FIRST_HOST + index}`,
  };
}

/** The orders with which the contract takes the seats. */
export function deskOrders(seats: readonly DeskSeat[]): readonly object[] {
  return seats.map(({ id, device, extension, mac }) => ({
    kind: 'addId',
    id: { id, device, extension, label: `席 ${extension}` },
    device: { id: device, model: 'grandstream', gateway: GATEWAY, phone: { mac, type: MODEL } },
  }));
}

/**
 * A phone that is not ours on a seat: baresip, with the password that the box gave to the phone of that seat when a
 * technician had approved it.
 */
export class DeskSoftphone {
  readonly seat: DeskSeat;
  readonly #child: ChildProcess;
  #output = '';
  #established = 0;
  #rung = 0;

  private constructor(seat: DeskSeat, child: ChildProcess) {
    this.seat = seat;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => this.#heard(chunk.toString()));
    }
  }

  /** Plugs the phone in, has it approved, fetches its file and registers. */
  static async start(layout: Layout, { lan, net }: DeskLan, seat: DeskSeat): Promise<DeskSoftphone> {
    const { host, mac, address, extension } = seat;
    lan.join(host, mac);
    lan.address(host, `${address}/24`);
    const approved = await until(APPROVED_WITHIN_MS, async () => {
      const { phones } = (await requestJson(layout.sockets.agent, 'GET', '/v1/phones')) as PhonesAnswer;
      if (phones.find((each) => each.mac === mac)?.state !== 'waiting') return undefined;
      return requestJson(layout.sockets.agent, 'POST', `/v1/phones/${mac}/approve`, {});
    });
    if (approved === undefined) throw new Error(`desk phone ${mac} does not wait for its approval`);
    // Each miss counts against it: it asks once, now that it may.
    const named = `Grandstream Model HW ${MODEL} SW 1.0.5.48 DevId ${mac}`;
    const file = `http://${net}.1:8080/p/cfg${mac}.xml`;
    const { output } = await lan.run(host, ['curl', '-s', '-m', '20', '-A', named, file]);
    const password = /name="account\.1\.sip\.subscriber\.password">([^<]+)</.exec(output)?.[1];
    if (password === undefined)
      throw new Error(`desk phone ${mac} is given no password: ${output.slice(0, 300)}`);
    const folder = join(layout.state, 'phones', host);
    writeFiles(folder, { user: extension, password, registrar: `${net}.1`, address });
    const phone = new DeskSoftphone(seat, lan.start(host, ['baresip', '-f', folder, '-s']));
    const registered = await until(REGISTERED_WITHIN_MS, async () =>
      phone.#output.includes('200 OK') ? true : undefined,
    );
    if (registered === undefined) throw new Error(`desk phone ${mac} is not registered: ${phone.#output}`);
    return phone;
  }

  /** Dials; true when the call came up. */
  async dial(number: string): Promise<boolean> {
    const before = this.#established;
    this.#type(`/dial ${number}`);
    return this.#isUp(before);
  }

  /** Takes the call that rings once `call` has called; true when it is up. */
  async answer(call: () => Promise<unknown>): Promise<boolean> {
    const [before, rung] = [this.#established, this.#rung];
    await call();
    const rings = await until(UP_WITHIN_MS, async () => (this.#rung > rung ? true : undefined));
    if (rings !== true) return false;
    this.#type('/accept');
    return this.#isUp(before);
  }

  /** Ends all that it is in: beside a call that is up another may ring, and only the current one is hung up. */
  async hangUp(): Promise<void> {
    for (let calls = 0; calls < MOST_CALLS; calls++) {
      this.#type('/hangup');
      await pause(HUNG_UP_MS);
    }
  }

  /** What it said last of a call. */
  get lastWord(): string {
    const words = this.#output.match(/(?:Incoming call|Call|call|session|ua|SIP Progress)[^\n]*/g) ?? [];
    return words.slice(-2).join(' / ');
  }

  async #isUp(before: number): Promise<boolean> {
    return (await until(UP_WITHIN_MS, async () => (this.#established > before ? true : undefined))) === true;
  }

  #type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  #heard(text: string): void {
    this.#established += text.split('Call established').length - 1;
    this.#rung += text.split('Incoming call').length - 1;
    this.#output = (this.#output + text).slice(-4_000);
  }
}

interface Account {
  readonly user: string;
  readonly password: string;
  readonly registrar: string;
  readonly address: string;
}

function writeFiles(folder: string, { user, password, registrar, address }: Account): void {
  mkdirSync(folder, { recursive: true });
  const says = join(folder, 'says.wav');
  writeFileSync(says, tone(400 + Number(user) * 17));
  const modules = ['account', 'g711', 'aufile', 'menu', 'stdio'];
  const config = [
    `sip_listen ${address}:5060`,
    'module_path /usr/lib/baresip/modules',
    ...modules.map((name) => `module ${name}.so`),
    `audio_source aufile,${says}`,
    `call_max_calls ${MOST_CALLS}`,
    'net_interface lan0',
    '',
  ];
  writeFileSync(join(folder, 'config'), config.join('\n'));
  const account = `<sip:${user}@${registrar}>;auth_pass=${password};regint=60;answermode=manual;audio_codecs=PCMU/8000/1\n`;
  writeFileSync(join(folder, 'accounts'), account);
  writeFileSync(join(folder, 'contacts'), '');
}

/** A WAV file, 16 bit at 8 kHz, with a steady tone. */
function tone(hz: number): Buffer {
  const count = (SAYS_MS * RATE) / 1_000;
  const file = Buffer.alloc(WAV_HEADER + count * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(RATE * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(count * 2, 40);
  for (let at = 0; at < count; at++) {
    const sample = Math.round(AMPLITUDE * Math.sin((2 * Math.PI * hz * at) / RATE));
    file.writeInt16LE(sample, WAV_HEADER + at * 2);
  }
  return file;
}
