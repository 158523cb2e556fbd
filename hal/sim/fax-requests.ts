import { isAbsolute } from 'node:path';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { TestPageKind } from '../../lib/dsp/fax/test-page.ts';
import type { FaxHabits, FaxPages, FaxReceiveOrder, FaxSendOrder } from './fax-device.ts';

/** Requests of the control socket about the fax machine behind a port, after checking. */
export type FaxRequest =
  | { readonly op: 'faxSend'; readonly port: number; readonly order: FaxSendOrder }
  | { readonly op: 'faxReceive'; readonly port: number; readonly order: FaxReceiveOrder }
  | { readonly op: 'faxResult'; readonly port: number; readonly waitMs: number }
  | { readonly op: 'faxStop'; readonly port: number };

/** The operations of {@link FaxRequest}. */
export const FAX_OPS = ['faxSend', 'faxReceive', 'faxResult', 'faxStop'] as const;

const NUMBER_LIMIT = 32;
const IDENT_LIMIT = 20;
const PAGES_LIMIT = 30;
const PATH_LIMIT = 1_024;
const RINGS_LIMIT = 20;
/** Longest wait of `faxResult`: as long as a fax may take, and the ringing before it. */
const WAIT_LIMIT_MS = 720_000;
const DEFAULT_RINGS = 2;

const KINDS: readonly TestPageKind[] = ['white', 'text', 'ramp', 'grid', 'letter'];
const MODEMS: readonly FaxHabits['modems'][] = ['v17', 'v29', 'v27ter'];

type Fields = Readonly<Record<string, unknown>>;

/** Checks a request whose port is known to be one. Never throws. */
export function parseFaxRequest(
  op: (typeof FAX_OPS)[number],
  port: number,
  fields: Fields,
): Result<FaxRequest, CodedError> {
  switch (op) {
    case 'faxStop':
      return ok({ op, port });
    case 'faxResult': {
      const waitMs = fields['waitMs'] ?? 0;
      if (!isNumber(waitMs, 0, WAIT_LIMIT_MS)) return bad(`"waitMs" is a number from 0 to ${WAIT_LIMIT_MS}.`);
      return ok({ op, port, waitMs });
    }
    case 'faxReceive':
      return faxReceive(port, fields);
    case 'faxSend':
      return faxSend(port, fields);
  }
}

function faxReceive(port: number, fields: Fields): Result<FaxRequest, CodedError> {
  const habits = habitsOf(fields);
  if (!habits.ok) return habits;
  const folder = fields['folder'];
  if (!isPath(folder)) return bad('"folder" is the whole path of the folder for what is received.');
  const rings = fields['rings'] ?? DEFAULT_RINGS;
  if (!isNumber(rings, 1, RINGS_LIMIT) || !Number.isInteger(rings)) {
    return bad(`"rings" is a whole number from 1 to ${RINGS_LIMIT}.`);
  }
  return ok({ op: 'faxReceive', port, order: { ...habits.value, folder, rings } });
}

function faxSend(port: number, fields: Fields): Result<FaxRequest, CodedError> {
  const habits = habitsOf(fields);
  if (!habits.ok) return habits;
  const number = fields['number'] ?? null;
  if (number !== null && !(typeof number === 'string' && /^[0-9*#]{1,32}$/.test(number))) {
    return bad(`"number" is a text of at most ${NUMBER_LIMIT} of 0-9 * #, or null.`);
  }
  const pages = pagesOf(fields);
  if (!pages.ok) return pages;
  return ok({ op: 'faxSend', port, order: { ...habits.value, number, pages: pages.value } });
}

function pagesOf(fields: Fields): Result<FaxPages, CodedError> {
  const { file, pages, folder } = { file: fields['file'], pages: fields['pages'], folder: fields['folder'] };
  if (file !== undefined) {
    if (pages !== undefined || !isPath(file))
      return bad('"file" is the whole path of a TIFF, without "pages".');
    return ok({ from: 'file', file });
  }
  const kinds = Array.isArray(pages) ? KINDS.filter((kind) => pages.includes(kind)) : [];
  const known = Array.isArray(pages) && pages.every((kind) => kinds.some((one) => one === kind));
  if (!Array.isArray(pages) || !known || pages.length < 1 || pages.length > PAGES_LIMIT || !isPath(folder)) {
    const say = `Say "file", or "pages" (1 to ${PAGES_LIMIT} of ${KINDS.join(', ')}) with the "folder" to draw them in.`;
    return bad(say);
  }
  const resolution = fields['resolution'] ?? 'standard';
  if (resolution !== 'standard' && resolution !== 'fine') return bad('"resolution" is "standard" or "fine".');
  return ok({ from: 'drawn', kinds: pages as readonly TestPageKind[], resolution, folder });
}

function habitsOf(fields: Fields): Result<FaxHabits, CodedError> {
  const { ident = '', ecm = true, modems = 'v17', superG3 = false } = fields as Record<string, unknown>;
  if (typeof ident !== 'string' || ident.length > IDENT_LIMIT || !/^[0-9+ ]*$/.test(ident)) {
    return bad(`"ident" is a text of at most ${IDENT_LIMIT} digits, + and spaces.`);
  }
  if (typeof ecm !== 'boolean') return bad('"ecm" is true or false.');
  if (typeof superG3 !== 'boolean') return bad('"superG3" is true or false.');
  const known = MODEMS.find((one) => one === modems);
  if (known === undefined) return bad(`"modems" is one of ${MODEMS.join(', ')}.`);
  return ok({ ident, ecm, modems: known, superG3 });
}

function isNumber(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}

function isPath(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= PATH_LIMIT && isAbsolute(value) && !value.includes('\0')
  );
}

function bad(say: string): { readonly ok: false; readonly error: CodedError } {
  return refuse({ code: 'control.badRequest', fault: 'caller', say });
}
