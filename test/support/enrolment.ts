import type { Enrolment } from '../../lib/contract/enrolment.ts';
import { TEST_GATEWAY } from './site-config.ts';

/** An enrolment of the test gateway: complete, and good for nothing but what `changes` brings. */
export function testEnrolment(changes: Partial<Enrolment> = {}): Enrolment {
  return {
    v: 2,
    gateway: TEST_GATEWAY,
    mqtt: { host: '127.0.0.1', port: 8_883, serverName: 'cloud.engawa.example' },
    enrol: { host: '127.0.0.1', port: 8_884 },
    sip: { host: '127.0.0.1', port: 5_061, domain: 'engawa.example' },
    caPem: 'pem',
    configKeyPem: 'pem',
    device: { certificatePem: 'pem', privateKeyPem: 'pem' },
    ...changes,
  };
}
