import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createLan, OWN_NETWORK, openLan, whyNoLan } from '../../../scripts/lab/lan.ts';
import { spacePrefix, spacesOf } from '../../../scripts/lab/spaces.ts';

const why = whyNoLan();
if (why !== undefined) process.stderr.write(`The LAN of namespaces is not tested: ${why}\n`);

const CHILD = fileURLToPath(new URL('./left-child.ts', import.meta.url));

describe.skipIf(why !== undefined)('a LAN of namespaces', () => {
  it('is found by name, takes hosts in that leave again, and goes whole', async () => {
    const lan = createLan(['one']);
    try {
      const same = openLan(lan.name);
      same.join('guest', 'c074ad0000ff');
      expect(same.macOf('guest')).toBe('c0:74:ad:00:00:ff');
      lan.address('one', '192.168.58.2/24');
      same.address('guest', '192.168.58.3/24');
      const listener = lan.start('one', ['socat', '-u', 'TCP4-LISTEN:7000,reuseaddr', '-']);
      const heard = new Promise((resolve) =>
        listener.stdout?.once('data', (chunk) => resolve(String(chunk))),
      );
      const say =
        'for try in 1 2 3 4 5 6 7 8 9; do echo hello | socat - TCP4:192.168.58.2:7000 && exit; sleep 0.2; done';
      expect((await same.run('guest', ['sh', '-c', say])).code).toBe(0);
      expect(await heard).toBe('hello\n');
      same.remove();
      expect(spacesOf(lan.name)).toEqual([`${lan.name}-one`, `${lan.name}-switch`]);
    } finally {
      lan.remove();
    }
    expect(spacesOf(lan.name)).toEqual([]);
  });

  it('that a killed program left goes at the next start, with its interface here and what ran there', () => {
    const run = (verb: string): string => `"$0" --import tsx "${CHILD}" ${verb}`;
    // Both in one network of their own: the interface of the first is left in it.
    const script = `${run('make')} & pid=$!; wait $pid; ip -br link; echo "pid $pid"; ${run('clear $pid')}`;
    const { stdout } = spawnSync(
      OWN_NETWORK[0] ?? '',
      [...OWN_NETWORK.slice(1), 'sh', '-c', script, process.execPath],
      {
        encoding: 'utf8',
      },
    );
    const pid = Number(/pid ([0-9]+)/.exec(stdout)?.[1]);
    expect(stdout).toMatch(/^engawa0/m);
    const told = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) ?? '{}') as {
      before: readonly string[];
      removed: readonly string[];
      after: readonly string[];
      links: string;
    };
    const name = `${spacePrefix(pid)}1`;
    expect(told.before).toEqual([`${name}-host`, `${name}-switch`]);
    expect(told.removed).toEqual(expect.arrayContaining(['engawa0', `${name}-host`, `${name}-switch`]));
    expect(told.after).toEqual([]);
    expect(told.links).not.toContain('engawa0');
    expect(spawnSync('pgrep', ['-f', '^sleep 647$'], { encoding: 'utf8' }).stdout).toBe('');
  });
});
