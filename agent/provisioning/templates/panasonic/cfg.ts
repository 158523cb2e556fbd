import { ok, type Result } from '../../../../lib/base/errors.ts';
import { noTemplate, type Setting } from '../settings.ts';
import type { TemplateRefusal } from '../types.ts';
import type { PanasonicModel } from './models.ts';

/** The first line of every file, to the byte. A phone drops a file without it whole, and follows no path in it. */
export const FIRST_LINE = '# Panasonic SIP Phone Standard Format File #';

const NAME_CHARACTERS = 32;
const VALUE_CHARACTERS = 500;
/** KX-UT: a longer line is ignored, CR and LF counted in. KX-HDV is held to it too; no document says otherwise. */
const LINE_BYTES = 537;
/** KX-UT: all files of a phone together. */
export const ALL_FILES_BYTES = 120 * 1024;

/**
 * One file. Values stand between quotes and there is no way to write a quote inside one, so a value with a quote is refused;
 * line breaks were refused before. The first of two equal names wins in the phone; we never write two.
 *
 * ```
 * # Panasonic SIP Phone Standard Format File #
 * PHONE_NUMBER_1="21"
 *                        ← an empty line ends the file
 * ```
 */
export function cfgFile(
  settings: readonly Setting[],
  model: PanasonicModel,
): Result<Uint8Array, TemplateRefusal> {
  const lines = [FIRST_LINE];
  for (const { key, value } of settings) {
    if (value.includes('"')) {
      const say = `${key} cannot hold a quotation mark: the files of ${model.model} have no way to write one.`;
      return noTemplate('template.valueCharacters', key, say);
    }
    const line = `${key}="${value}"`;
    const bytes = Buffer.byteLength(line, 'utf8') + 2;
    if (key.length > NAME_CHARACTERS || value.length > VALUE_CHARACTERS || bytes > LINE_BYTES) {
      const say = `The line of ${key} has ${bytes} bytes; ${model.model} reads ${LINE_BYTES} in a line.`;
      return noTemplate('template.tooLarge', key, say);
    }
    lines.push(line);
  }
  return ok(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'));
}
