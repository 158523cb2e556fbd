import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../../lib/base/clock.ts';
import { systemdSupervisor } from '../../../lib/net/supervisor.ts';

it('is heard on a datagram socket as systemd has one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-notify-'));
  const path = join(folder, 'notify');
  const ear = spawn('socat', ['-u', `UNIX-RECVFROM:${path}`, '-']);
  try {
    const heard = new Promise<string>((resolve) => ear.stdout.once('data', (data) => resolve(String(data))));
    // Until the ear is there nothing is heard, and nothing breaks.
    const again = setInterval(() => systemdSupervisor({ NOTIFY_SOCKET: path }, systemClock)?.ready(), 50);
    const text = await heard.finally(() => clearInterval(again));
    expect(text).toBe('READY=1');
  } finally {
    ear.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});
