import { createHmac, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Random } from '../../lib/base/random.ts';
import { TokenBucket } from './token-bucket.ts';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);

/**
 * Cost of one check: 4 MB and about 10 ms. Enough, because the passwords are 32 random bytes of our own making and no
 * person ever chooses one (RFC 7914).
 */
const COST = { N: 4_096, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Checks that run or wait at a time; more are told to come back. */
const CHECKS_AT_ONCE = 64;
/** Wrong passwords of one gateway that are checked: 10 at once, then one each 6 s. */
const WRONG_BURST = 10;
const WRONG_PER_S = 1 / 6;

/** `scrypt$4096$8$1$<salt>$<hash>`, base64 parts. */
export async function hashPassword(password: string, random: Random): Promise<string> {
  const salt = random.bytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/** False for a wrong password and for a credential that is not one of ours. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [name, n, r, p, salt, hash] = stored.split('$');
  if (name !== 'scrypt' || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'base64');
  if (expected.length !== HASH_BYTES) return false;
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  if (cost.N !== COST.N || cost.r !== COST.r || cost.p !== COST.p) return false;
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64'), HASH_BYTES, cost), expected);
}

/** What a check came to. */
export type Admission = 'admitted' | 'wrong' | 'overloaded';

/** What the gate needs from outside. */
export interface GateNeeds {
  /** The stored credential; undefined for strangers. */
  readonly credential: (gateway: GatewayId) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Checks passwords of gateways. A password that was right is remembered as a keyed hash of this process, so that a
 * reconnection storm costs no scrypt; the stored credential is still read each time, so that rotating it works at once.
 */
export class Gate {
  readonly #needs: GateNeeds;
  readonly #key: Buffer;
  readonly #right = new Map<GatewayId, { readonly stored: string; readonly mac: Buffer }>();
  readonly #wrong = new Map<GatewayId, TokenBucket>();
  #checks = 0;

  constructor(needs: GateNeeds) {
    this.#needs = needs;
    this.#key = needs.random.bytes(32);
  }

  async admit(gateway: GatewayId, password: string): Promise<Admission> {
    if (this.#checks >= CHECKS_AT_ONCE) return 'overloaded';
    this.#checks++;
    try {
      const stored = await this.#needs.credential(gateway);
      // Strangers are refused before anything is remembered about them: their number has no limit.
      if (stored === undefined) return 'wrong';
      const mac = createHmac('sha256', this.#key).update(password, 'utf8').digest();
      const known = this.#right.get(gateway);
      if (known !== undefined && known.stored === stored && timingSafeEqual(known.mac, mac))
        return 'admitted';
      return await this.#check(gateway, password, stored, mac);
    } finally {
      this.#checks--;
    }
  }

  async #check(gateway: GatewayId, password: string, stored: string, mac: Buffer): Promise<Admission> {
    const nowMs = this.#needs.clock.monotonicMs();
    const allowance = this.#wrong.get(gateway) ?? new TokenBucket(WRONG_PER_S, WRONG_BURST, nowMs);
    this.#wrong.set(gateway, allowance);
    if (!allowance.take(nowMs)) return 'overloaded';
    if (!(await verifyPassword(password, stored))) return 'wrong';
    this.#right.set(gateway, { stored, mac });
    this.#wrong.delete(gateway);
    return 'admitted';
  }
}
