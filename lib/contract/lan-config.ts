import { z } from 'zod';

const ipv4 = z.ipv4();
const mac = z.string().regex(/^[0-9a-f]{12}$/);
const digits = z.string().regex(/^[0-9*#]{1,20}$/);
const shortText = z.string().min(1).max(40);

const plainValue = z.discriminatedUnion('as', [
  z.strictObject({ as: z.literal('text'), text: z.string().max(255) }),
  z.strictObject({ as: z.literal('addresses'), addresses: z.array(ipv4).min(1).max(16) }),
  z.strictObject({
    as: z.literal('number'),
    bytes: z.union([z.literal(1), z.literal(2), z.literal(4)]),
    value: z.int().min(0).max(0xffff_ffff),
  }),
  z.strictObject({ as: z.literal('hex'), hex: z.string().max(510) }),
  z.strictObject({ as: z.literal('sipServers'), servers: z.array(z.string().max(253)).min(1).max(8) }),
]);
const subOption = z.strictObject({ code: z.int().min(1).max(254), value: plainValue });

/** The value of a DHCP option as people write it; the box makes the bytes (RFC 2132, 3361, 3925). */
export const dhcpOptionValue = z.discriminatedUnion('as', [
  ...plainValue.options,
  z.strictObject({ as: z.literal('suboptions'), suboptions: z.array(subOption).min(1).max(16) }),
  z.strictObject({
    as: z.literal('enterprise'),
    enterprise: z.int().min(0).max(0xffff_ffff),
    suboptions: z.array(subOption).min(1).max(16),
  }),
]);

/** What the box does with DHCP on the customer's LAN. The usual office has a router that does it: hence `detect`. */
export const dhcpConfig = z.strictObject({
  mode: z.enum(['off', 'detect', 'optionOnly', 'phonesOnly', 'serve']).default('detect'),
  /** Who has confirmed, having looked at the LAN, that this box gives addresses. Needed by `phonesOnly` and `serve`. */
  confirmedBy: shortText.nullable().default(null),
  pool: z.strictObject({ first: ipv4, last: ipv4 }).nullable().default(null),
  router: ipv4.nullable().default(null),
  dns: z.array(ipv4).max(3).default([]),
  ntp: z.array(ipv4).max(3).default([]),
  domain: z.string().max(120).nullable().default(null),
  leaseS: z.int().min(120).max(604_800).default(86_400),
  /** Addresses that are kept for one device (固定割当). */
  statics: z
    .array(z.strictObject({ mac, address: ipv4, hostName: z.string().max(63).nullable().default(null) }))
    .max(128)
    .default([]),
  /** Options for some devices: every part of a match that is given must hold; a later rule overwrites an earlier one. */
  rules: z
    .array(
      z.strictObject({
        name: shortText,
        match: z.strictObject({
          mac: mac.optional(),
          oui: z
            .string()
            .regex(/^[0-9a-f]{6}$/)
            .optional(),
          vendorClassPrefix: shortText.optional(),
          model: shortText.optional(),
        }),
        options: z.array(z.strictObject({ code: z.int().min(1).max(254), value: dhcpOptionValue })).max(16),
      }),
    )
    .max(32)
    .default([]),
});

/** A key beside the display of a desk phone. */
export const phoneKey = z.discriminatedUnion('does', [
  /** A line of the phone's own account. */
  z.strictObject({ does: z.literal('line'), label: shortText.optional() }),
  /** Shows whether an extension is in use, calls it, takes its ringing call (BLF). */
  z.strictObject({ does: z.literal('watch'), extension: digits, label: shortText.optional() }),
  /** A place to park a call: shows whether it is taken. [S0-081] */
  z.strictObject({ does: z.literal('park'), slot: z.int().min(1).max(9), label: shortText.optional() }),
  z.strictObject({ does: z.literal('dial'), number: digits, label: shortText }),
]);

/** Keys of one phone, and phones of one box, at most. */
export const PHONE_KEYS_MOST = 24;
export const PHONES_MOST = 32;

/** One desk phone of the office. */
export const phoneConfig = z.strictObject({
  mac,
  vendor: z.enum(['grandstream', 'panasonic']),
  /** As the maker writes it: `GRP2614`, `KX-HDV230N`. */
  model: z.string().regex(/^[A-Z0-9-]{4,16}$/),
  label: shortText,
  serviceId: z.string().regex(/^id-[0-9]{6}-[0-9]{1,3}$/),
  extension: z.string().regex(/^[1-9][0-9]{0,4}$/),
  /** The account with which the box stands for the phone at the trunk. The phone itself gets another password, made by the box. */
  sip: z.strictObject({ user: z.string().min(1).max(64), password: z.string().min(12).max(128) }),
  presents: digits,
  presentable: z.array(digits).max(9).default([]),
  ringsFor: z.array(digits).max(16),
  /** A ringing of its own for some of the called numbers (鳴り分け). [S0-056] */
  rings: z
    .array(z.strictObject({ number: digits, ring: z.int().min(1).max(5) }))
    .max(10)
    .default([]),
  keys: z.array(phoneKey).max(PHONE_KEYS_MOST).default([]),
  language: z.enum(['ja', 'en']).default('ja'),
  callWaiting: z.boolean().default(true),
  /** Whether the phone shows the shared phone book, which its ID must have for that [S0-194]. Absent: it does. */
  phoneBook: z.boolean().optional(),
});

/** Everything on the customer's LAN beside the analog lines. */
export const lanConfig = z.strictObject({
  dhcp: dhcpConfig.prefault({}),
  phones: z.array(phoneConfig).max(PHONES_MOST).default([]),
  /** Shared phone book (共有電話帳); also gives the names of callers. */
  phoneBook: z
    .array(z.strictObject({ name: z.string().min(1).max(24), number: digits }))
    .max(300)
    .default([]),
  phoneHabits: z
    .strictObject({
      vlan: z
        .strictObject({ id: z.int().min(1).max(4_094), priority: z.int().min(0).max(7) })
        .nullable()
        .default(null),
      srtp: z.enum(['off', 'optional', 'required']).default('off'),
      syslog: ipv4.nullable().default(null),
      /**
       * Encrypts the later files of makers who can (Grandstream), with a key that each phone gets in its first one. The digest of
       * the key's derivation hangs on the firmware: `try` finds out from each phone which one it reads, and leaves a phone that
       * reads neither as it is; it is what happens where nothing is said. A wrong one that is named here keeps a phone from all
       * later files.
       */
      encryption: z.enum(['off', 'try', 'md5', 'sha256']).optional(),
      /** Firmware by model; a phone gets it at night, one first and then the rest, never at its first contact. */
      firmware: z
        .array(
          z.strictObject({
            model: z.string().max(16),
            version: z.string().max(32),
            file: z.string().max(80),
          }),
        )
        .max(16)
        .default([]),
    })
    .prefault({}),
});

export type DhcpConfig = z.infer<typeof dhcpConfig>;
export type DhcpOptionValue = z.infer<typeof dhcpOptionValue>;
export type PhoneConfig = z.infer<typeof phoneConfig>;
export type PhoneKey = PhoneConfig['keys'][number];
export type LanConfig = z.infer<typeof lanConfig>;
/** A LAN of which nothing is said: the box looks for other DHCP servers and serves nobody. */
export const LAN_HABITS: LanConfig = lanConfig.parse({});
