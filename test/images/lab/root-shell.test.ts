import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RootShell } from '../../../images/lab/root-shell.ts';
import { Talk } from '../../../images/lab/talk.ts';

let folder: string;
let server: Server;
/** What the box does with what is typed. */
let box: (typed: string, socket: Socket) => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-root-'));
  server = createServer((socket) => socket.on('data', (piece) => box(piece.toString(), socket)));
  await new Promise<void>((resolve) => server.listen(join(folder, 'root'), resolve));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const shell = async (): Promise<RootShell> => new RootShell(await Talk.open('root', join(folder, 'root')));

describe('the root shell of the emulated box', () => {
  it('is ready when it reckons, not when the terminal repeats what is typed', async () => {
    box = (typed, socket) => {
      socket.write(typed);
      const mark = /echo (ready[0-9]+)/.exec(typed)?.[1];
      socket.write(`${mark}:42\r\n`);
    };
    await (await shell()).ready(10_000);
  });

  it('gives a command’s words and its status', async () => {
    box = (typed, socket) => {
      const mark = /"begin:"(m[0-9]+x)/.exec(typed)?.[1];
      socket.write(`begin:${mark}\none\ntwo\nend:${mark}:3:\n`);
    };
    expect(await (await shell()).run('true')).toEqual({ status: 3, output: 'one\ntwo' });
  });

  it('gives up at once when the box goes off, and does not ask for ever', async () => {
    box = (_typed, socket) => socket.end();
    await expect((await shell()).ready(600_000)).rejects.toThrow(/the box is off/);
  });
});
