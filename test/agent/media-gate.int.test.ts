import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { MediaPort } from '../../agent/calls/index.ts';
import { mediaGate, throughGate } from '../../agent/media-gate.ts';
import { createLog } from '../../lib/base/log.ts';

/** A media process that gives every session the same port. */
const media = {
  request: async ({ type }: { readonly type: string }) => ({
    ok: true,
    value: type === 'rtpOpen' ? { localPort: 16_400 } : null,
  }),
} as unknown as MediaPort;

it('tells the packet filter where sound will come from, once for an address', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-gate-'));
  const socket = join(folder, 'gate');
  const lines: string[] = [];
  let more = (): void => undefined;
  const server = createServer((wire) =>
    wire.on('data', (data) => {
      lines.push(String(data));
      more();
    }),
  );
  try {
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const gated = throughGate(media, mediaGate(socket, createLog('test', 'silent')));
    const session = 'leg-1';
    await gated.request({ type: 'rtpOpen', session, localHost: '127.0.0.1', note: '' });
    const peer = { type: 'rtpConnect', session, port: 4_000, payloadType: 0, dtmfPayloadType: null } as const;
    await gated.request({ ...peer, host: '203.0.113.20' });
    await gated.request({ ...peer, host: '203.0.113.20' });
    await gated.request({ ...peer, host: '203.0.113.21' });
    await new Promise<void>((resolve) => {
      more = () => lines.length >= 2 && resolve();
      more();
    });
    expect(lines.toSorted()).toEqual(['203.0.113.20 16400\n', '203.0.113.21 16400\n']);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

it('lets a call go on where nobody listens', async () => {
  const gated = throughGate(media, mediaGate('/nowhere/gate', createLog('test', 'silent')));
  await gated.request({ type: 'rtpOpen', session: 's', localHost: '127.0.0.1', note: '' });
  const answer = await gated.request({
    ...{ type: 'rtpConnect', session: 's', host: '203.0.113.20', port: 4_000 },
    ...{ payloadType: 0, dtmfPayloadType: null },
  });
  expect(answer.ok).toBe(true);
});
