import type { NumberKind } from '../lines/index.ts';

/** A class of numbers that begin with 0 and have a fixed length. */
export interface FixedClass {
  readonly pattern: RegExp;
  readonly kind: NumberKind;
  readonly length: number;
}

/**
 * Numbers of fixed length, most specific first; the pattern looks at the leading digits only. From the numbering plan
 * of the Ministry of Internal Affairs and Communications (電気通信番号計画).
 */
export const FIXED_CLASSES: readonly FixedClass[] = [
  { pattern: /^0120/, kind: 'tollFree', length: 10 },
  { pattern: /^0800/, kind: 'tollFree', length: 11 },
  { pattern: /^0570/, kind: 'sharedCost', length: 10 },
  { pattern: /^0(?:990|170|180)/, kind: 'premium', length: 10 },
  { pattern: /^0200/, kind: 'm2m', length: 14 },
  { pattern: /^020/, kind: 'm2m', length: 11 },
  { pattern: /^050[1-9]/, kind: 'ipPhone', length: 11 },
  { pattern: /^0(?:60|70|80|90)[1-9]/, kind: 'mobile', length: 11 },
  // 0600 is a personal number (FMC, UPT): 11 digits, priced by the network like a mobile.
  { pattern: /^0600/, kind: 'mobile', length: 11 },
  { pattern: /^0[1-9][0-9]{2}/, kind: 'geographic', length: 10 },
];

/** Four leading digits decide the class of a number that begins with 0 and is not 00 or 010. */
export const CLASS_DIGITS = 4;

/** Leading digits that no class has: 0500, 0700 and 0900 are not assigned. */
export const UNASSIGNED = /^0[579]00/;

/** Three-digit services that begin with 1. */
export const SERVICES: readonly string[] = ['117', '171', '188', '189'];

/** Services that were and are no more, with the day that they ended. */
export const ENDED_SERVICES: ReadonlyMap<string, string> = new Map([
  ['104', 'directory enquiry (104) ended on 2026-03-31'],
  ['177', 'the weather service (177) ended on 2025-03-31'],
]);

/** Police, coast guard, fire and ambulance (decision 11). */
export const EMERGENCY: readonly string[] = ['110', '118', '119'];

/** Whether nothing but an emergency call goes to a number: with no prefix, as it is sent. */
export function isEmergencyNumber(number: string): boolean {
  return EMERGENCY.includes(number);
}

/** 184 withholds and 186 presents the caller's number, for this call. */
export const PRIVACY_PREFIXES: readonly string[] = ['184', '186'];

/** Longest number that is collected, prefixes included. */
export const MAX_DIGITS = 32;

/** The ID shows its toll-free number from now on, or no more; the service decides, and says so. [S2-015] */
export const PRESENTS_SWITCH: readonly string[] = ['1351', '1350'];
