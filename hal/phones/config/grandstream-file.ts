import { createDecipheriv, createHash } from 'node:crypto';
import { keyCells, keyValue, takesKey } from './grandstream-keys.ts';
import { tableOf } from './grandstream-table.ts';
import type { GrandstreamModel } from './models.ts';
import type { ConfigFile } from './settings.ts';
import { childOf, readXml, type XmlElement } from './xml.ts';

/** What a firmware makes the key of an encrypted file with. */
export type FileDigest = 'md5' | 'sha256';

const MAGIC = 'Salted__';
const MOST_KEYS = 20_000;

/**
 * Reads `cfg<mac>.xml` as these phones do: well-formed XML in UTF-8 with root `gs_provision`, version 1; another phone's
 * `mac` makes it drop the file; config version 1 holds P values, version 2 names, and GXP16xx knows version 1 alone. Keys
 * that it does not know and values out of their range change nothing. Never throws.
 */
export function readGrandstreamFile(
  bytes: Buffer,
  phone: {
    readonly mac: string;
    readonly model: GrandstreamModel;
    readonly fileKey: string;
    readonly fileDigest: FileDigest;
  },
): ConfigFile {
  const plain = bytes.toString('latin1', 0, MAGIC.length) === MAGIC ? decrypted(bytes, phone) : bytes;
  if (plain === undefined) return dropped('it is encrypted, and the key (P1359) does not open it');
  const text = utf8(plain);
  if (text === undefined) return dropped('it is not UTF-8');
  const root = readXml(text);
  if (typeof root === 'string') return dropped(root);
  if (root.name !== 'gs_provision') return dropped(`its root is <${root.name}>, not <gs_provision>`);
  if (root.attributes.get('version') !== '1') return dropped('gs_provision is not of version 1');
  const mac = childOf(root, 'mac')?.text.trim();
  if (mac !== undefined && mac.toLowerCase() !== phone.mac) return dropped(`it is the file of ${mac}`);
  const config = childOf(root, 'config');
  const version = config?.attributes.get('version');
  if (config === undefined) return dropped('it has no <config>');
  if (version === '1') return byNumber(config, phone.model);
  if (version === '2' && phone.model.family !== 'gxp16xx') return byName(config, phone.model);
  return dropped(`config version ${version ?? '(none)'} is not for this model`);
}

function byNumber(config: XmlElement, model: GrandstreamModel): ConfigFile {
  const { byP } = tableOf(model.family);
  const cells = keyCells(model);
  const values = new Map<string, string>();
  const ignored: string[] = [];
  for (const { name, text } of config.children.slice(0, MOST_KEYS)) {
    const cell = byP.get(name);
    const key = cells.get(name);
    const meant = key === undefined ? undefined : keyValue(key.name, key.part, text, model, model.family);
    if (cell?.holds.test(text)) values.set(cell.key, text);
    else if (key !== undefined && meant !== undefined) values.set(key.name, meant);
    else ignored.push(name);
  }
  return { kind: 'good', values, ignored };
}

function byName(config: XmlElement, model: GrandstreamModel): ConfigFile {
  const table = tableOf(model.family);
  const values = new Map<string, string>();
  const ignored: string[] = [];
  for (const item of config.children.slice(0, MOST_KEYS)) {
    const name = item.name === 'item' ? (item.attributes.get('name') ?? '') : item.name;
    const cell = table.byName.get(name);
    const written = cell?.words === undefined ? item.text : cell.words[item.text];
    if (cell !== undefined && written !== undefined && cell.holds.test(written))
      values.set(cell.key, written);
    else if (takesKey(name, item.text, model)) values.set(name, item.text);
    else ignored.push(name);
  }
  return { kind: 'good', values, ignored };
}

function dropped(why: string): ConfigFile {
  return { kind: 'dropped', why };
}

export function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * `openssl enc -aes-256-cbc`, with the key from the password by one round of a digest (EVP_BytesToKey):
 * `Salted__`, eight bytes of salt, the rest.
 */
function decrypted(
  bytes: Buffer,
  { fileKey, fileDigest }: { readonly fileKey: string; readonly fileDigest: FileDigest },
): Buffer | undefined {
  if (fileKey === '') return undefined;
  const salt = bytes.subarray(8, 16);
  let made = Buffer.alloc(0);
  for (let last = Buffer.alloc(0); made.length < 48; made = Buffer.concat([made, last])) {
    last = createHash(fileDigest).update(last).update(fileKey).update(salt).digest();
  }
  try {
    const cipher = createDecipheriv('aes-256-cbc', made.subarray(0, 32), made.subarray(32, 48));
    return Buffer.concat([cipher.update(bytes.subarray(16)), cipher.final()]);
  } catch {
    return undefined;
  }
}
