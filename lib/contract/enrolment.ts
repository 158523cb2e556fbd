import { z } from 'zod';

/**
 * What a gateway must know before it can speak to the cloud for the first time. Handed out once by the cloud's
 * operator API, kept by the box in its state folder, readable by the agent's user alone.
 */
export const enrolment = z.strictObject({
  v: z.literal(1),
  gateway: z.string().regex(/^gw-[0-9]{6}$/),
  mqtt: z.strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65_535),
    serverName: z.string().min(1),
    password: z.string().min(16),
  }),
  /** PEM of the service's own certificate authority; the only one that the trunk and MQTT are checked against. */
  caPem: z.string().min(1),
  /** Ed25519 public key (SPKI PEM) that signs desired configurations. */
  configKeyPem: z.string().min(1),
});
export type Enrolment = z.infer<typeof enrolment>;
