import type { T38Version } from '../../dsp/fax/fax-options.ts';
import { UDPTL_LIMITS } from './udptl.ts';

/** Rates of page modems that T38MaxBitRate may name, in bit/s. Higher ones are V.34, which needs version 3 and is not spoken. */
export const FAX_BIT_RATES = [2_400, 4_800, 7_200, 9_600, 12_000, 14_400] as const;

/** How losses are repaired. */
export type T38ErrorCorrection = 'redundancy' | 'fec' | 'none';

/** What a session description says about T.38 (ITU-T T.38 Annex D.2.3). Sizes are those of the side that says them. */
export interface T38Parameters {
  readonly version: T38Version;
  readonly maxBitRate: number;
  readonly rateManagement: 'transferredTCF' | 'localTCF';
  /** Bytes that the speaker can hold; null when it does not say. Nothing here depends on it. */
  readonly maxBufferBytes: number | null;
  /** Largest datagram that the speaker takes. */
  readonly maxDatagramBytes: number;
  readonly errorCorrection: T38ErrorCorrection;
  readonly fillBitRemoval: boolean;
  readonly transcodingMmr: boolean;
  readonly transcodingJbig: boolean;
}

/** What both sides do from the first packet on. */
export interface T38Agreement {
  /** To be set in the codec before the first packet; the wrong one makes every call fail. */
  readonly version: T38Version;
  readonly maxBitRate: number;
  readonly rateManagement: 'transferredTCF' | 'localTCF';
  /** What we send with. What comes is understood whatever it is. */
  readonly errorCorrection: T38ErrorCorrection;
  /** Largest datagram that we may send. */
  readonly maxDatagramBytes: number;
}

/** Where a peer says nothing usable. */
const DATAGRAM_DEFAULT_BYTES = 400;
/** Smaller ones mean the IFP, not the datagram; larger ones mean nothing. */
const DATAGRAM_LEAST_BYTES = 72;

/**
 * What we say by default: version 0, which nearly every gateway and provider speaks; 14,400 bit/s; datagrams of 400 bytes,
 * as the field does. No fill-bit removal, MMR or JBIG: some gateways object when an answer turns on what was not offered.
 */
export const OUR_T38: T38Parameters = {
  version: 0,
  maxBitRate: 14_400,
  rateManagement: 'transferredTCF',
  maxBufferBytes: 1_800,
  maxDatagramBytes: 400,
  errorCorrection: 'redundancy',
  fillBitRemoval: false,
  transcodingMmr: false,
  transcodingJbig: false,
};

type Attribute = readonly [name: string, value: string];

/** Names as the field writes them, in small letters. The first of each is the standard's. */
const NAMES = {
  version: ['t38faxversion', 't38version'],
  maxBitRate: ['t38maxbitrate', 't38faxmaxrate', 't38faxmaxbitrate', 't38maxrate'],
  rateManagement: ['t38faxratemanagement', 't38ratemanagement'],
  maxBuffer: ['t38faxmaxbuffer', 't38maxbuffer', 't38faxmaxbuffersize'],
  maxDatagram: ['t38faxmaxdatagram', 't38maxdatagram', 't38faxmaxdatagramsize'],
  errorCorrection: ['t38faxudpec', 't38udpec', 't38faxudpecmode'],
  fillBitRemoval: ['t38faxfillbitremoval'],
  transcodingMmr: ['t38faxtranscodingmmr'],
  transcodingJbig: ['t38faxtranscodingjbig'],
} as const;

/**
 * Reads the attributes of an image media. Never fails: names in any case and by their aliases, flags bare or `:0`/`:1`, and
 * what is missing or absurd is read as its default (ITU-T T.38 Annex D.2.3).
 */
export function parseT38Parameters(attributes: readonly Attribute[]): T38Parameters {
  const find = (names: readonly string[]): string | undefined =>
    attributes.find(([name]) => names.includes(name.toLowerCase()))?.[1].trim();
  return {
    version: readVersion(find(NAMES.version)),
    maxBitRate: readBitRate(find(NAMES.maxBitRate)),
    rateManagement: find(NAMES.rateManagement)?.toLowerCase() === 'localtcf' ? 'localTCF' : 'transferredTCF',
    maxBufferBytes: readNumber(find(NAMES.maxBuffer)) ?? null,
    maxDatagramBytes: readDatagramLimit(find(NAMES.maxDatagram)),
    errorCorrection: readErrorCorrection(find(NAMES.errorCorrection)),
    fillBitRemoval: readFlag(find(NAMES.fillBitRemoval)),
    transcodingMmr: readFlag(find(NAMES.transcodingMmr)),
    transcodingJbig: readFlag(find(NAMES.transcodingJbig)),
  };
}

/** The attributes in the order of the standard. Flags that are off are not written: their presence alone means on. */
export function writeT38Parameters(parameters: T38Parameters): Attribute[] {
  const flags: readonly (readonly [string, boolean])[] = [
    ['T38FaxFillBitRemoval', parameters.fillBitRemoval],
    ['T38FaxTranscodingMMR', parameters.transcodingMmr],
    ['T38FaxTranscodingJBIG', parameters.transcodingJbig],
  ];
  return [
    ['T38FaxVersion', String(parameters.version)],
    ['T38MaxBitRate', String(parameters.maxBitRate)],
    ...flags.filter(([, on]) => on).map(([name]): Attribute => [name, '']),
    ['T38FaxRateManagement', parameters.rateManagement],
    ...(parameters.maxBufferBytes === null
      ? []
      : [['T38FaxMaxBuffer', String(parameters.maxBufferBytes)] satisfies Attribute]),
    ['T38FaxMaxDatagram', String(parameters.maxDatagramBytes)],
    ['T38FaxUdpEC', UDP_EC[parameters.errorCorrection]],
  ];
}

const UDP_EC = { redundancy: 't38UDPRedundancy', fec: 't38UDPFEC', none: 't38UDPNoEC' } as const;

/**
 * Our answer to an offer: the lower version and rate, the offer's rate management, the repair that was asked for, our own
 * sizes. Options are taken only when both have them. An offer of FEC is answered so whatever we prefer: we can do it.
 */
export function answerFor(offer: T38Parameters, ours: T38Parameters): T38Parameters {
  return {
    version: lower(offer.version, ours.version),
    maxBitRate: Math.min(offer.maxBitRate, ours.maxBitRate),
    rateManagement: offer.rateManagement,
    maxBufferBytes: ours.maxBufferBytes,
    maxDatagramBytes: ours.maxDatagramBytes,
    errorCorrection: offer.errorCorrection,
    fillBitRemoval: offer.fillBitRemoval && ours.fillBitRemoval,
    transcodingMmr: offer.transcodingMmr && ours.transcodingMmr,
    transcodingJbig: offer.transcodingJbig && ours.transcodingJbig,
  };
}

/**
 * What is agreed once one side offered and the other answered. `ours` and `theirs` are the two descriptions, whoever began:
 * the lower version and rate rule, datagrams obey the peer's size, and parity is sent only when the peer speaks of it.
 */
export function agree(ours: T38Parameters, theirs: T38Parameters): T38Agreement {
  return {
    version: lower(ours.version, theirs.version),
    maxBitRate: Math.min(ours.maxBitRate, theirs.maxBitRate),
    rateManagement: theirs.rateManagement,
    errorCorrection: theirs.errorCorrection,
    maxDatagramBytes: theirs.maxDatagramBytes,
  };
}

function lower(one: T38Version, other: T38Version): T38Version {
  return one < other ? one : other;
}

/** A version that does not exist yet contains those that do. */
function readVersion(text: string | undefined): T38Version {
  const number = readNumber(text) ?? 0;
  return number === 0 ? 0 : number === 1 ? 1 : number === 2 ? 2 : 3;
}

/** The highest rate of ours that does not exceed what is said: V.34's 33,600 becomes 14,400. */
function readBitRate(text: string | undefined): number {
  const said = readNumber(text) ?? 14_400;
  return FAX_BIT_RATES.findLast((rate) => rate <= said) ?? 14_400;
}

function readDatagramLimit(text: string | undefined): number {
  const said = readNumber(text);
  if (said === undefined || said < DATAGRAM_LEAST_BYTES) return DATAGRAM_DEFAULT_BYTES;
  return said > 65_535 ? DATAGRAM_DEFAULT_BYTES : Math.min(said, UDPTL_LIMITS.datagramBytes);
}

/** Silence means redundancy: every receiver understands it, and the field expects it. */
function readErrorCorrection(text: string | undefined): T38ErrorCorrection {
  switch (text?.toLowerCase()) {
    case 't38udpfec':
      return 'fec';
    case 't38udpnoec':
      return 'none';
    default:
      return 'redundancy';
  }
}

/** `undefined` is absent, the empty text a bare flag. */
function readFlag(text: string | undefined): boolean {
  return text !== undefined && text !== '0' && text.toLowerCase() !== 'false';
}

function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}
