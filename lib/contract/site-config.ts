import { z } from 'zod';
import { lanConfig } from './lan-config.ts';

/** Version of the schema below. A gateway refuses one that it does not know. */
export const SITE_CONFIG_SCHEMA = 1;
/**
 * Largest configuration, as JSON text, that is published or accepted: 32 desk phones with all their keys named, eight lines and
 * a full phone book stay below.
 */
export const SITE_CONFIG_LIMIT_BYTES = 262_144;

const digits = z.string().regex(/^[0-9*#]{1,20}$/);
const host = z.string().min(1).max(253);
const tcpPort = z.int().min(1).max(65_535);

/** Ringing cadences of a called number (鳴り分け) that a listener tells apart. [S0-056] */
export const RINGS = ['normal', 'double', 'triple', 'long', 'short'] as const;
const ring = z.enum(RINGS);

/** How fax is carried on one line. */
const lineFax = z.strictObject({
  /** Off: fax stays in the audio (G.711 pass-through). */
  t38: z.boolean().default(true),
  ecm: z.boolean().default(true),
  /**
   * Fastest modem family that is offered: `v29` (9,600 bit/s) lives on noisy lines where V.17 fails. It binds the T.38 gateway;
   * as sound (G.711) the machines agree between themselves, and this changes nothing.
   */
  modems: z.enum(['v17', 'v29']).default('v17'),
  /** Earlier packets repeated in every UDPTL datagram. */
  redundancy: z.int().min(0).max(7).default(3),
  errorCorrection: z.enum(['redundancy', 'fec']).default('redundancy'),
  /** T.38 version that is offered; nearly everybody speaks 0. */
  version: z.int().min(0).max(3).default(0),
});

/** Everything about a line that has a usual value in Japan: a configuration that does not speak of it means this. */
const lineHabits = {
  /** A ringing of its own for some of the called numbers; the others ring with `ring`. [S0-056] */
  rings: z
    .array(z.strictObject({ number: digits, ring }))
    .max(16)
    .default([]),
  /** ナンバー・ディスプレイ. A phone that does not know it would ring wrongly, hence off. */
  numberDisplay: z
    .strictObject({
      on: z.boolean().default(false),
      /** Also the called number, for lines with several (ダイヤルイン). */
      dialledNumber: z.boolean().default(false),
    })
    .prefault({}),
  /** A second call is announced by a tone in a talk (キャッチホン); else the second caller hears busy. */
  callWaiting: z.boolean().default(true),
  gains: z
    .strictObject({
      /** From the network to the ear. */
      earDb: z.int().min(-12).max(6).default(0),
      /** From the microphone to the network. */
      microphoneDb: z.int().min(-12).max(6).default(0),
    })
    .prefault({}),
  /** Two-wire impedance; `japan` is 600 Ω + 1 µF. */
  impedance: z.enum(['japan', '600', '900']).default('japan'),
  /** Line echo cancellation, which ends by itself for fax and modems. */
  echo: z.boolean().default(true),
  /** A break of the loop this long is a hook flash; longer ones are on hook. The board measures 100 to 1,000 ms. */
  flash: z
    .strictObject({
      leastMs: z.int().min(100).max(1_000).default(100),
      mostMs: z.int().min(100).max(1_000).default(1_000),
    })
    .prefault({}),
  /** Whether dial pulses count; DTMF always does. */
  pulse: z.boolean().default(true),
  fax: lineFax.prefault({}),
  /** Numbers of the contract that a caller may choose by code for one call, in this order. */
  presentable: z.array(digits).max(9).default([]),
} as const;

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
  ring,
  ...lineHabits,
});

const code = z.string().regex(/^\*[0-9]{1,3}$/);

/** What a phone can do by dialling: codes begin with `*`, times are those of the office. */
export const officeFeatures = z.strictObject({
  /** Takes a call that rings elsewhere: code and extension, or code and 0 for any. */
  pickup: code.default('*8'),
  /** Parks the held call in a slot, or takes the one that is parked there: code and slot 1 to 9. [S0-081] */
  park: code.default('*7'),
  /** The last number that was called from this line, again. */
  redial: code.default('*5'),
  /** Presents the n-th of `presentable` in this call: code, n, number. [S0-089] */
  present: code.default('*1'),
  /** A parked call rings its line again after this long. */
  parkForMs: z.int().min(10_000).max(600_000).default(120_000),
  /** How long after a flash 1 and 3 are commands (end the other call, all three together). */
  flashDigitMs: z.int().min(500).max(10_000).default(3_000),
  /** How long busy and congestion tone play until the howler, and how long that goes on until the line is quiet. */
  toneMs: z.int().min(5_000).max(120_000).default(30_000),
  howlerMs: z.int().min(5_000).max(600_000).default(60_000),
});
/** See {@link officeFeatures}. */
export type OfficeFeatures = z.infer<typeof officeFeatures>;

/** A ring group of the office (内線グループ): one extension that several phones answer, with and without the service. */
const ringGroup = z.strictObject({
  extension: z.string().regex(/^[1-9][0-9]{0,4}$/),
  label: z.string().min(1).max(40),
  /** Extensions of lines and desk phones, in the order in which `linear` and `rotary` call them. */
  members: z
    .array(z.string().regex(/^[1-9][0-9]{0,4}$/))
    .min(1)
    .max(40),
  /** `linear` calls one after the other, `rotary` too and begins behind the one that it called first the last time. */
  order: z.enum(['simultaneous', 'linear', 'rotary']).default('simultaneous'),
  /** How long one member rings before the next one does (`linear`, `rotary`). */
  eachForMs: z.int().min(3_000).max(60_000).default(15_000),
  /** By how much desk phones ring before the analog lines of a `simultaneous` group; 0 rings all at once. [S0-078] */
  deskFirstMs: z.int().min(0).max(30_000).default(2_000),
});
export type RingGroupConfig = z.infer<typeof ringGroup>;

/** Extensions that are not on a box itself, at most. */
export const ELSEWHERE_MOST = 1_000;

/** Everything that a box needs to serve an office. Complete: applied whole or not at all. */
export const siteConfig = z.strictObject({
  schema: z.literal(SITE_CONFIG_SCHEMA),
  gateway: z.string().regex(/^gw-[0-9]{6}$/),
  contract: z.string().regex(/^c-[0-9]{6}$/),
  office: z.string().min(1).max(80),
  trunk: z.strictObject({
    host,
    port: tcpPort,
    /** The host is looked up by SRV first (`_sips._tcp`); `port` is for a host without such records. */
    srv: z.boolean().optional(),
    /** Name that the trunk's certificate must carry. */
    serverName: host,
    /** SIP domain of the addresses of record and the digest realm. */
    domain: host,
    registerEveryS: z.int().min(60).max(3_600),
    /** Providers that answer T.38 and cannot carry it have it off for the whole trunk. */
    fax: z.strictObject({ t38: z.boolean().default(true) }).prefault({}),
    /** Silence is told of and not sent (RFC 3389), where the far end agrees: half the traffic, and the first sound of a word at risk. */
    comfortNoise: z.boolean().optional(),
    /** Where the service answers a box that wants to know what the networks between them do (echo-packet.ts). */
    echo: z.strictObject({ host, first: tcpPort, second: tcpPort, sip: tcpPort, media: tcpPort }).optional(),
  }),
  /**
   * Another place of the same service, with the same accounts: calls go there where the first does not take them, and may come
   * from either.
   */
  secondTrunk: z
    .strictObject({
      host,
      port: tcpPort,
      srv: z.boolean().optional(),
      serverName: host,
      domain: host,
      registerEveryS: z.int().min(60).max(3_600),
    })
    .optional(),
  /** None on a box that has desk phones alone. */
  lines: z.array(lineConfig).max(8),
  dialPlan: z.strictObject({
    /** Time without a digit after which a number of unknown length counts as complete. */
    interDigitMs: z.int().min(1_000).max(10_000),
    /**
     * The same for an extension that a three-digit service begins with (11 and 110). Short, because the digit that makes
     * it 110 still counts while the extension rings.
     */
    shortNumberMs: z.int().min(500).max(10_000).default(1_500),
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
  features: officeFeatures.prefault({}),
  /** Ring groups that work inside the office; those of a number of the contract are the service's. */
  groups: z.array(ringGroup).max(16).optional(),
  /**
   * 夜間切替: switched on (code and 1) and off (code and 0) at any phone of the box, with and without the service. While it is on,
   * calls from outside ring at this extension or group of the box, whichever line they are for.
   */
  night: z
    .strictObject({ code: code.default('*9'), rings: z.string().regex(/^[1-9][0-9]{0,4}$/) })
    .optional(),
  /** Extensions of the office that are not on this box (apps, other boxes): called over the trunk. [S0-082] */
  elsewhere: z
    .array(
      z.strictObject({
        extension: z.string().regex(/^[1-9][0-9]{0,4}$/),
        label: z.string().min(1).max(40),
      }),
    )
    .max(ELSEWHERE_MOST)
    .optional(),
  /** The customer's LAN: DHCP, desk phones, phone book. */
  lan: lanConfig.prefault({}),
});

/** The configuration of one gateway, as compiled by the cloud from the contract. */
export type SiteConfig = z.infer<typeof siteConfig>;
/** One analog line of {@link SiteConfig}. */
export type LineConfig = z.infer<typeof lineConfig>;
/** The usual values of a line, for those who write a configuration by hand. */
export const LINE_HABITS = z.strictObject(lineHabits).parse({});
/** The usual codes and times of an office. */
export const OFFICE_FEATURES: OfficeFeatures = officeFeatures.parse({});
/** The usual values of a trunk's and a dial plan's newer fields. */
export const TRUNK_HABITS = { fax: { t38: true } } as const;
export const DIAL_HABITS = { shortNumberMs: 1_500 } as const;
