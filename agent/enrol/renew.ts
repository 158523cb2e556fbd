import type { KeyObject } from 'node:crypto';
import type { Result } from '../../lib/base/errors.ts';
import { ok } from '../../lib/base/errors.ts';
import { makeCertificateRequest } from '../../lib/contract/certificate-request.ts';
import { type Enrolment, RENEW_PATH, type RenewRequest } from '../../lib/contract/enrolment.ts';
import { withKey } from './claim.ts';
import { newDeviceKey } from './device-key.ts';
import { askDesk } from './exchange.ts';

/**
 * A fresh certificate for a fresh key, asked for with the certificate that runs. Nothing is kept: the caller replaces the
 * enrolment as a whole. Refusals: `claim.refused` (revoked, or ended), `claim.away`, `claim.answer`.
 */
export async function renew(
  enrolment: Enrolment,
  key: KeyObject = newDeviceKey(),
): Promise<Result<Enrolment>> {
  const request: RenewRequest = { v: 1, request: makeCertificateRequest(key, enrolment.gateway) };
  const { caPem, device, enrol, mqtt } = enrolment;
  const answer = await askDesk(enrol, RENEW_PATH, request, { caPem, serverName: mqtt.serverName, device });
  return answer.ok ? ok(withKey(answer.value, key)) : answer;
}
