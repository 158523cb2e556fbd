import { utf8 } from './grandstream-file.ts';
import type { PanasonicModel } from './models.ts';
import { knowsPanasonicKey } from './panasonic-table.ts';
import type { ConfigFile } from './settings.ts';

const FIRST_LINE = '# Panasonic SIP Phone Standard Format File #';
const NAME_MOST = 32;
const VALUE_MOST = 500;
const UT_LINE_BYTES = 537;
/** KX-UT, all files together; the newer ones are given no more either. */
export const PANASONIC_FILES_BYTES = 120 * 1_024;

/**
 * Reads a file of `NAME="value"` lines as these phones do: the first line to the byte or nothing at all, UTF-8, no blanks around
 * the equals sign, an empty line at the end; the first of two equal names counts. KX-UT wants CR LF and passes over lines
 * beyond 537 bytes. A line that is none of this is passed over. Never throws.
 */
export function readPanasonicFile(bytes: Buffer, model: PanasonicModel): ConfigFile {
  if (bytes.length > PANASONIC_FILES_BYTES) return dropped(`it has ${bytes.length} bytes`);
  const text = utf8(bytes);
  if (text === undefined) return dropped('it is not UTF-8');
  const ut = model.family === 'ut';
  if (ut && /(?<!\r)\n/.test(text)) return dropped('its lines do not end with CR LF');
  const lines = text.split(/\r?\n/);
  if (lines[0] !== FIRST_LINE) return dropped('its first line is not the one that this maker wants');
  if (lines.length < 3 || lines.at(-1) !== '' || lines.at(-2) !== '')
    return dropped('it does not end with an empty line');
  const values = new Map<string, string>();
  const ignored: string[] = [];
  for (const line of lines.slice(1)) {
    if (line === '' || line.startsWith('#')) continue;
    const found = /^([A-Z0-9_]{1,64})="([^"]*)"$/.exec(line);
    const name = found?.[1] ?? line.slice(0, NAME_MOST);
    const value = found?.[2];
    const tooLong = name.length > NAME_MOST || (value ?? '').length > VALUE_MOST;
    const tooWide = ut && Buffer.byteLength(line, 'utf8') + 2 > UT_LINE_BYTES;
    if (value === undefined || tooLong || tooWide || !knowsPanasonicKey(name, model)) ignored.push(name);
    else if (!values.has(name)) values.set(name, value);
  }
  return { kind: 'good', values, ignored };
}

function dropped(why: string): ConfigFile {
  return { kind: 'dropped', why };
}

/** Macros in a path: `{MAC}` in capitals, `{mac}`, `{MODEL}`, `{fwver}`; what is none of them stays as it is. */
export function withMacros(
  path: string,
  phone: { readonly mac: string; readonly model: string; readonly firmware: string },
): string {
  return path
    .replaceAll('{MAC}', phone.mac.toUpperCase())
    .replaceAll('{mac}', phone.mac)
    .replaceAll('{MODEL}', phone.model)
    .replaceAll('{fwver}', phone.firmware);
}
