import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { offsetsMiB, PARTITIONS, type PartitionName } from '../layout.ts';
import { LabError } from './lab-error.ts';

const MIB = 1024 * 1024;
/** `e2fsck`: errors were corrected. */
const CORRECTED = 1;

/** Who may do what with a file that is laid on the medium; root's alone when left out. */
export interface FileRights {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** The storage of a box that is switched off, as somebody with a screwdriver has it. */
export class LabDisk {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** A copy, holes kept as holes. */
  copyTo(file: string): LabDisk {
    done('cp', ['--sparse=always', '--reflink=auto', this.file, file]);
    return new LabDisk(file);
  }

  /** Lays a file into `persist` or `data`; folders on its way are made. */
  write(
    partition: 'persist' | 'data',
    path: string,
    contents: string | Uint8Array,
    rights: FileRights = {},
  ): void {
    this.#repair(partition);
    const folder = mkdtempSync(join(tmpdir(), 'engawa-lay-'));
    try {
      const source = join(folder, 'file');
      writeFileSync(source, contents);
      const { mode = 0o600, uid = 0, gid = 0 } = rights;
      const parents = pathsOf(dirname(path)).map((parent) => `mkdir ${parent}`);
      const fields = Object.entries({ mode: `0${(0o100000 | mode).toString(8)}`, uid, gid });
      this.#debugfs(partition, [
        ...parents,
        ...[`rm ${path}`, `write ${source} ${path}`],
        ...fields.map(([field, value]) => `set_inode_field ${path} ${field} ${value}`),
      ]);
      if (this.read(partition, path) === undefined)
        throw new LabError(`${path} could not be laid on ${partition}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Takes a file away. */
  remove(partition: 'persist' | 'data', path: string): void {
    this.#repair(partition);
    this.#debugfs(partition, [`rm ${path}`]);
  }

  /** Contents of a file, or undefined where there is none. */
  read(partition: 'persist' | 'data', path: string): Buffer | undefined {
    const said = spawnSync('debugfs', ['-R', `cat ${path}`, this.#device(partition)], {
      maxBuffer: 64 * MIB,
    });
    return /not found/.test(said.stderr.toString()) ? undefined : said.stdout;
  }

  /** Inverts the byte `at` of a partition. */
  flip(partition: PartitionName, at: number): void {
    const byte = this.bytes(partition, at, 1);
    byte[0] = (byte[0] ?? 0) ^ 0xff;
    this.put(partition, at, byte);
  }

  /** Bytes of a partition. */
  bytes(partition: PartitionName, at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    this.#open('r', (handle) => readSync(handle, bytes, 0, length, startOf(partition) + at));
    return bytes;
  }

  /** Writes bytes over a partition. */
  put(partition: PartitionName, at: number, bytes: Uint8Array): void {
    const size = (PARTITIONS.find(({ name }) => name === partition)?.sizeMiB ?? 0) * MIB;
    if (at + bytes.length > size) throw new LabError(`${partition} ends at byte ${size}`);
    this.#open('r+', (handle) => writeSync(handle, bytes, 0, bytes.length, startOf(partition) + at));
  }

  #open(how: 'r' | 'r+', work: (handle: number) => void): void {
    const handle = openSync(this.file, how);
    try {
      work(handle);
    } finally {
      closeSync(handle);
    }
  }

  #device(partition: PartitionName): string {
    return `${this.file}?offset=${startOf(partition)}`;
  }

  /** What a power cut left in the journal would undo a change that is made beside it. */
  #repair(partition: PartitionName): void {
    const said = spawnSync('e2fsck', ['-p', this.#device(partition)], { encoding: 'utf8' });
    if ((said.status ?? 99) > CORRECTED)
      throw new LabError(`${partition} cannot be repaired: ${said.stdout}${said.stderr}`);
  }

  #debugfs(partition: PartitionName, commands: readonly string[]): void {
    const input = `${commands.join('\n')}\n`;
    const said = spawnSync('debugfs', ['-w', '-f', '-', this.#device(partition)], {
      input,
      encoding: 'utf8',
    });
    if (said.status !== 0) throw new LabError(`debugfs on ${partition}: ${said.stderr}`);
  }
}

function startOf(partition: PartitionName): number {
  const at = offsetsMiB().get(partition);
  if (at === undefined) throw new LabError(`there is no partition ${partition}`);
  return at * MIB;
}

/** `/a/b` → `/a`, `/a/b`. */
export function pathsOf(folder: string): readonly string[] {
  const parts = folder.split('/').filter((part) => part !== '');
  return parts.map((_part, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

function done(program: string, args: readonly string[]): void {
  const said = spawnSync(program, args, { encoding: 'utf8' });
  if (said.status !== 0) throw new LabError(`${program}: ${said.error?.message ?? said.stderr}`);
}
