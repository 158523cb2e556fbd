import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { startPtyPair } from '../support/pty-pair.ts';

it('a pty pair carries bytes, survives one side closing, and can be cut and joined', async () => {
  const pair = await startPtyPair();
  const once = async (text: string): Promise<string> => {
    const from = await open(pair.box, 'r+');
    const to = await open(pair.board, 'r+');
    await from.write(text);
    const read = await to.read({ buffer: Buffer.alloc(16) });
    await from.close();
    await to.close();
    return read.buffer.subarray(0, read.bytesRead).toString();
  };
  expect(await once('moshi')).toBe('moshi');
  expect(await once('again')).toBe('again');
  await pair.cut();
  expect(existsSync(pair.box)).toBe(false);
  await pair.join();
  expect(await once('back')).toBe('back');
  await pair.stop();
});
