import { createHash, createHmac, type KeyObject, X509Certificate } from 'node:crypto';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { openCertificateRequest } from '../../lib/contract/certificate-request.ts';
import {
  authorityDigest,
  CLAIM_SECRET_BYTES,
  makeClaimCode,
  readClaimCode,
} from '../../lib/contract/claim-code.ts';
import type { ClaimRequest, EnrolmentAnswer, RenewRequest } from '../../lib/contract/enrolment.ts';
import type { Identities } from '../store/index.ts';
import type { ServiceKeys } from './certificates.ts';
import { DEVICE_DAYS, Issuer } from './issuer.ts';

const DAY_MS = 86_400_000;
/** From the printing of the order to the technician's visit, and a second one. */
const CLAIM_LIVES_MS = 30 * DAY_MS;

/** A claim code for the order. It is answered once; only its digest is kept. */
export interface ClaimTicket {
  readonly gateway: GatewayId;
  readonly code: string;
  readonly expiresAt: number;
}

/** What the trust needs from outside. */
export interface TrustNeeds {
  readonly identities: Identities;
  readonly contractOf: (gateway: GatewayId) => Promise<ContractId | undefined>;
  readonly keys: Pick<ServiceKeys, 'caPem' | 'caKey' | 'claimKey' | 'configPublicPem'>;
  /** Where a box finds the rest of the service. */
  readonly addresses: Pick<EnrolmentAnswer, 'mqtt' | 'enrol' | 'sip'>;
  /** Of a device's certificate; a year unless a test has less time. */
  readonly certificateLivesMs?: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Who may speak as a gateway: claim codes, certificates, and their end. */
export class Trust {
  readonly #needs: TrustNeeds;
  readonly #issuer: Issuer;
  #digest: Promise<string> | undefined;

  constructor(needs: TrustNeeds) {
    this.#needs = needs;
    this.#issuer = new Issuer(needs.keys.caPem, needs.keys.caKey, needs.random);
  }

  /** A new claim code for a gateway; an unused earlier one ends. Undefined when there is no such gateway. */
  async ticket(gateway: GatewayId): Promise<ClaimTicket | undefined> {
    const { clock, contractOf, identities, random } = this.#needs;
    const contract = await contractOf(gateway);
    if (contract === undefined) return undefined;
    const code = makeClaimCode(random.bytes(CLAIM_SECRET_BYTES), await this.#authority());
    const madeAt = clock.now();
    const expiresAt = madeAt + CLAIM_LIVES_MS;
    const digest = this.#digestOf(readClaimCode(code)?.secret ?? '');
    await identities.addClaim({ contract, gateway, digest, madeAt, expiresAt });
    return { gateway, code, expiresAt };
  }

  /** A box's claim. Refusals: `claim.request`, `claim.unknown`, `claim.used`, `claim.expired`. */
  async claim(request: ClaimRequest): Promise<Result<EnrolmentAnswer>> {
    const { clock, identities, log } = this.#needs;
    const key = openCertificateRequest(request.request);
    if (key === undefined) return refuse(badRequest());
    const code = readClaimCode(request.code);
    const digest = code && this.#digestOf(code.secret);
    const found = digest === undefined ? undefined : await identities.claimOf(digest);
    if (digest === undefined || found === undefined) return refuse(CLAIM_REFUSALS.unknown);
    const issued = this.#issuer.issue(found.gateway, key, clock.now(), this.#livesMs());
    const kept = { ...found, ...issued, keyDigest: digestOfKey(key) };
    const fate = await identities.claim(digest, kept, request.serialNumber);
    if (fate !== 'claimed') {
      log.warn({ gateway: found.gateway, serialNumber: request.serialNumber, fate }, 'a claim was refused');
      return refuse(CLAIM_REFUSALS[fate]);
    }
    log.info({ gateway: found.gateway, serialNumber: request.serialNumber }, 'a gateway was enrolled');
    return ok(this.#answer(found.gateway, issued.pem));
  }

  /** A fresh certificate for the holder of a good one. Refusals: `claim.request`, `claim.refused`. */
  async renew(serial: string, request: RenewRequest): Promise<Result<EnrolmentAnswer>> {
    const { clock, identities, log } = this.#needs;
    const key = openCertificateRequest(request.request);
    if (key === undefined) return refuse(badRequest());
    const holder = await identities.holderOf(serial, clock.now());
    if (holder === undefined) return refuse(notTrusted());
    const issued = this.#issuer.issue(holder.gateway, key, clock.now(), this.#livesMs());
    const kept = { ...holder, ...issued, keyDigest: digestOfKey(key) };
    if (!(await identities.renew(serial, kept))) return refuse(notTrusted());
    log.info({ gateway: holder.gateway, endsAt: issued.endsAt }, 'a certificate was renewed');
    return ok(this.#answer(holder.gateway, issued.pem));
  }

  /** The holder of a good certificate gives all of its gateway's back; a claim code for the next box stays. Refusal: `claim.refused`. */
  async leave(serial: string, why: string): Promise<Result<GatewayId>> {
    const { clock, identities, log } = this.#needs;
    const holder = await identities.holderOf(serial, clock.now());
    if (holder === undefined) return refuse(notTrusted());
    await identities.endCertificates(holder.contract, holder.gateway, `given back: ${why}`, clock.now());
    log.warn({ gateway: holder.gateway, why }, 'a gateway gave its identity back');
    return ok(holder.gateway);
  }

  /** Whose certificate it is, while it is good. */
  async holderOf(certificate: X509Certificate): Promise<GatewayId | undefined> {
    const holder = await this.#needs.identities.holderOf(serialOf(certificate), this.#needs.clock.now());
    return holder?.gateway;
  }

  /** Ends every certificate and claim code of a gateway; undefined when there is no such gateway. */
  async revoke(gateway: GatewayId, why: string): Promise<number | undefined> {
    const { clock, contractOf, identities, log } = this.#needs;
    const contract = await contractOf(gateway);
    if (contract === undefined) return undefined;
    const count = await identities.revoke(contract, gateway, why, clock.now());
    log.warn({ gateway, why, count }, 'a gateway was revoked');
    return count;
  }

  /** The list of revoked certificates as it is now, PEM. */
  async revocationList(): Promise<string> {
    const now = this.#needs.clock.now();
    return this.#issuer.revocationList(await this.#needs.identities.revoked(now), now);
  }

  /** What that list holds: the serial numbers, in order. */
  async revoked(): Promise<readonly string[]> {
    const revoked = await this.#needs.identities.revoked(this.#needs.clock.now());
    return revoked.map(({ serial }) => serial);
  }

  /** Every certificate that is good, in order. */
  good(): ReturnType<Identities['good']> {
    return this.#needs.identities.good(this.#needs.clock.now());
  }

  #livesMs(): number {
    return this.#needs.certificateLivesMs ?? DEVICE_DAYS * DAY_MS;
  }

  #answer(gateway: GatewayId, certificatePem: string): EnrolmentAnswer {
    const { addresses, keys } = this.#needs;
    return {
      ...{ v: 1, gateway, certificatePem, ...addresses },
      ...{ caPem: keys.caPem, configKeyPem: keys.configPublicPem },
    };
  }

  /** Keyed, so that a copy of the database does not tell codes to whoever tries all of them. */
  #digestOf(secret: string): string {
    return createHmac('sha256', this.#needs.keys.claimKey).update(secret, 'utf8').digest('hex');
  }

  #authority(): Promise<string> {
    this.#digest ??= authorityDigest(new X509Certificate(this.#needs.keys.caPem).raw);
    return this.#digest;
  }
}

/** 32 hex digits, as the store knows them. */
export function serialOf(certificate: X509Certificate): string {
  return certificate.serialNumber.toLowerCase();
}

function digestOfKey(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

const CLAIM_REFUSALS = {
  unknown: refusal(
    'claim.unknown',
    'The service does not know this claim code. Compare it with the order; a later code for the same box ends an earlier one.',
  ),
  used: refusal(
    'claim.used',
    'Another box was enrolled with this claim code. Have the operator make a new one: engawa-cloud claim.',
  ),
  expired: refusal(
    'claim.expired',
    'This claim code is too old. Have the operator make a new one: engawa-cloud claim.',
  ),
} as const;

function badRequest(): CodedError {
  return refusal(
    'claim.request',
    'The certificate request of the box cannot be used: it must be of a P-256 key.',
  );
}

function notTrusted(): CodedError {
  return refusal(
    'claim.refused',
    'The certificate of this box is not accepted: it was revoked or has ended. Enrol the box again with a claim code.',
  );
}

function refusal(code: string, say: string): CodedError {
  return { code, fault: 'caller', say };
}
