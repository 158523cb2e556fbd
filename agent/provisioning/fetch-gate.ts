import type { Ipv4 } from '../../lib/net/ipv4.ts';

/** What the gate says to a request before anybody looks at it. */
export type GateAnswer = 'open' | 'lockedOut' | 'source' | 'everybody';

/** Bounds that make guessing slow and keep one device from taking our time. */
export interface GateLimits {
  readonly perSource: { readonly burst: number; readonly perSecond: number };
  readonly everybody: { readonly burst: number; readonly perSecond: number };
  /** So many misses, and the source is not heard for `lockMs`; each time twice as long, `longestMs` at most. */
  readonly misses: number;
  readonly lockMs: number;
  readonly longestMs: number;
}

/**
 * A phone asks for ten files when it boots, two of them twice because of the login, and may turn all 30 pages of a phone
 * book; an office of 32 boots at once after a power cut.
 */
export const GATE_LIMITS: GateLimits = {
  perSource: { burst: 60, perSecond: 1 },
  everybody: { burst: 600, perSecond: 40 },
  misses: 10,
  lockMs: 60_000,
  longestMs: 3_600_000,
};

const SOURCES_MOST = 1_024;

interface Source {
  tokens: number;
  atMs: number;
  misses: number;
  lockedUntilMs: number;
  nextLockMs: number;
}

/** Who may ask how often. No clock: every verb is told the time, monotonic ms. */
export class FetchGate {
  readonly #limits: GateLimits;
  readonly #sources = new Map<Ipv4, Source>();
  #tokens: number;
  #atMs = 0;

  constructor(limits: GateLimits = GATE_LIMITS) {
    this.#limits = limits;
    this.#tokens = limits.everybody.burst;
  }

  /** Takes one request in. A source that is locked out costs the others nothing. */
  enter(address: Ipv4, nowMs: number): GateAnswer {
    const { perSource, everybody } = this.#limits;
    const source = this.#sourceOf(address, nowMs);
    if (source.lockedUntilMs > nowMs) return 'lockedOut';
    source.tokens = filled(source.tokens, nowMs - source.atMs, perSource);
    source.atMs = nowMs;
    if (source.tokens < 1) return 'source';
    this.#tokens = filled(this.#tokens, nowMs - this.#atMs, everybody);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return 'everybody';
    source.tokens -= 1;
    this.#tokens -= 1;
    return 'open';
  }

  /** The source asked for what is not its own. True when it is locked out for it from now on. */
  missed(address: Ipv4, nowMs: number): boolean {
    const source = this.#sourceOf(address, nowMs);
    source.misses += 1;
    if (source.misses < this.#limits.misses) return false;
    source.misses = 0;
    source.lockedUntilMs = nowMs + source.nextLockMs;
    source.nextLockMs = Math.min(source.nextLockMs * 2, this.#limits.longestMs);
    return true;
  }

  /** Somebody stands there and says it is right: its misses are forgotten. */
  forgive(address: Ipv4): void {
    this.#sources.delete(address);
  }

  #sourceOf(address: Ipv4, nowMs: number): Source {
    const known = this.#sources.get(address);
    const source = known ?? {
      tokens: this.#limits.perSource.burst,
      atMs: nowMs,
      misses: 0,
      lockedUntilMs: 0,
      nextLockMs: this.#limits.lockMs,
    };
    this.#sources.delete(address);
    if (this.#sources.size >= SOURCES_MOST) this.#dropOne(nowMs);
    this.#sources.set(address, source);
    return source;
  }

  /** The one that asked longest ago; one that is locked out stays as long as there is another. */
  #dropOne(nowMs: number): void {
    let oldest: Ipv4 | undefined;
    for (const [address, source] of this.#sources) {
      oldest ??= address;
      if (source.lockedUntilMs > nowMs) continue;
      oldest = address;
      break;
    }
    if (oldest !== undefined) this.#sources.delete(oldest);
  }
}

function filled(tokens: number, elapsedMs: number, rate: GateLimits['perSource']): number {
  return Math.min(rate.burst, tokens + (Math.max(0, elapsedMs) / 1_000) * rate.perSecond);
}
