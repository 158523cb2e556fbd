import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from '../../lib/base/errors.ts';
import { removeLeftSpaces } from '../../scripts/lab/spaces.ts';
import { type TemporaryState, temporaryState } from '../../scripts/launch/temporary-state.ts';
import { burnDeviceTree, SERIAL_NUMBER } from '../run/machine.ts';
import { BOOT_LIMIT_MS, Box, type BoxOrder } from './box.ts';
import { claimBox } from './claim.ts';
import { LabCloud } from './cloud.ts';
import { LabDisk } from './disk.ts';
import { LabError } from './lab-error.ts';
import { LabNetwork } from './network.ts';
import { SUPPORT_TOKEN, signSupportToken } from './support-token.ts';

const TOKEN_LIVES_MS = 20 * 86_400_000;
const LAST_WORDS_LINES = 40;
const LAST_WORDS_LIMIT_MS = 30_000;

/** What a laboratory works with. */
export interface LabOrder {
  /** The project's folder. */
  readonly root: string;
  /** Where `scripts/image build` put what it built. */
  readonly out: string;
  /** Keys that it was built with. */
  readonly keys: string;
  /** Leaves disks and logs behind. */
  readonly keep: boolean;
  readonly say: (line: string) => void;
}

/** Whose storage a box starts with. */
export type DiskKind =
  /** As it leaves the factory. */
  | 'factory'
  /** Claimed and set up once in this laboratory; made when it is first asked for. */
  | 'claimed'
  /** As the last box left it. */
  | 'same';

/** Which box is switched on. */
export interface BootOrder extends BoxOrder {
  /** `same` when left out. */
  readonly disk?: DiskKind;
  /** Changes the storage while the box is off. */
  readonly prepare?: (disk: LabDisk) => void;
  /** Resolves with the bootloader's first word instead of with a system that is up. */
  readonly noWait?: boolean;
}

/**
 * A built box in an emulated machine, and the world around it: the customer's network, the service, the telephone network,
 * the board with its phones. One box at a time. `close` takes everything away, whatever happened.
 */
export class Lab {
  readonly order: LabOrder;
  readonly folder: string;
  readonly network: LabNetwork;
  readonly cloud: LabCloud;
  readonly #state: TemporaryState;
  readonly #deviceTree: string;
  #box: Box | undefined;
  #boots = 0;
  /** The running box is claimed and nobody spoilt it. */
  #sound = false;
  #closing: Promise<void> | undefined;

  private constructor(parts: LabParts) {
    this.order = parts.order;
    this.folder = parts.state.path;
    this.#state = parts.state;
    this.network = parts.network;
    this.cloud = parts.cloud;
    this.#deviceTree = parts.deviceTree;
  }

  /** Sets the world up. Rejects with a sentence where this machine cannot (see `whyNoLab`). */
  static async open(order: LabOrder): Promise<Lab> {
    if (!existsSync(join(order.out, 'factory.img')))
      throw new LabError('nothing is built yet: scripts/image build');
    removeLeftSpaces();
    const state = temporaryState('lab');
    let network: LabNetwork | undefined;
    try {
      const deviceTree = burnDeviceTree(state.path, join(order.out, 'boot.fit'), order.keys);
      network = await LabNetwork.open(order.root, state.path);
      const cloud = await LabCloud.open(order.root, join(state.path, 'cloud'), network);
      return new Lab({ order, state, network, cloud, deviceTree });
    } catch (error) {
      await network?.remove();
      if (!order.keep) state.remove();
      throw error instanceof StartupError ? new LabError(error.coded.say) : error;
    }
  }

  /** Storage of the box. To be changed while it is off. */
  get disk(): LabDisk {
    return new LabDisk(join(this.folder, 'disk.img'));
  }

  /** Whether a box is on. */
  get isOn(): boolean {
    return this.#box !== undefined;
  }

  /** The box that is on. */
  get box(): Box {
    if (this.#box === undefined) throw new LabError('no box is on');
    return this.#box;
  }

  /** Switches a box on; one that is on is cut off first. Resolves when its system is up. */
  async boot(order: BootOrder = {}): Promise<Box> {
    await this.off();
    if (this.#closing !== undefined) throw new LabError('the laboratory is closed');
    await this.#layDisk(order.disk ?? 'same');
    order.prepare?.(this.disk);
    const folder = join(this.folder, `boot-${++this.#boots}`);
    const files = { disk: this.disk.file, deviceTree: this.#deviceTree };
    this.#box = await Box.switchOn({ root: this.order.root, folder, files, network: this.network }, order);
    if (order.noWait !== true) await this.#box.up();
    return this.#box;
  }

  /**
   * A claimed box that is up and has its configuration: the one that runs, when it is such a one, else a new start.
   * Stories that leave it as they found it share one start.
   */
  async claimed(): Promise<Box> {
    if (this.#box !== undefined && this.#sound) return this.#box;
    const box = await this.boot({ disk: 'claimed' });
    this.#sound = true;
    return box;
  }

  /** The running box is a claimed one that serves: the next stories may share it. */
  sound(): void {
    this.#sound = true;
  }

  /** The running box is not to be shared any more. */
  spoilt(): void {
    this.#sound = false;
  }

  /** Keeps the storage of the running, claimed box for later starts, as a power cut at this moment would leave it. */
  async keepClaimed(): Promise<void> {
    await this.box.root.get('sync');
    await this.box.qmp.ask('stop');
    this.disk.copyTo(join(this.folder, 'claimed.img'));
    await this.box.qmp.ask('cont');
    this.#sound = true;
  }

  /** What the programs of the box that is on wrote last, for whoever asks why a story failed. Never rejects. */
  async lastWords(): Promise<string> {
    if (this.#box === undefined) return 'no box is on';
    const late = AbortSignal.timeout(LAST_WORDS_LIMIT_MS);
    const limit = new Promise<string>((resolve) => {
      late.addEventListener('abort', () => resolve('the box says nothing'));
    });
    const asked = this.#box.root
      .run(`journalctl --boot --no-pager --lines ${LAST_WORDS_LINES} --output short-monotonic`)
      .then(({ output }) => output);
    return Promise.race([asked, limit]).catch((error: Error) => error.message);
  }

  /** Cuts the power of the box that is on, if one is. */
  async off(): Promise<void> {
    const box = this.#box;
    this.#box = undefined;
    this.#sound = false;
    await box?.powerCut();
  }

  /** Takes everything away, once. */
  close(): Promise<void> {
    this.#closing ??= this.#takeAway();
    return this.#closing;
  }

  async #takeAway(): Promise<void> {
    await this.off().catch(() => undefined);
    await this.cloud.stop().catch(() => undefined);
    await this.network.remove().catch(() => undefined);
    if (!this.order.keep) this.#state.remove();
  }

  async #layDisk(kind: DiskKind): Promise<void> {
    if (kind === 'factory') {
      const disk = new LabDisk(join(this.order.out, 'factory.img')).copyTo(this.disk.file);
      const token = signSupportToken(this.order.keys, SERIAL_NUMBER, new Date(Date.now() + TOKEN_LIVES_MS));
      disk.write('persist', SUPPORT_TOKEN, token);
    }
    if (kind === 'same' && !existsSync(this.disk.file)) await this.#layDisk('factory');
    if (kind !== 'claimed') return;
    const kept = join(this.folder, 'claimed.img');
    if (!existsSync(kept)) {
      this.order.say('claiming a box for the stories that need one');
      const box = await this.boot({ disk: 'factory' });
      await claimBox(box, this.cloud, BOOT_LIMIT_MS);
      await this.keepClaimed();
      await this.off();
    }
    new LabDisk(kept).copyTo(this.disk.file);
  }
}

interface LabParts {
  readonly order: LabOrder;
  readonly state: TemporaryState;
  readonly network: LabNetwork;
  readonly cloud: LabCloud;
  readonly deviceTree: string;
}
