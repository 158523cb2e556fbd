/** A file of an archive. */
export interface TarFile {
  /** ASCII, at most 100 bytes, no leading slash. */
  readonly name: string;
  readonly data: Buffer;
  /** Epoch ms. */
  readonly at: number;
}

const BLOCK = 512;
const NAME_LIMIT = 100;
const CHECKSUM_AT = 148;

/**
 * A POSIX ustar archive (IEEE Std 1003.1, pax, "ustar Interchange Format"): regular files of mode 0600 and nothing else.
 * Throws when a name does not fit.
 */
export function tar(files: readonly TarFile[]): Buffer {
  const parts: Buffer[] = [];
  for (const file of files) {
    parts.push(header(file), file.data, Buffer.alloc((BLOCK - (file.data.length % BLOCK)) % BLOCK));
  }
  parts.push(Buffer.alloc(2 * BLOCK));
  return Buffer.concat(parts);
}

function header({ name, data, at }: TarFile): Buffer {
  if (!/^[\w.][\w./-]*$/.test(name) || name.length > NAME_LIMIT || name.includes('..')) {
    throw new RangeError(`a name that does not fit into the archive: ${name}`);
  }
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 'latin1');
  writeOctal(block, 0o600, 100, 8);
  writeOctal(block, 0, 108, 8);
  writeOctal(block, 0, 116, 8);
  writeOctal(block, data.length, 124, 12);
  writeOctal(block, Math.max(0, Math.floor(at / 1_000)), 136, 12);
  block.write('0', 156, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  // The checksum is taken with its own field filled with blanks.
  block.fill(0x20, CHECKSUM_AT, CHECKSUM_AT + 8);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, CHECKSUM_AT, 'latin1');
  return block;
}

function writeOctal(block: Buffer, value: number, at: number, width: number): void {
  block.write(`${value.toString(8).padStart(width - 1, '0')}\u0000`, at, 'latin1');
}
