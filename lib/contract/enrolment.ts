import { z } from 'zod';

/** Name in the service's certificate; what a box expects that knows nothing but a claim code. */
export const SERVICE_NAME = 'cloud.engawa.example';
/** Where boxes are enrolled and renew their certificates: HTTPS. */
export const ENROL_PORT = 8_884;
/** One exchange: `POST`, JSON both ways. */
export const CLAIM_PATH = '/v1/enrol';
/** The other one, with the certificate that is to be renewed. */
export const RENEW_PATH = '/v1/renew';
/** The last one, with the certificate that runs: the box gives its identity back. */
export const LEAVE_PATH = '/v1/leave';

const port = z.int().min(1).max(65_535);
const pem = z.string().min(1).max(16_384);
const gateway = z.string().regex(/^gw-[0-9]{6}$/);
/** Where MQTT is spoken. */
const mqtt = z.strictObject({
  host: z.string().min(1),
  port,
  serverName: z.string().min(1),
  /** Further nodes of the same service: after trouble with one, the next is tried. */
  others: z
    .array(z.strictObject({ host: z.string().min(1), port }))
    .max(8)
    .optional(),
});
/** Where certificates are renewed. */
const enrol = z.strictObject({ host: z.string().min(1), port });
/** Where the trunk is, until a configuration says it better. */
const sip = z.strictObject({ host: z.string().min(1), port, domain: z.string().min(1) });

/** box → service: who the box is, by its serial number, and which key it has made. */
export const claimRequest = z.strictObject({
  v: z.literal(1),
  /** As it was typed; read by `readClaimCode`. */
  code: z.string().min(1).max(64),
  serialNumber: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  /** PKCS #10, PEM. */
  request: z.string().min(1).max(4_096),
});
export type ClaimRequest = z.infer<typeof claimRequest>;

/** box → service, over TLS with the certificate that runs. */
export const renewRequest = claimRequest.omit({ code: true, serialNumber: true });
export type RenewRequest = z.infer<typeof renewRequest>;

/** box → service: its keys and certificates are about to be destroyed. */
export const leaveRequest = z.strictObject({ v: z.literal(1), why: z.enum(['wiped']) });
export type LeaveRequest = z.infer<typeof leaveRequest>;
export const leaveAnswer = z.object({ v: z.literal(1), gateway });

/** service → box: everything but the device key, which never leaves the box. */
export const enrolmentAnswer = z.strictObject({
  v: z.literal(1),
  gateway,
  certificatePem: pem,
  mqtt,
  enrol,
  sip,
  /** PEM of the service's own certificate authority; the only one that trunk, MQTT and renewal are checked against. */
  caPem: pem,
  /** Ed25519 public key (SPKI PEM) that signs desired configurations. */
  configKeyPem: pem,
});
export type EnrolmentAnswer = z.infer<typeof enrolmentAnswer>;

/** service → box: why not. */
export const enrolmentRefusal = z.object({ code: z.string().max(64), say: z.string().max(500) });

/**
 * What a gateway must know before it can speak to the cloud for the first time: the answer to its claim, and its own key.
 * One file in the box's state folder, readable by the agent's user alone and replaced as a whole, so that certificate and
 * key always belong together.
 */
export const enrolment = z.strictObject({
  v: z.literal(2),
  gateway,
  mqtt,
  enrol,
  sip,
  caPem: pem,
  configKeyPem: pem,
  device: z.strictObject({ certificatePem: pem, privateKeyPem: pem }),
});
export type Enrolment = z.infer<typeof enrolment>;
