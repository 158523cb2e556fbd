import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lan } from '../../scripts/lab/lan.ts';
import { toneFile } from './tone-file.ts';

/** How a technician has typed it in. */
export interface BaresipByHand {
  readonly host: string;
  /** Folder of its files. */
  readonly folder: string;
  readonly address: string;
  readonly registrar: string;
  readonly user: string;
  readonly password: string;
  /** What it says for as long as it talks. */
  readonly hz: number;
}

const RATE = 8_000;
const SAYS_MS = 60_000;
const HEADER_BYTES = 44;

/** baresip on a host of a LAN: it knows nothing of our code, and its menu is typed into. */
export class LanBaresip {
  readonly #child: ChildProcess;
  readonly #folder: string;
  output = '';

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
  }

  static start(
    lan: Lan,
    { host, folder, address, registrar, user, password, hz }: BaresipByHand,
  ): LanBaresip {
    mkdirSync(folder, { recursive: true });
    const says = join(folder, 'says.wav');
    writeFileSync(says, toneFile(hz, SAYS_MS));
    const modules = ['account', 'g711', 'aufile', 'sndfile', 'menu', 'stdio'];
    const config = [
      `sip_listen ${address}:5060`,
      'module_path /usr/lib/baresip/modules',
      ...modules.map((name) => `module ${name}.so`),
      `audio_source aufile,${says}`,
      `snd_path ${folder}`,
      'net_interface lan0',
      '',
    ];
    writeFileSync(join(folder, 'config'), config.join('\n'));
    const account = `<sip:${user}@${registrar}>;auth_pass=${password};regint=60;audio_codecs=PCMU/8000/1\n`;
    writeFileSync(join(folder, 'accounts'), account);
    writeFileSync(join(folder, 'contacts'), '');
    return new LanBaresip(lan.start(host, ['baresip', '-f', folder, '-s']), folder);
  }

  /** A line of its menu: `/dial 21`, `/hangup`, `/accept`. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Share, 0 to 1, of the last `ms` of sound of its newest call that is the tone `hz`. */
  share(hz: number, ms: number): number {
    const heard = readdirSync(this.#folder).filter((name) => name.endsWith('-dec.wav'));
    const newest = heard.sort().at(-1);
    if (newest === undefined) return 0;
    const bytes = readFileSync(join(this.#folder, newest)).subarray(HEADER_BYTES);
    const count = Math.min(Math.floor(bytes.length / 2), (ms * RATE) / 1_000);
    const from = Math.floor(bytes.length / 2) - count;
    let [real, imaginary, energy] = [0, 0, 0];
    for (let at = 0; at < count; at++) {
      const sample = bytes.readInt16LE((from + at) * 2);
      real += sample * Math.cos((2 * Math.PI * hz * at) / RATE);
      imaginary += sample * Math.sin((2 * Math.PI * hz * at) / RATE);
      energy += sample * sample;
    }
    return energy === 0 ? 0 : (2 * (real * real + imaginary * imaginary)) / (count * energy);
  }
}
