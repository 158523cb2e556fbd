import type { FileDigest } from '../config/grandstream-file.ts';
import type { PhoneModel } from '../config/models.ts';
import { withMacros } from '../config/panasonic-file.ts';
import type { PhoneSettings } from '../config/settings.ts';
import type { PhoneState } from '../phone-state.ts';

/** A place where a phone looks for its files. */
export interface Source {
  readonly from: PhoneState['source'];
  /** Grandstream: folders. Panasonic: whole addresses of files, the weakest last. */
  readonly urls: readonly string[];
}

const NAMES = {
  43: 'option43',
  66: 'option66',
  150: 'option150',
  159: 'option159',
  160: 'option160',
  161: 'option161',
} as const;

/** Who the phone is, as far as addresses of files name it. */
export interface Identity {
  readonly model: PhoneModel;
  readonly mac: string;
  readonly firmware: string;
  /** Of the key of encrypted files. */
  readonly fileDigest: FileDigest;
}

/** Where to look, in this order. `pnp` has no address yet: the LAN is asked for it. `options` are texts by number. */
export function sourcesOf(
  identity: Identity,
  settings: PhoneSettings,
  options: ReadonlyMap<number, string>,
  typedIn: string | undefined,
): readonly Source[] {
  const typed: Source[] =
    typedIn === undefined ? [] : [{ from: 'static', urls: [fileUrl(identity, typedIn)] }];
  const offered = settings.usesOptions.flatMap((code): Source[] => {
    const text = options.get(code);
    const from = code in NAMES ? NAMES[code as keyof typeof NAMES] : undefined;
    const url =
      text === undefined || from === undefined ? undefined : optionUrl(identity, code, text, options);
    return url === undefined || from === undefined ? [] : [{ from, urls: [url] }];
  });
  const urls = settings.configUrls.map((url) => fileUrl(identity, url));
  const stored: Source[] = urls.length === 0 ? [] : [{ from: 'stored', urls }];
  const pnp: Source[] = settings.usesPnp ? [{ from: 'pnp', urls: [] }] : [];
  if (identity.model.maker === 'panasonic') return [...typed, ...pnp, ...offered, ...stored];
  // A phone that knows where its files are does not ask the LAN.
  return [...typed, ...offered, ...stored, ...(offered.length + stored.length > 0 ? [] : pnp)];
}

/** What a PnP answer, a stored path or a person's typing means. */
export function fileUrl(identity: Identity, text: string): string {
  const url = text.trim();
  if (identity.model.maker === 'grandstream')
    return url.endsWith('/') || url.endsWith('.xml') ? url : `${url}/`;
  return withMacros(url.endsWith('/') ? `${url}{MODEL}.cfg` : url, macros(identity));
}

function optionUrl(
  identity: Identity,
  code: number,
  raw: string,
  options: ReadonlyMap<number, string>,
): string | undefined {
  const text = raw.replace(/\0+$/, '').trim();
  if (!/^[\x21-\x7e]{1,255}$/.test(text) || (code === 43 && !/^https?:\/\//.test(text))) return undefined;
  const scheme = /^[a-z]+:\/\//i.test(text);
  if (identity.model.maker === 'grandstream') return fileUrl(identity, scheme ? text : `http://${text}`);
  const name = options.get(67)?.replace(/\0+$/, '') || '{MODEL}.cfg';
  if (code !== 66)
    return withMacros(text.endsWith('.cfg') ? text : `${text.replace(/\/+$/, '')}/${name}`, macros(identity));
  // Option 66 without a scheme is a TFTP server; with one it is a file, unless it ends with a slash.
  const whole = scheme ? (text.endsWith('/') ? `${text}${name}` : text) : `tftp://${text}/${name}`;
  return withMacros(whole, macros(identity));
}

function macros({ mac, model, firmware }: Identity) {
  return { mac, model: model.model, firmware };
}
