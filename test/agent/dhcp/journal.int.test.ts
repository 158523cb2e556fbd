import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LeaseChange } from '../../../agent/dhcp/effects.ts';
import { LeaseJournal } from '../../../agent/dhcp/journal.ts';
import { readJournal, remaining } from '../../../agent/dhcp/journal-format.ts';
import type { ClientKey } from '../../../agent/dhcp/lease.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { formatIpv4, type Ipv4 } from '../../../lib/net/ipv4.ts';
import { ip } from './packets.ts';

let folder = '';
let path = '';
const troubles: (string | undefined)[] = [];
const options = () => ({
  path,
  clock: systemClock,
  onTrouble: (say: string | undefined) => troubles.push(say),
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-leases-'));
  path = join(folder, 'leases');
  troubles.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function bound(address: Ipv4): LeaseChange {
  const traits = { mac: null, hostName: 'x', vendorClass: null };
  return { change: 'bound', address, client: `hw:01${address}` as ClientKey, traits, forMs: 1_000 };
}

async function opened(): Promise<LeaseJournal> {
  const result = await LeaseJournal.open(options());
  if (!result.ok) throw new Error(result.error.say);
  return result.value.journal;
}

function kept(journal: LeaseJournal, change: LeaseChange): Promise<boolean> {
  return new Promise((resolve) => journal.keep(change, resolve));
}

describe('the lease journal', () => {
  it('reads back the latest change of every address', async () => {
    const journal = await opened();
    await Promise.all([
      kept(journal, bound(ip('10.0.0.1'))),
      kept(journal, bound(ip('10.0.0.2'))),
      kept(journal, { change: 'released', address: ip('10.0.0.1') }),
    ]);
    await journal.close();
    const { entries, damaged } = readJournal(readFileSync(path, 'utf8'));
    expect(damaged).toBe(0);
    expect(entries.map(({ change }) => `${change.change} ${formatIpv4(change.address)}`)).toEqual([
      'bound 10.0.0.2',
      'released 10.0.0.1',
    ]);
  });

  it('passes over a torn last line and damaged ones, counts them, and goes on writing', async () => {
    const journal = await opened();
    await kept(journal, bound(ip('10.0.0.1')));
    await journal.close();
    appendFileSync(path, '00000000 {"change":"bound"}\ngarbage\n12ab');
    const again = await LeaseJournal.open(options());
    if (!again.ok) throw new Error(again.error.say);
    expect(again.value.content.damaged).toBe(3);
    await kept(again.value.journal, bound(ip('10.0.0.2')));
    await again.value.journal.close();
    expect(readJournal(readFileSync(path, 'utf8')).entries).toHaveLength(2);
  });

  it('is written anew when it has grown, and loses nothing by it', async () => {
    const journal = await opened();
    const changes = Array.from({ length: 6_000 }, (_, index) =>
      bound((ip('10.0.0.1') + (index % 50)) as Ipv4),
    );
    for (let from = 0; from < changes.length; from += 500) {
      const batch = changes.slice(from, from + 500);
      expect(await Promise.all(batch.map((change) => kept(journal, change)))).not.toContain(false);
    }
    await kept(journal, bound(ip('10.0.1.1')));
    await journal.close();
    const content = readJournal(readFileSync(path, 'utf8'));
    expect(content.lines).toBeLessThan(4_200);
    expect(content.entries).toHaveLength(51);
  });

  it('refuses to open where it cannot write, and says what that means', async () => {
    writeFileSync(path, '');
    path = join(path, 'below-a-file');
    const result = await LeaseJournal.open(options());
    expect(result.ok ? '' : result.error.say).toMatch(/no address is given/);
  });

  it('believes every lease when the clock was not set yet, and only what is left when it was', () => {
    const entries = [{ change: bound(ip('10.0.0.1')), atMs: 1_000_000 }];
    const left = (nowMs: number): number => {
      const [change] = remaining(entries, nowMs);
      return change?.change === 'bound' ? change.forMs : -1;
    };
    expect([left(0), left(1_000_400), left(9_000_000)]).toEqual([1_000, 600, 0]);
  });

  it('after kill -9 holds every change that was said to be kept', async () => {
    const child = join(fileURLToPath(new URL('.', import.meta.url)), 'journal-child.ts');
    for (let round = 0; round < 5; round++) {
      const program = spawn(process.execPath, ['--import', 'tsx', child, path, String(round)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      program.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.split('\n').length - 1 > 40 + round * 37) program.kill('SIGKILL');
      });
      await new Promise((resolve) => program.on('exit', resolve));
      const acknowledged = said.split('\n').slice(0, -1);
      expect(acknowledged.length).toBeGreaterThan(40);
      const there = new Set(
        readJournal(readFileSync(path, 'utf8')).entries.map(({ change }) => formatIpv4(change.address)),
      );
      expect(acknowledged.filter((address) => !there.has(address))).toEqual([]);
    }
  });
});
