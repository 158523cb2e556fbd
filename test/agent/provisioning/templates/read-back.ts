/** A setting as a phone would read it. */
export type ReadSetting = readonly [key: string, value: string];

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&([a-z]+);/g, (whole, name: string) => {
    const character = ENTITIES[name];
    if (character === undefined) throw new Error(`unknown entity ${whole}`);
    return character;
  });
}

/**
 * A Grandstream file read by a reader of its own: elements in their order, nothing else between them. Throws on anything that is
 * not well-formed, so that a value which breaks out of its element is found.
 */
export function readGrandstream(xml: string): { mac: string; version: string; settings: ReadSetting[] } {
  const whole =
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<gs_provision version="1">\n {2}<mac>([0-9a-f]{12})<\/mac>\n {2}<config version="([12])">\n([\s\S]*) {2}<\/config>\n<\/gs_provision>\n$/.exec(
      xml,
    );
  if (whole === null) throw new Error('not a Grandstream file');
  const [, mac = '', version = '', body = ''] = whole;
  const settings = body
    .split('\n')
    .slice(0, -1)
    .map((line): ReadSetting => {
      const pValue = /^ {4}<(P[0-9]+)>([^<>"']*)<\/(P[0-9]+)>$/.exec(line);
      if (pValue !== null && version === '1' && pValue[1] === pValue[3]) {
        return [pValue[1] ?? '', unescapeXml(pValue[2] ?? '')];
      }
      const named = /^ {4}<item name="([A-Za-z0-9.]+)">([^<>"']*)<\/item>$/.exec(line);
      if (named !== null && version === '2') return [named[1] ?? '', unescapeXml(named[2] ?? '')];
      throw new Error(`not a setting: ${line}`);
    });
  return { mac, version, settings };
}

/** A Panasonic file as the phone reads it: the first of equal names wins, a line that is too long is passed over. */
export function readPanasonic(bytes: Uint8Array): ReadSetting[] {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const lines = text.split('\r\n');
  if (
    Buffer.byteLength(lines[0] ?? '') !== 44 ||
    lines[0] !== '# Panasonic SIP Phone Standard Format File #'
  ) {
    throw new Error('first line');
  }
  if (lines.at(-1) !== '' || lines.at(-2) !== '') throw new Error('no empty line at the end');
  const seen = new Map<string, string>();
  for (const line of lines.slice(1, -2)) {
    const parts = /^([A-Z0-9_]{1,32})="([^"]{0,500})"$/.exec(line);
    if (parts === null || /[\r\n]/.test(line)) throw new Error(`not a setting: ${line}`);
    if (Buffer.byteLength(line) + 2 > 537) continue;
    const [, name = '', value = ''] = parts;
    if (!seen.has(name)) seen.set(name, value);
  }
  return [...seen];
}
