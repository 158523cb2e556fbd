import type { Credentials, SipAddress } from '../api.ts';

/** State of one account that we keep registered. */
export type RegistrationState =
  /** `lost`: the connection of a registration that stood has broken. */
  | { readonly at: 'registering'; readonly lost?: true }
  | { readonly at: 'registered'; readonly expiresInS: number }
  | { readonly at: 'failed'; readonly status: number; readonly say: string; readonly retryInMs: number };

export interface RegisterOptions {
  readonly registrar: SipAddress;
  readonly serverName: string;
  readonly domain: string;
  readonly credentials: Credentials;
  readonly expiresS: number;
  /** Says when an attempt may be made, where many accounts share a way. Default: at once. */
  readonly turn?: { take(run: () => void): void; leave(): void };
  onState(state: RegistrationState): void;
}

/** An account that we keep registered until `stop`. */
export interface Registration {
  stop(): Promise<void>;
  /**
   * There is reason to believe that the registrar is to be reached again: a pause between two tries ends now, and a try that is
   * under way is, should it fail, followed by another one as if it had been the first.
   */
  hurry(): void;
}

/** The cloud's side of registration: who may register, with which secret. HA1 values are per realm and algorithm. */
export interface RegistrarPort {
  /** HA1 (hex) of a user, or undefined when there is no such user. */
  ha1(user: string, realm: string, algorithm: 'MD5' | 'SHA-256'): Promise<string | undefined>;
  /** A binding was made, refreshed or removed. The flow is remembered under `user` for `{ registration: user }`. */
  onBinding(user: string, bound: boolean): void;
  /** Somebody was challenged who names himself so and has shown no digest; the same answer goes to every name. */
  challenged?(user: string, source: SipAddress): void;
  /** A digest was right or wrong; challenges without an answer are not told. */
  judged?(user: string, source: SipAddress, right: boolean): void;
}
