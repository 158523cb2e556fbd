import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SimControl } from '../../hal/sim/control-client.ts';
import { type Child, startChild } from '../../scripts/launch/child.ts';
import { type MachineFiles, type MachinePlugs, machineCommand } from '../run/machine.ts';
import { Gpio } from './gpio.ts';
import { LabError } from './lab-error.ts';
import type { LabNetwork } from './network.ts';
import { tapOf } from './network.ts';
import { BOX_MAC } from './places.ts';
import { Qmp } from './qmp.ts';
import { RootShell } from './root-shell.ts';
import { connectSoon, Talk } from './talk.ts';

/** How long a start takes at most on a machine that is busy. Alone it is 30 to 60 s. */
export const BOOT_LIMIT_MS = 480_000;
const OFF_LIMIT_MS = 90_000;

/** How a box is switched on. */
export interface BoxOrder {
  /** What the battery-less clock says at the start, for example `1970-01-01T00:00:00`; the right time when left out. */
  readonly rtc?: string;
  /** It has a second network port, at the provider's router. */
  readonly wan?: boolean;
  /** It has a watchdog; true when left out. */
  readonly watchdog?: boolean;
  /** Ports of its board; 2 when left out. */
  readonly ports?: number;
}

/** What a box is started from, and where its sockets and logs go. */
export interface BoxPlace {
  readonly root: string;
  readonly folder: string;
  readonly files: MachineFiles;
  readonly network: LabNetwork;
}

/** A box that is switched on. */
export class Box {
  readonly console: Talk;
  readonly root: RootShell;
  readonly gpio: Gpio;
  readonly qmp: Qmp;
  /** The phones at its board. */
  readonly board: SimControl;
  /** Control socket of the phones. */
  readonly phones: string;
  readonly plugs: MachinePlugs;
  readonly #rootTalk: Talk;
  readonly #machine: Machine;
  readonly #onMs: number;

  private constructor(parts: BoxParts) {
    this.console = parts.console;
    this.#rootTalk = parts.rootTalk;
    this.root = new RootShell(parts.rootTalk);
    this.gpio = parts.gpio;
    this.qmp = parts.qmp;
    this.board = parts.board;
    this.phones = parts.machine.phones;
    this.plugs = parts.plugs;
    this.#machine = parts.machine;
    this.#onMs = performance.now();
  }

  /** Switches a box on: power, cables, board. Resolves when the bootloader runs. */
  static async switchOn(place: BoxPlace, order: BoxOrder): Promise<Box> {
    mkdirSync(place.folder, { recursive: true });
    const plugs = plugsOf(place.folder, order);
    const machine = new Machine(place, plugs);
    try {
      const [console, rootTalk, qmp] = await machine.orDead(
        Promise.all([
          Talk.open('console', plugs.console),
          Talk.open('root shell', plugs.root),
          Qmp.open(plugs.qmp),
        ]),
      );
      const gpio = await machine.orDead(Gpio.open(plugs.pins, await qmp.find('pl061')));
      await gpio.drive('powerGood', true);
      qmp.onEvent((name) => {
        if (name === 'RESET') void gpio.driveAgain().catch(() => undefined);
      });
      const board = await machine.orDead(machine.startBoard(order.ports ?? 2));
      await qmp.ask('cont');
      return new Box({ console, rootTalk, gpio, qmp, board, plugs, machine });
    } catch (error) {
      await machine.off();
      throw error;
    }
  }

  /** Time since it was switched on. */
  get upMs(): number {
    return Math.round(performance.now() - this.#onMs);
  }

  /** Waits until the system is up: its root shell answers. */
  async up(limitMs = BOOT_LIMIT_MS): Promise<void> {
    try {
      await this.root.ready(limitMs);
    } catch (error) {
      throw new LabError(`${(error as Error).message}\n  The console said last:\n${this.console.tail(25)}`);
    }
  }

  /** Has the box restart by itself and waits until it is up again. */
  async restart(limitMs = BOOT_LIMIT_MS): Promise<void> {
    const reset = this.qmp.event('RESET', OFF_LIMIT_MS);
    this.root.send('systemctl reboot');
    await reset;
    await this.up(limitMs);
  }

  /** The mains fail: nothing is written any more, nothing is said. */
  async powerCut(): Promise<void> {
    await this.#end(() => this.#machine.cut());
  }

  /** Has the system end in order, then switches off. Without an answer in time it is a power cut. */
  async shutDown(): Promise<void> {
    this.root.send('systemctl poweroff');
    await this.#end(() => this.#machine.gone(OFF_LIMIT_MS));
  }

  /** Leaves the consoles to others: a person with `socat`. */
  releaseConsoles(): void {
    this.console.close();
    this.#rootTalk.close();
  }

  /** Resolves when it has gone off, for whatever reason. */
  get off(): Promise<void> {
    return this.#machine.ended;
  }

  async #end(how: () => Promise<void>): Promise<void> {
    await how();
    for (const part of [this.console, this.#rootTalk, this.gpio, this.qmp, this.board]) part.close();
    await this.#machine.off();
  }
}

interface BoxParts {
  readonly console: Talk;
  readonly rootTalk: Talk;
  readonly gpio: Gpio;
  readonly qmp: Qmp;
  readonly board: SimControl;
  readonly plugs: MachinePlugs;
  readonly machine: Machine;
}

/** The processes behind a box: QEMU, and the board with its phones. */
class Machine {
  readonly ended: Promise<void>;
  /** Control socket of the board's phones. */
  readonly phones: string;
  readonly #qemu: ChildProcess;
  readonly #place: BoxPlace;
  readonly #plugs: MachinePlugs;
  readonly #children: Child[] = [];
  #said = '';

  constructor(place: BoxPlace, plugs: MachinePlugs) {
    this.#place = place;
    this.#plugs = plugs;
    this.phones = join(place.folder, 'phones.sock');
    const command = [
      ...place.network.atBox,
      ...['setpriv', '--pdeathsig', 'KILL', '--', ...machineCommand(place.files, plugs)],
    ];
    const [program = '', ...args] = command;
    this.#qemu = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    this.#qemu.stderr?.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-2_000);
    });
    this.ended = new Promise((resolve) => {
      this.#qemu.once('exit', () => resolve());
      this.#qemu.once('error', (error) => {
        this.#said += error.message;
        resolve();
      });
    });
  }

  /** What is waited for, or the end of QEMU with its own words. */
  orDead<Value>(work: Promise<Value>): Promise<Value> {
    const dead = this.ended.then((): never => {
      throw new LabError(`QEMU ended: ${this.#said.trim() || 'without a word'}`);
    });
    dead.catch(() => undefined);
    return Promise.race([work, dead]);
  }

  async startBoard(ports: number): Promise<SimControl> {
    const { folder, root } = this.#place;
    const [tty, control] = [join(folder, 'tty'), this.phones];
    // The line must be there before the board is: the wire's own program makes it.
    const wire = ['socat', `pty,raw,echo=0,link=${tty}`, `unix-connect:${this.#plugs.board}`];
    this.#children.push(
      await startChild({
        name: 'wire',
        command: ['setpriv', '--pdeathsig', 'TERM', '--', ...wire],
        logFile: join(folder, 'wire.log'),
        ready: 'spawn',
        readyLimitMs: 10_000,
      }),
      await startChild({
        name: 'board',
        command: [
          ...[process.execPath, '--import', 'tsx', join(root, 'hal/sim/main.ts'), '--follow-stdin'],
          ...['--device', tty, '--control', control, '--ports', String(ports)],
        ],
        logFile: join(folder, 'board.log'),
        ready: 'event',
        readyLimitMs: 60_000,
      }),
    );
    (await connectSoon(control)).destroy();
    return SimControl.connect(control);
  }

  async cut(): Promise<void> {
    this.#kill();
    await this.ended;
  }

  /** Waits until it goes off by itself, and cuts the power when it does not. */
  async gone(limitMs: number): Promise<void> {
    const limit = setTimeout(() => this.#kill(), limitMs);
    await this.ended;
    clearTimeout(limit);
  }

  async off(): Promise<void> {
    await this.cut();
    for (const child of this.#children.splice(0).reverse()) await child.stop(3_000);
  }

  #kill(): void {
    if (this.#qemu.exitCode === null && this.#qemu.signalCode === null) this.#qemu.kill('SIGKILL');
  }
}

function plugsOf(folder: string, { rtc, wan, watchdog }: BoxOrder): MachinePlugs {
  const lan = { tap: tapOf('lan'), mac: BOX_MAC.lan };
  const second = { tap: tapOf('wan'), mac: BOX_MAC.wan };
  return {
    console: join(folder, 'console.sock'),
    root: join(folder, 'root.sock'),
    board: join(folder, 'board.sock'),
    qmp: join(folder, 'qmp.sock'),
    pins: join(folder, 'pins.sock'),
    gdb: join(folder, 'gdb.sock'),
    log: join(folder, 'console.log'),
    ports: wan === true ? [lan, second] : [lan],
    ...(rtc === undefined ? {} : { rtc }),
    watchdog: watchdog ?? true,
  };
}
