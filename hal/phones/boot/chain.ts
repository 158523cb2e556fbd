import { readGrandstreamFile } from '../config/grandstream-file.ts';
import { PANASONIC_FILES_BYTES, readPanasonicFile } from '../config/panasonic-file.ts';
import type { Identity, Source } from './sources.ts';
import { fileUrl } from './sources.ts';

/** The files of one source, one request at a time. */
export interface Chain {
  readonly identity: Identity;
  readonly fileKey: string;
  readonly source: Source;
  /** What is asked for next, and in which turn it counts: the lowest wins. */
  readonly waiting: readonly { readonly url: string; readonly turn: number }[];
  readonly taken: readonly { readonly turn: number; readonly values: ReadonlyMap<string, string> }[];
  readonly asked: readonly string[];
  readonly bytes: number;
  readonly ignored: readonly string[];
}

/** What came: the status of HTTP, 0 without any. */
export interface FileAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const FILES_MOST = 12;
const PATHS = ['CFG_STANDARD_FILE_PATH', 'CFG_PRODUCT_FILE_PATH', 'CFG_MASTER_FILE_PATH'] as const;

/** The first requests of a source. Pure. */
export function beginChain(source: Source, identity: Identity, fileKey: string): Chain {
  const urls =
    identity.model.maker === 'grandstream'
      ? source.urls.flatMap((url) => grandstreamUrls(url, identity))
      : source.urls;
  const waiting = urls.map((url, index) => ({ url, turn: index }));
  return { identity, fileKey, source, waiting, taken: [], asked: [], bytes: 0, ignored: [] };
}

/** `cfg<mac>` (binary), then XML from the phone's own to everybody's. */
function grandstreamUrls(folder: string, { model, mac }: Identity): readonly string[] {
  if (folder.endsWith('.xml')) return [folder];
  const family = model.maker === 'grandstream' ? model.family : 'grp26xx';
  const binary = family === 'gxp16xx' ? [`cfg${mac}`] : [`cfg${mac}`, `cfg${mac}.bin`];
  const names = [...binary, `cfg${mac}.xml`, `cfg${model.model.toLowerCase()}.xml`, 'cfg.xml'];
  return names.map((name) => `${folder}${name}`);
}

/** What the phone makes of an answer to the first request that waits: `why` it did not take it, or null. Pure. */
export function stepChain(
  chain: Chain,
  answer: FileAnswer,
): { readonly chain: Chain; readonly why: string | null } {
  const [now, ...rest] = chain.waiting;
  if (now === undefined) return { chain, why: null };
  const asked = [...chain.asked, now.url];
  const next: Chain = { ...chain, waiting: rest, asked, bytes: chain.bytes + answer.body.length };
  if (answer.status !== 200) {
    return { chain: next, why: answer.status === 0 ? 'nobody answered' : `the server said ${answer.status}` };
  }
  return chain.identity.model.maker === 'grandstream'
    ? grandstream(next, now.url, answer)
    : panasonic(next, now, answer);
}

function grandstream(chain: Chain, url: string, answer: FileAnswer): ReturnType<typeof stepChain> {
  const { model, mac, fileDigest } = chain.identity;
  if (model.maker !== 'grandstream') return { chain, why: null };
  if (!url.endsWith('.xml')) return { chain, why: 'it is not the maker’s binary format' };
  const file = readGrandstreamFile(answer.body, { mac, model, fileKey: chain.fileKey, fileDigest });
  if (file.kind === 'dropped') return { chain, why: file.why };
  const all = file.values.get('P8467') === '1';
  // The first that is found is the only one, unless it says that all are wanted; then later ones count more.
  const waiting = all || chain.taken.length > 0 ? chain.waiting : [];
  const taken = [{ turn: -chain.taken.length, values: file.values }, ...chain.taken];
  return { chain: { ...chain, waiting, taken, ignored: [...chain.ignored, ...file.ignored] }, why: null };
}

/** The entry counts least; standard beats product, product beats master. */
function panasonic(
  chain: Chain,
  now: Chain['waiting'][number],
  answer: FileAnswer,
): ReturnType<typeof stepChain> {
  const { model } = chain.identity;
  if (model.maker !== 'panasonic') return { chain, why: null };
  if (chain.bytes > PANASONIC_FILES_BYTES) return { chain, why: 'its files are too long together' };
  const file = readPanasonicFile(answer.body, model);
  if (file.kind === 'dropped') return { chain, why: file.why };
  const known = new Set([...chain.asked, ...chain.waiting.map(({ url }) => url)]);
  const paths = PATHS.map((name) => file.values.get(name) ?? '').map((path) =>
    path === '' ? '' : fileUrl(chain.identity, path),
  );
  const more = paths
    .map((url, index) => ({ url, turn: now.turn - 10 + index }))
    .filter(({ url }) => url !== '' && !known.has(url));
  const room = Math.max(0, FILES_MOST - known.size);
  const taken = [...chain.taken, { turn: now.turn, values: file.values }];
  const ignored = [...chain.ignored, ...file.ignored];
  return {
    chain: { ...chain, waiting: [...more.slice(0, room), ...chain.waiting], taken, ignored },
    why: null,
  };
}

/** Everything that was taken together, by precedence; undefined when nothing was. */
export function resultOf(chain: Chain): ReadonlyMap<string, string> | undefined {
  if (chain.taken.length === 0) return undefined;
  const weakestFirst = chain.taken.toSorted((one, two) => two.turn - one.turn);
  return new Map(weakestFirst.flatMap(({ values }) => [...values]));
}
