import { expect, it } from 'vitest';
import { endBy } from '../../../agent/sync/mqtt-wire.ts';

const WHERE = '192.0.2.1 port 8883';
const failed = (code: string | number, message = 'so it is') => Object.assign(new Error(message), { code });

it.each([
  // Theirs is not trusted: the authority, the name or the time is wrong.
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate'],
  ['CERT_NOT_YET_VALID', 'certificate'],
  // Ours is not accepted: another claim code is needed, and no look at the clock.
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', 'refused'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'refused'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'refused'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'refused'],
  [5, 'refused'],
  ['ECONNREFUSED', 'away'],
  ['ENOTFOUND', 'away'],
] as const)('an end by %s is told a technician as "%s", with the place and the reason', (code, why) => {
  const end = endBy(failed(code), WHERE);
  expect(end.why).toBe(why);
  expect(end.say).toContain(WHERE);
  expect(end.say).toContain('so it is');
});
