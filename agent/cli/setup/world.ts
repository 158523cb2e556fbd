import { systemClock } from '../../../lib/base/clock.ts';
import type { Result } from '../../../lib/base/errors.ts';
import type { ClaimOptions } from '../../enrol/index.ts';
import { type ApiFailure, type ApiResult, getJson, postJson } from '../api-client.ts';
import type { CliIo } from '../io.ts';
import type { BoxPaths } from '../paths.ts';
import { pause } from '../repeat.ts';
import { type Look, rowLines, spoken, type Verdict } from '../screen.ts';
import { clean, SCREEN_COLUMNS, wrap } from '../text.ts';

/** What can be said beforehand, so that nobody has to be asked. */
export interface SetupOptions {
  readonly code?: string | undefined;
  readonly service?: string | undefined;
  readonly serial?: string | undefined;
  /** Address of the box on the LAN, with its prefix. */
  readonly address?: string | undefined;
  readonly lan?: string | undefined;
  readonly pool?: string | undefined;
  readonly router?: string | undefined;
  readonly lines?: string | undefined;
  readonly call?: string | undefined;
  readonly fax?: boolean | undefined;
  readonly skip?: readonly string[];
  /** Takes what is recommended without asking. */
  readonly yes?: boolean | undefined;
  readonly by: string;
}

/** The setup was left: it goes on there the next time. */
export class Interrupted extends Error {}

/** The agent cannot be asked at all: nothing goes on. */
export class Unasked extends Error {
  readonly failure: ApiFailure;

  constructor(failure: ApiFailure) {
    super(failure.say);
    this.failure = failure;
  }
}

const LOOK_EVERY_MS = 300;
/** A server that begins to serve looks around first. */
const SETTLE_MS = 3_000;
/** Reconfiguring the LAN and the board takes some moments. */
const TELL_LIMIT_MS = 15_000;

/** The box, the person before it, and what was said beforehand. */
export class SetupWorld {
  readonly io: CliIo;
  readonly look: Look;
  readonly paths: BoxPaths;
  readonly options: SetupOptions;
  /** Enrols the box with a claim code. */
  readonly claim: (options: ClaimOptions) => Promise<Result<{ readonly gateway: string }>>;
  /** How long a changed LAN is given before it is looked at. */
  readonly settleMs: number;
  readonly #socket: string;
  readonly #quiet: boolean;
  #typed: Promise<string | undefined> | undefined;

  constructor(parts: {
    readonly io: CliIo;
    readonly look: Look;
    readonly paths: BoxPaths;
    readonly socket: string;
    /** Nothing is printed: the result is one document. */
    readonly quiet: boolean;
    readonly options: SetupOptions;
    readonly claim: SetupWorld['claim'];
    readonly settleMs?: number;
  }) {
    this.io = parts.io;
    this.look = parts.look;
    this.paths = parts.paths;
    this.options = parts.options;
    this.claim = parts.claim;
    this.settleMs = parts.settleMs ?? SETTLE_MS;
    this.#socket = parts.socket;
    this.#quiet = parts.quiet;
  }

  /** A person can be asked. */
  get interactive(): boolean {
    return !this.#quiet && this.options.yes !== true && this.io.input?.interactive === true;
  }

  get<Value extends { readonly v: 1 }>(path: string): Promise<ApiResult<Value>> {
    return getJson<Value>(this.#socket, path);
  }

  /** As {@link get}, where the agent has to be there. */
  async must<Value extends { readonly v: 1 }>(path: string): Promise<Value> {
    const answer = await this.get<Value>(path);
    if (answer.ok) return answer.value;
    throw new Unasked(answer.error);
  }

  post<Value extends { readonly v: 1 }>(
    path: string,
    body: object,
    limitMs: number = TELL_LIMIT_MS,
  ): Promise<ApiResult<Value>> {
    return postJson<Value>(this.#socket, path, body, limitMs);
  }

  row(verdict: Verdict | '', name: string, say: string): void {
    if (this.#quiet) return;
    this.io.out(`${rowLines({ verdict, name, say: clean(say) }, this.look).join('\n')}\n`);
  }

  line(say: string): void {
    if (this.#quiet) return;
    const said = clean(spoken(say, this.look));
    const lines = this.look.plain === true ? [said] : wrap(said, SCREEN_COLUMNS);
    this.io.out(`${lines.join('\n')}\n`);
  }

  /** What somebody types behind the question, or `usual` for nothing; `usual` too where nobody can be asked. */
  async ask(question: string, usual: string | undefined): Promise<string | undefined> {
    if (!this.interactive) return this.options.yes === true ? usual : undefined;
    this.io.out(`${spoken(question, this.look)}${usual === undefined ? '' : ` [${usual}]`}: `);
    const typed = await this.#or(this.#next());
    if (typed === undefined) throw new Interrupted();
    const word = typed.normalize('NFKC').trim();
    return word === '' ? usual : word;
  }

  /**
   * Looks again and again until there is something, until somebody presses Enter (`typed`), or for so long (`late`).
   */
  async until<Value>(
    look: () => Promise<Value | undefined>,
    limitMs: number,
  ): Promise<{ readonly found: Value } | { readonly typed: string } | 'late'> {
    const end = systemClock.monotonicMs() + limitMs;
    for (;;) {
      const found = await look();
      if (found !== undefined) return { found };
      if (systemClock.monotonicMs() >= end) return 'late';
      const turn = this.wait(LOOK_EVERY_MS).then(() => 'turn' as const);
      if (!this.interactive) {
        await turn;
        continue;
      }
      const next = await Promise.race([turn, this.#next().then((typed) => ({ typed }))]);
      if (next === 'turn') continue;
      this.#typed = undefined;
      if (next.typed === undefined) throw new Interrupted();
      return { typed: next.typed.trim() };
    }
  }

  async wait(ms: number): Promise<void> {
    await pause(this.io.signal, ms);
    if (this.io.signal.aborted) throw new Interrupted();
  }

  /** The next line, asked for once, however often it is waited for. */
  #next(): Promise<string | undefined> {
    this.#typed ??= this.io.input?.next() ?? Promise.resolve(undefined);
    return this.#typed;
  }

  async #or(typed: Promise<string | undefined>): Promise<string | undefined> {
    const { signal } = this.io;
    const left = new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const line = await Promise.race([typed, left]);
    this.#typed = undefined;
    return line;
  }
}
