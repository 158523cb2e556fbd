import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import { makeCertificateRequest } from '../../lib/contract/certificate-request.ts';
import { readClaimCode } from '../../lib/contract/claim-code.ts';
import {
  CLAIM_PATH,
  type ClaimRequest,
  type Enrolment,
  type EnrolmentAnswer,
  SERVICE_NAME,
} from '../../lib/contract/enrolment.ts';
import { DEVICE_KEY_FILE, deviceKey } from './device-key.ts';
import { askDesk, type DeskAddress, findAuthority } from './exchange.ts';
import { removeSecret, writeSecret } from './secret-file.ts';

/** The file that the agent reads at its start. */
export const ENROLMENT_FILE = 'enrolment.json';
/** What a claim is made with. */
export interface ClaimOptions {
  /** The agent's state folder: where `enrolment.json` lies. */
  readonly folder: string;
  /** The service's enrolment desk. */
  readonly service: DeskAddress;
  /** As the technician typed it. */
  readonly code: string;
  /** Of the box, as it stands on its label. */
  readonly serialNumber: string;
}

/**
 * Enrols this box with a claim code: makes its key, has the service certify it, and keeps both in `enrolment.json`. May be
 * tried again after any trouble: the key lies on disk before the code is sent, and the service answers the same code for
 * the same key again. An enrolment that is there is replaced only by success. Never throws.
 *
 * Refusals: `claim.code` (mistyped), `claim.away`, `claim.notTrusted` (another service answers), `claim.answer`,
 * `claim.store`, and the service's own `claim.unknown`, `claim.used`, `claim.expired`, `claim.tooFast`, `claim.request`.
 */
export async function claim(options: ClaimOptions): Promise<Result<Enrolment>> {
  const code = readClaimCode(options.code);
  if (code === undefined) return refuse(mistyped());
  try {
    const key = deviceKey(options.folder);
    const authority = await findAuthority(options.service, SERVICE_NAME, code.authority);
    if (!authority.ok) return authority;
    const request: ClaimRequest = {
      ...{ v: 1, code: options.code, serialNumber: options.serialNumber },
      request: makeCertificateRequest(key, options.serialNumber),
    };
    const trust = { caPem: authority.value, serverName: SERVICE_NAME };
    const answer = await askDesk(options.service, CLAIM_PATH, request, trust);
    if (!answer.ok) return answer;
    const enrolled = withKey(answer.value, key);
    keepEnrolment(options.folder, enrolled);
    removeSecret(join(options.folder, DEVICE_KEY_FILE));
    return ok(enrolled);
  } catch (error) {
    return refuse(notKept(options.folder, error));
  }
}

/** What the box keeps: the service's answer and its own key. */
export function withKey(answer: EnrolmentAnswer, key: KeyObject): Enrolment {
  const { certificatePem, v: _unused, ...rest } = answer;
  const privateKeyPem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { v: 2, ...rest, device: { certificatePem, privateKeyPem } };
}

/** Replaces the enrolment as a whole. Throws what the file system says. */
export function keepEnrolment(folder: string, enrolled: Enrolment): void {
  writeSecret(join(folder, ENROLMENT_FILE), `${JSON.stringify(enrolled, null, 2)}\n`);
}

function mistyped(): CodedError {
  const say = 'This is not a claim code, or one of its 20 symbols is wrong. Compare it with the order.';
  return { code: 'claim.code', fault: 'caller', say };
}

function notKept(folder: string, error: unknown): CodedError {
  const why = error instanceof Error ? error.message : String(error);
  const say = `The enrolment could not be kept in ${folder}: ${why}. Check the disk and the owner of the folder, then try again.`;
  return { code: 'claim.store', fault: 'environment', say };
}
