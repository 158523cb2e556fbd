import { z } from 'zod';

/** Version of the schema below. A gateway refuses one that it does not know. */
export const SITE_CONFIG_SCHEMA = 1;
/** Largest configuration, as JSON text, that is published or accepted. */
export const SITE_CONFIG_LIMIT_BYTES = 32_768;

const digits = z.string().regex(/^[0-9*#]{1,20}$/);
const host = z.string().min(1).max(253);
const tcpPort = z.int().min(1).max(65_535);

/** One analog line: the port, and the ID (ID) whose SIP account it uses. [S0-062] */
export const lineConfig = z.strictObject({
  port: z.int().min(1).max(8),
  serviceId: z.string().regex(/^id-[0-9]{6}-[0-9]{1,3}$/),
  label: z.string().min(1).max(40),
  /** Dialled by the other lines of the office (内線番号). */
  extension: z.string().regex(/^[1-9][0-9]{0,4}$/),
  sip: z.strictObject({ user: z.string().min(1).max(64), password: z.string().min(12).max(128) }),
  /** The number presented when this line calls out. [S0-089] */
  presents: digits,
  /** The numbers of the contract that ring this line (鳴り分け). [S0-056] */
  ringsFor: z.array(digits).max(16),
  /** Ringing cadence (呼出音). `normal` is 1 s on, 2 s off. */
  ring: z.enum(['normal', 'double', 'triple']),
});

/** Everything that a box needs to serve an office. Complete: applied whole or not at all. */
export const siteConfig = z.strictObject({
  schema: z.literal(SITE_CONFIG_SCHEMA),
  gateway: z.string().regex(/^gw-[0-9]{6}$/),
  contract: z.string().regex(/^c-[0-9]{6}$/),
  office: z.string().min(1).max(80),
  trunk: z.strictObject({
    host,
    port: tcpPort,
    /** Name that the trunk's certificate must carry. */
    serverName: host,
    /** SIP domain of the addresses of record and the digest realm. */
    domain: host,
    registerEveryS: z.int().min(60).max(3_600),
  }),
  lines: z.array(lineConfig).min(1).max(8),
  dialPlan: z.strictObject({
    /** Time without a digit after which a number of unknown length counts as complete. */
    interDigitMs: z.int().min(1_000).max(10_000),
    /** Time off hook without a digit until the line gets congestion tone, then the howler. */
    firstDigitMs: z.int().min(5_000).max(60_000),
    /** Whether 110, 118 and 119 are offered here (a capability of the contract, decision 11). */
    emergency: z.enum(['supported', 'refused']),
  }),
  calls: z.strictObject({
    /** Simultaneous calls with the outside = number of IDs. [S0-059] */
    channels: z.int().min(1).max(64),
    ringForMs: z.int().min(5_000).max(180_000),
  }),
});

/** The configuration of one gateway, as compiled by the cloud from the contract. */
export type SiteConfig = z.infer<typeof siteConfig>;
/** One analog line of {@link SiteConfig}. */
export type LineConfig = z.infer<typeof lineConfig>;
