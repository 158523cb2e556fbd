import type { Setting } from '../settings.ts';
import type { GrandstreamForm } from './models.ts';

/** The five characters that XML keeps for itself (XML 1.0 §2.4). Everything else was checked before. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

/**
 * The file of one phone. `mac` stands in it so that a phone refuses a file that is not its own.
 *
 * ```
 * <?xml version="1.0" encoding="UTF-8"?>
 * <gs_provision version="1">
 *   <mac>000b82123456</mac>
 *   <config version="1">
 *     <P271>1</P271>
 * ```
 */
export function configXml(mac: string, settings: readonly Setting[], form: GrandstreamForm): string {
  const lines = settings.map(({ key, value }) =>
    form === 'pValues'
      ? `    <${key}>${escapeXml(value)}</${key}>`
      : `    <item name="${escapeXml(key)}">${escapeXml(value)}</item>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gs_provision version="1">',
    `  <mac>${mac}</mac>`,
    `  <config version="${form === 'pValues' ? 1 : 2}">`,
    ...lines,
    '  </config>',
    '</gs_provision>',
    '',
  ].join('\n');
}
