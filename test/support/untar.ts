import { gunzipSync } from 'node:zlib';

/** Files of a tar archive, by their names (ustar; regular files only). */
export function untar(gzip: Buffer): ReadonlyMap<string, Buffer> {
  const archive = gunzipSync(gzip);
  const files = new Map<string, Buffer>();
  for (let at = 0; at + 512 <= archive.length; ) {
    const name = archive.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    if (name === '') break;
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 135), 8);
    files.set(name, archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
