import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import { systemVersion } from '../../lib/contract/update.ts';
import { type BundleInfo, otherSlot, type Slot, type SlotTool, type SystemView } from './slot-tool.ts';

/** Where the tool finds what it needs; other places in tests. */
export interface RaucPlaces {
  readonly program: string;
  /** What `boot-state show` says, written by whoever changes it: who may read the boot state itself is root alone. */
  readonly bootState: string;
  /** Written by the agent: root restarts the box then. */
  readonly restartWanted: string;
  /** Version of the system that this program is part of. */
  readonly version: string;
}

/** Longest output of the program that is kept. */
const OUTPUT_LIMIT = 65_536;
const SAY_LIMIT = 300;

const slotStatus = z.object({
  class: z.string(),
  bootname: z.string().nullish(),
  boot_status: z.string().nullish(),
  slot_status: z.object({ bundle: z.object({ version: z.string().nullish() }).nullish() }).nullish(),
});
const raucStatus = z.object({
  compatible: z.string(),
  booted: z.string(),
  slots: z.array(z.record(z.string(), slotStatus)).max(16),
});
const bundleInfo = z.object({ compatible: z.string().max(60), version: systemVersion });

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** RAUC, spoken to by its command line: it hands the work to its service, which runs as root. */
export class RaucSlots implements SlotTool {
  readonly #places: RaucPlaces;

  constructor(places: RaucPlaces) {
    this.#places = places;
  }

  async status(): Promise<Result<SystemView>> {
    const ended = await this.#run(['status', '--detailed', '--output-format=json']);
    const read = raucStatus.safeParse(parsed(ended.out));
    if (ended.code !== 0 || !read.success) return refuse(unanswered('update.status', ended));
    const roots = read.data.slots
      .flatMap((each) => Object.values(each))
      .filter((each) => each.class === 'rootfs');
    const running = asSlot(read.data.booted);
    const of = (slot: Slot) => roots.find(({ bootname }) => bootname === slot);
    if (running === undefined || of(running) === undefined) return refuse(unanswered('update.status', ended));
    const there = of(otherSlot(running));
    return ok({
      compatible: read.data.compatible,
      running: { slot: running, version: versionOf(of(running)) ?? this.#places.version },
      trial: this.#trial(running),
      other: { version: versionOf(there), startable: there?.boot_status === 'good' },
    });
  }

  async inspect(path: string): Promise<Result<BundleInfo>> {
    try {
      accessSync(path, constants.R_OK);
    } catch {
      const say = `There is no bundle at ${path} that the agent can read.`;
      return refuse({ code: 'update.noFile', fault: 'environment', say });
    }
    const ended = await this.#run(['info', '--output-format=json', path]);
    const read = bundleInfo.safeParse(parsed(ended.out));
    if (ended.code === 0 && read.success) return ok(read.data);
    return refuse(notABundle(ended));
  }

  async install(path: string, onPercent: (percent: number) => void): Promise<Result<void>> {
    const ended = await this.#run(['install', path], (line) => {
      const percent = /^\s*(\d{1,3})%/.exec(line)?.[1];
      if (percent !== undefined) onPercent(Math.min(100, Number(percent)));
    });
    if (ended.code === 0) return ok(undefined);
    const said = `${ended.out}\n${ended.err}`;
    const why = /LastError: (.*)/.exec(said)?.[1] ?? lastLine(ended);
    if (/already processing/i.test(said)) {
      return refuse({ code: 'update.busy', fault: 'environment', say: 'Another installation is under way.' });
    }
    if (/No such file/i.test(said)) {
      return refuse({ code: 'update.noFile', fault: 'environment', say: `The bundle is gone: ${why}` });
    }
    const say = `The installer gave up: ${why}`.slice(0, SAY_LIMIT);
    // One that could not be asked has not judged the bundle.
    const asked = ended.code !== null && !/D-?Bus|service disappeared|not provided by any/i.test(said);
    return refuse({ code: asked ? 'update.notInstalled' : 'update.busy', fault: 'environment', say });
  }

  activate(): Promise<Result<void>> {
    return this.#mark('mark-active', 'other');
  }

  markGood(): Promise<Result<void>> {
    return this.#mark('mark-good', 'booted');
  }

  markBad(): Promise<Result<void>> {
    return this.#mark('mark-bad', 'booted');
  }

  restart(why: string): Result<void> {
    try {
      writeFileSync(this.#places.restartWanted, `${why}\n`);
      return ok(undefined);
    } catch (error) {
      const say = `The restart cannot be asked for: ${String(error)}.`;
      return refuse({ code: 'update.restart', fault: 'environment', say });
    }
  }

  async #mark(
    how: 'mark-active' | 'mark-good' | 'mark-bad',
    which: 'other' | 'booted',
  ): Promise<Result<void>> {
    const ended = await this.#run(['status', how, which]);
    return ended.code === 0 ? ok(undefined) : refuse(unanswered('update.mark', ended));
  }

  /**
   * The word stays in the boot state when the box has gone back. A slot that is out of the order as well is not tried by anybody: it is
   * of an earlier update, and says nothing of what was written there since. The running one is on trial until it is good.
   */
  #trial(running: Slot): Slot | null | undefined {
    try {
      const text = readFileSync(this.#places.bootState, 'utf8');
      const found = /^trial=(.*)$/m.exec(text);
      if (found === null) return undefined;
      const trial = asSlot(found[1]?.trim() ?? '');
      const order = /^order=(.*)$/m.exec(text)?.[1]?.split(' ');
      if (trial === undefined) return null;
      return trial === running || (order?.includes(trial) ?? true) ? trial : null;
    } catch {
      return undefined;
    }
  }

  #run(args: readonly string[], onLine?: (line: string) => void): Promise<Ended> {
    return new Promise((resolve) => {
      const child = spawn(this.#places.program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '';
      let err = '';
      const lines = createInterface({ input: child.stdout });
      lines.on('line', (line) => {
        if (out.length < OUTPUT_LIMIT) out += `${line}\n`;
        onLine?.(line);
      });
      child.stderr.on('data', (chunk: Buffer) => {
        if (err.length < OUTPUT_LIMIT) err += chunk.toString('utf8');
      });
      child.on('error', (error) => resolve({ code: null, out, err: error.message }));
      child.on('close', (code) => resolve({ code, out, err }));
    });
  }
}

function versionOf(slot: z.infer<typeof slotStatus> | undefined): string | null {
  const read = systemVersion.safeParse(slot?.slot_status?.bundle?.version);
  return read.success ? read.data : null;
}

function asSlot(name: string): Slot | undefined {
  return name === 'a' || name === 'b' ? name : undefined;
}

function notABundle(ended: Ended): CodedError {
  const why = lastLine(ended).slice(0, SAY_LIMIT);
  if (/signature|certificate|verify|CMS/i.test(`${ended.out}${ended.err}`)) {
    const say = `Nobody whom this box trusts has signed that bundle; get it from the service again. ${why}`;
    return { code: 'update.signature', fault: 'peer', say };
  }
  if (ended.code === null) return unanswered('update.inspect', ended);
  return { code: 'update.notBundle', fault: 'peer', say: `That is no bundle for this box: ${why}` };
}

function unanswered(code: string, ended: Ended): CodedError {
  const say = `The installer does not answer: ${lastLine(ended)}`.slice(0, SAY_LIMIT);
  return { code, fault: 'environment', say };
}

function lastLine({ code, out, err }: Ended): string {
  const said = `${out}\n${err}`.trim().split('\n').at(-1)?.trim() ?? '';
  return said === '' ? `it ended with ${code ?? 'no answer'}.` : said;
}

function parsed(text: string): unknown {
  try {
    // Words of the program may stand before its document.
    const from = text.indexOf('{');
    return from < 0 ? undefined : JSON.parse(text.slice(from));
  } catch {
    return undefined;
  }
}
