import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstPacket, isStop, littleEndian, packetOf, stopProcessors } from '../../../images/lab/debugger.ts';

describe('the debugger of the emulated machine', () => {
  it('frames words with their sum', () => {
    expect(packetOf('OK')).toBe('$OK#9a');
    expect(packetOf('?')).toBe('$?#3f');
  });

  it('takes the first whole packet and passes over acknowledgements', () => {
    expect(firstPacket('+$T05thread:01;#07+$OK#9a')).toEqual({ words: 'T05thread:01;', rest: '+$OK#9a' });
    expect(firstPacket('+$T05thr')).toBeUndefined();
  });

  it('writes a register from its lowest byte', () => {
    expect(littleEndian(0x600003c5, 4)).toBe('c5030060');
  });

  it('knows a stop from an answer', () => {
    expect(['T05thread:01;', 'S05'].map(isStop)).toEqual([true, true]);
    expect(['OK', '', 'E14', '00000014'].map(isStop)).toEqual([false, false, false, false]);
  });

  it('stops every processor, also when the machine says twice that it stands still', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'engawa-gdb-'));
    const asked: string[] = [];
    const server = createServer((socket) => {
      socket.setEncoding('latin1');
      socket.on('data', (text: string) => {
        const words = firstPacket(text)?.words;
        if (words === undefined) return;
        asked.push(words);
        const answer = words === '?' ? 'T05thread:01;' : words.startsWith('p') ? '4000000000000000' : 'OK';
        socket.write(`+${packetOf(answer)}${words === '?' ? packetOf('T05thread:01;') : ''}`);
      });
    });
    const path = join(folder, 'gdb');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    try {
      await stopProcessors(path);
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
    const one = ['p20', 'p21', 'M40,4:00000014', 'P21=c0030000'];
    expect(asked).toEqual(['?', 'qXfer:features:read:target.xml:0,ffb', 'Hg1', ...one, 'Hg2', ...one, 'D']);
  });
});
