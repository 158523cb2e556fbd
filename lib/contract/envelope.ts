import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import type { Instant } from '../base/clock.ts';
import { ok, type Result, refuse } from '../base/errors.ts';
import type { GatewayId } from '../base/ids.ts';
import { checkSiteConfig } from './check-site-config.ts';
import { type ConfigRefusal, configRefusal, firstIssue } from './config-refusal.ts';
import { SITE_CONFIG_LIMIT_BYTES, SITE_CONFIG_SCHEMA, type SiteConfig, siteConfig } from './site-config.ts';

export { checkSiteConfig } from './check-site-config.ts';
export type { ConfigRefusal } from './config-refusal.ts';

/** Generation of the envelope. */
export const ENVELOPE_VERSION = 1;
/** Largest envelope: the payload as a JSON string may double when its quotes are escaped. */
export const ENVELOPE_LIMIT_BYTES = 2 * SITE_CONFIG_LIMIT_BYTES + 1_024;

/** cloud → gateway on `down/desired`, retained. */
export const desiredEnvelope = z.strictObject({
  v: z.literal(ENVELOPE_VERSION),
  /** Grows by one with every change of the configuration. */
  rev: z.int().min(1).max(2_147_483_647),
  gateway: z.string().regex(/^gw-[0-9]{6}$/),
  /** Wall time of the signature, epoch ms. Breaks the tie of two envelopes with the same `rev`. */
  issuedAt: z.int().min(0).max(8.64e15),
  /** Lower-case hex digest and length of the UTF-8 bytes of `payload`. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int().min(2).max(SITE_CONFIG_LIMIT_BYTES),
  /** The site configuration as JSON text: text, so that both sides hash the very same bytes. */
  payload: z.string(),
  /** Ed25519 over {@link signedBytes}, base64. */
  signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
});
type DesiredEnvelope = z.infer<typeof desiredEnvelope>;

/** A desired configuration as taken out of its envelope. */
export interface OpenedDesired {
  readonly rev: number;
  readonly issuedAt: number;
  readonly sha256: string;
  readonly config: SiteConfig;
}

/** What the cloud publishes. */
export interface SignedDesired {
  /** The message, UTF-8 JSON. */
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** Wraps and signs a configuration. Refuses one that a gateway would refuse, so that it is found before the wire. */
export function signDesired(
  config: SiteConfig,
  options: {
    readonly rev: number;
    readonly gateway: GatewayId;
    readonly privateKey: KeyObject;
    readonly now: Instant;
  },
): Result<SignedDesired, ConfigRefusal> {
  const shape = siteConfig.safeParse(config);
  if (!shape.success) return refuse(schemaRefusal(firstIssue(shape.error.issues), options.rev));
  const sense = checkSiteConfig(shape.data);
  if (!sense.ok) return refuse({ ...sense.error, rev: options.rev });
  if (config.gateway !== options.gateway) return refuse(otherGateway(config.gateway, options));
  const payload = JSON.stringify(shape.data);
  const size = Buffer.byteLength(payload);
  if (size > SITE_CONFIG_LIMIT_BYTES) return refuse(tooLarge(size, SITE_CONFIG_LIMIT_BYTES, options.rev));
  const unsigned = {
    v: ENVELOPE_VERSION,
    rev: options.rev,
    gateway: options.gateway,
    issuedAt: options.now,
    sha256: digest(payload),
    size,
  } as const;
  const signature = sign(null, signedBytes(unsigned), options.privateKey).toString('base64');
  const envelope = desiredEnvelope.safeParse({ ...unsigned, payload, signature });
  if (!envelope.success) return refuse(schemaRefusal(firstIssue(envelope.error.issues), options.rev));
  const bytes = Buffer.from(JSON.stringify(envelope.data));
  if (bytes.length > ENVELOPE_LIMIT_BYTES) {
    return refuse(tooLarge(bytes.length, ENVELOPE_LIMIT_BYTES, options.rev));
  }
  return ok({ bytes, sha256: unsigned.sha256 });
}

/**
 * Opens what came on `down/desired`. Takes any bytes and never throws. The signature is checked before anything inside
 * is believed; the schema and the sense of the configuration after it.
 */
export function openDesired(
  bytes: Uint8Array,
  options: { readonly gateway: GatewayId; readonly publicKey: KeyObject },
): Result<OpenedDesired, ConfigRefusal> {
  if (bytes.length > ENVELOPE_LIMIT_BYTES) return refuse(tooLarge(bytes.length, ENVELOPE_LIMIT_BYTES));
  const outer = parseJson(bytes);
  if (!outer.ok) return outer;
  const rev = claimedRev(outer.value);
  const version = versionRefusal(outer.value, 'v', ENVELOPE_VERSION, 'envelope', rev);
  if (version !== undefined) return refuse(version);
  const parsed = desiredEnvelope.safeParse(outer.value);
  if (!parsed.success) return refuse(schemaRefusal(`envelope, ${firstIssue(parsed.error.issues)}`, rev));
  const seal = checkSeal(parsed.data, options);
  if (!seal.ok) return seal;
  const config = openPayload(parsed.data, options);
  if (!config.ok) return config;
  const { issuedAt, sha256 } = parsed.data;
  return ok({ rev: parsed.data.rev, issuedAt, sha256, config: config.value });
}

/** The bytes under the signature: a fixed heading and the fields, one a line, so that no two envelopes share them. */
function signedBytes(envelope: Omit<DesiredEnvelope, 'payload' | 'signature'>): Buffer {
  const { v, gateway, rev, issuedAt, size, sha256 } = envelope;
  return Buffer.from(`engawa-desired-config\n${[v, gateway, rev, issuedAt, size, sha256].join('\n')}\n`);
}

function checkSeal(
  envelope: DesiredEnvelope,
  options: { readonly gateway: GatewayId; readonly publicKey: KeyObject },
): Result<void, ConfigRefusal> {
  const { rev } = envelope;
  if (!signatureHolds(envelope, options.publicKey)) {
    return refuse(
      configRefusal(
        'config.signature',
        `Revision ${rev} is not signed by this gateway's cloud. Publish it again, or enrol the gateway anew.`,
        rev,
      ),
    );
  }
  if (envelope.gateway !== options.gateway) {
    return refuse(otherGateway(envelope.gateway, { gateway: options.gateway, rev }));
  }
  if (envelope.size !== Buffer.byteLength(envelope.payload) || envelope.sha256 !== digest(envelope.payload)) {
    return refuse(
      configRefusal(
        'config.digest',
        `Revision ${rev} was changed after it was signed. Publish it again.`,
        rev,
      ),
    );
  }
  return ok(undefined);
}

function signatureHolds(envelope: DesiredEnvelope, publicKey: KeyObject): boolean {
  if (publicKey.asymmetricKeyType !== 'ed25519') return false;
  const signature = Buffer.from(envelope.signature, 'base64');
  // The last letter of base64 has spare bits: only the one right way to write a signature is taken.
  if (signature.toString('base64') !== envelope.signature) return false;
  try {
    return verify(null, signedBytes(envelope), publicKey, signature);
  } catch {
    return false;
  }
}

function openPayload(
  envelope: DesiredEnvelope,
  options: { readonly gateway: GatewayId },
): Result<SiteConfig, ConfigRefusal> {
  const { rev } = envelope;
  const inner = parseJson(Buffer.from(envelope.payload));
  if (!inner.ok) return refuse({ ...inner.error, rev });
  const version = versionRefusal(inner.value, 'schema', SITE_CONFIG_SCHEMA, 'configuration schema', rev);
  if (version !== undefined) return refuse(version);
  const parsed = siteConfig.safeParse(inner.value);
  if (!parsed.success) return refuse(schemaRefusal(firstIssue(parsed.error.issues), rev));
  if (parsed.data.gateway !== options.gateway) {
    return refuse(otherGateway(parsed.data.gateway, { gateway: options.gateway, rev }));
  }
  const sense = checkSiteConfig(parsed.data);
  return sense.ok ? ok(parsed.data) : refuse({ ...sense.error, rev });
}

function parseJson(bytes: Uint8Array): Result<unknown, ConfigRefusal> {
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown);
  } catch {
    return refuse(configRefusal('config.notJson', 'The configuration is not JSON text. Publish it again.'));
  }
}

function versionRefusal(
  value: unknown,
  field: string,
  known: number,
  what: string,
  rev: number | undefined,
): ConfigRefusal | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return undefined;
  const found: unknown = Reflect.get(value, field);
  if (typeof found !== 'number' || found === known) return undefined;
  return configRefusal(
    'config.schemaVersion',
    `The ${what} has version ${found}, this program knows ${known}. Update the older side.`,
    rev,
  );
}

/** What a refused envelope said of its revision: unproved, for the report only. */
function claimedRev(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'rev')) return undefined;
  const found = desiredEnvelope.shape.rev.safeParse(Reflect.get(value, 'rev'));
  return found.success ? found.data : undefined;
}

function schemaRefusal(issue: string, rev: number | undefined): ConfigRefusal {
  return configRefusal('config.schema', `A field of the configuration is wrong: ${issue}.`, rev);
}

function tooLarge(size: number, limit: number, rev?: number): ConfigRefusal {
  return configRefusal(
    'config.tooLarge',
    `The configuration has ${size} bytes, ${limit} are allowed. Remove lines or shorten labels.`,
    rev,
  );
}

function otherGateway(
  found: string,
  expected: { readonly gateway: GatewayId; readonly rev: number },
): ConfigRefusal {
  return configRefusal(
    'config.otherGateway',
    `Revision ${expected.rev} is for gateway ${found}, this is ${expected.gateway}. Publish it to its own gateway.`,
    expected.rev,
  );
}

function digest(payload: string): string {
  return createHash('sha256').update(payload, 'utf8').digest('hex');
}
