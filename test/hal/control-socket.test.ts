import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveControlSocket } from '../../hal/control-socket.ts';
import { ok, refuse, StartupError } from '../../lib/base/errors.ts';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-control-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const answer = async (value: unknown) => {
  if (JSON.stringify(value).includes('throw')) throw new Error('the device fell over');
  return JSON.stringify(value).includes('bad')
    ? refuse({ code: 'control.badRequest', fault: 'caller', say: 'No.' } as const)
    : ok('done');
};

/** Says lines, and collects so many values. */
async function talk(path: string, lines: readonly string[], count: number): Promise<unknown[]> {
  const socket = connect(path);
  try {
    return await collect(socket, lines, count);
  } finally {
    socket.destroy();
  }
}

function collect(socket: Socket, lines: readonly string[], count: number): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const values: unknown[] = [];
    const reader = new JsonLineReader();
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      for (const line of reader.push(chunk)) if (line.kind === 'value') values.push(line.value);
      if (values.length >= count) resolve(values);
    });
    for (const line of lines) socket.write(line);
  });
}

test('a request is answered by its id; what is no JSON, refused or fails has a code', async () => {
  const path = join(folder, 'phone.sock');
  const control = await serveControlSocket({ name: 'phone', path, answer });
  const lines = [
    jsonLine({ id: 1 }),
    'rubbish\n',
    jsonLine({ id: 2, op: 'bad' }),
    jsonLine({ id: 3, op: 'throw' }),
  ];
  const said = await talk(path, lines, 4);
  await control.stop();
  expect(said).toContainEqual({ id: 1, ok: true, value: 'done' });
  expect(said).toContainEqual({ id: 2, ok: false, code: 'control.badRequest', say: 'No.' });
  expect(said).toContainEqual(expect.objectContaining({ id: 3, ok: false, code: 'phone.failed' }));
  expect(said).toContainEqual(expect.objectContaining({ id: null, code: 'control.badRequest' }));
});

test('an event goes to everybody who is connected', async () => {
  const path = join(folder, 'sim.sock');
  const control = await serveControlSocket({
    name: 'sim',
    path,
    answer: async () => {
      control.tell({ event: 'ring', port: 1 });
      return ok(null);
    },
  });
  const said = await talk(path, [jsonLine({ id: 1 })], 2);
  await control.stop();
  expect(said).toContainEqual({ event: 'ring', port: 1 });
});

test('a socket that cannot be made is a failure at start with the code of its device', async () => {
  const path = join(folder, 'none', 'sim.sock');
  const failed = serveControlSocket({ name: 'sim', path, answer });
  await expect(failed).rejects.toBeInstanceOf(StartupError);
  await expect(failed).rejects.toMatchObject({ coded: { code: 'sim.control' } });
});
