import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BootState, bootStateCopy } from '../../images/boot/boot-state.ts';
import { BOOT_STATE_BYTES, BOOT_STATE_SECOND_AT_BYTES, type Slot } from '../../images/layout.ts';

const IMAGES = join(import.meta.dirname, '../../images');
const TOOL = join(IMAGES, 'rootfs/usr/lib/engawa/boot-state');
const SCRIPT = join(IMAGES, 'boot/boot.cmd');

/** Commands of U-Boot that the boot loader's script uses, lent to it by an ordinary shell. A start ends at `bootm`. */
const UBOOT = `
setenv() { name=$1; shift; eval "$name=\\$*"; }
setexpr() { eval "$1=$(($2 $3 $4))"; }
part() { case "$1 $4" in "start boot-state") eval "$5=0" ;; "number boot-state") : ;; *) eval "$5=0" ;; esac; }
dev() {
  if [ "$1" = read ]; then file=$2; at=$3; [ "$2" = 0x50000000 ] || dd if="$MEDIUM" of="$RUN/$file" bs=512 skip=$(($at)) count=16 status=none
  else dd if="$RUN/$2" of="$MEDIUM" bs=512 seek=$(($3)) count=16 conv=notrunc status=none; fi
}
env() {
  what=$1; shift 2
  if [ "$what" = import ]; then
    printf '%s 0x0 0x2000\\n' "$RUN/$1" >"$RUN/conf"
    fw_printenv -c "$RUN/conf" >"$RUN/printed" 2>/dev/null || return 1
    shift 2
    for one in "$@"; do eval "$one=\\$(sed -n s/^$one=//p \\"$RUN/printed\\")"; done
  else
    shift 2; copy=$1; shift
    : >"$RUN/text"
    for one in "$@"; do eval "echo $one=\\$$one" >>"$RUN/text"; done
    mkenvimage -s 0x2000 -p 0 -o "$RUN/$copy" "$RUN/text"
  fi
}
bootm() { exit 0; }
reset() { exit 1; }
devtype=dev devnum=0 fdtcontroladdr=0
`;

/** A boot-state partition in a file, with the box's tool and the boot loader's script to work on it. */
export class BootMedium {
  // In memory where there is such a place: each change of the boot state is waited for until it is on the medium.
  readonly #folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'engawa-boot-'));
  readonly #device = join(this.#folder, 'medium');
  readonly #told = join(this.#folder, 'told');
  /** The slot that runs; null: none that the tool could see. */
  running: Slot | null = null;

  /** Writes the two copies; `null` is a copy that a power cut spoilt. */
  write(first: BootState | null, second: BootState | null): void {
    const bytes = Buffer.alloc(1024 * 1024, 0xa5);
    if (first !== null) bootStateCopy(first, BOOT_STATE_BYTES).copy(bytes, 0);
    if (second !== null) bootStateCopy(second, BOOT_STATE_BYTES).copy(bytes, BOOT_STATE_SECOND_AT_BYTES);
    this.bytes = bytes;
  }

  get bytes(): Buffer {
    return readFileSync(this.#device);
  }

  set bytes(bytes: Uint8Array) {
    writeFileSync(this.#device, bytes);
  }

  /** The medium goes, and comes back after so many seconds; for good when left out. */
  goes(forS?: number): void {
    const away = join(this.#folder, 'away');
    renameSync(this.#device, away);
    if (forS !== undefined) spawn('sh', ['-c', `sleep ${forS}; mv "$1" "$2"`, 'sh', away, this.#device]);
  }

  /** What the tool last said to those who may not read the medium. */
  get told(): string {
    return readFileSync(this.#told, 'utf8');
  }

  /** Runs the box's `boot-state` with these words and gives what it printed. */
  tool(...words: string[]): string {
    return this.#run([TOOL, ...words]);
  }

  /** Runs another program of the box that asks for the boot state and changes it. */
  program(name: 'confirm-slot' | 'watch-trial', more: NodeJS.ProcessEnv = {}): string {
    return this.#run([join(IMAGES, 'rootfs/usr/lib/engawa', name)], more);
  }

  #run(command: readonly string[], more: NodeJS.ProcessEnv = {}): string {
    const commandLine = join(this.#folder, 'cmdline');
    writeFileSync(
      commandLine,
      this.running === null ? 'quiet\n' : `ro engawa.slot=${this.running} panic=5\n`,
    );
    const env = {
      ...this.#env(),
      BOOT_STATE_DEVICE: this.#device,
      BOOT_STATE_CMDLINE: commandLine,
      BOOT_STATE_SHOWN: this.#told,
      BOOT_STATE_WAIT_S: '3',
      TMPDIR: this.#folder,
      ...more,
    };
    return execFileSync('sh', command, { encoding: 'utf8', env }).trim();
  }

  /** Lets the boot loader's script choose, and gives the slot it starts, which then runs. */
  start(): Slot {
    const env = { ...this.#env(), MEDIUM: this.#device, RUN: this.#folder };
    const said = execFileSync('sh', ['-c', `${UBOOT}\n${readFileSync(SCRIPT, 'utf8')}`], {
      encoding: 'utf8',
      env,
    });
    const slot = /starting slot ([ab]) /.exec(said)?.[1];
    if (slot !== 'a' && slot !== 'b') throw new Error(`no slot was started: ${said}`);
    this.running = slot;
    return slot;
  }

  /** Which of the two copies changed since `before`. */
  changedSince(before: Buffer): string[] {
    const now = this.bytes;
    const same = (from: number) =>
      now.subarray(from, from + BOOT_STATE_BYTES).equals(before.subarray(from, from + BOOT_STATE_BYTES));
    return [...(same(0) ? [] : ['first']), ...(same(BOOT_STATE_SECOND_AT_BYTES) ? [] : ['second'])];
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
  }
}
