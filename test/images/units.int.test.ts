import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const UNITS = join(import.meta.dirname, '../../images/rootfs/etc/systemd/system');
const there = spawnSync('systemd-analyze', ['--version']).status === 0;

const unit = (name: string): string => readFileSync(join(UNITS, name), 'utf8');
const line = (name: string, key: string): readonly string[] =>
  [...unit(name).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);

describe.skipIf(!there)('what systemd says of our units', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'engawa-units-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // 0 is a program in a box without a lid, 10 one that may do anything.
  it.each([
    ['engawa-agent.service', 2],
    ['engawa-media.service', 2.1],
    ['engawa-lan.service', 2.5],
    ['engawa-media-gate@.service', 2.5],
  ])('%s is exposed no more than %d of 10', (name, most) => {
    const file = join(folder, name.replace('@', '@one'));
    copyFileSync(join(UNITS, name), file);
    const said = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', file], {
      encoding: 'utf8',
    });
    expect(Number(/exposure level for .*: ([0-9.]+)/.exec(said)?.[1])).toBeLessThanOrEqual(most);
  });
});

describe('the programs of the box', () => {
  it('leave the boot state to a unit that may open the medium', () => {
    // A command with all rights would still be denied every device of the agent's unit.
    expect(unit('engawa-agent.service')).not.toMatch(/^Exec[A-Za-z]+=[-@:!]*\+/m);
    expect(line('engawa-agent.service', 'Wants')[0]).toContain('engawa-confirm.service');
    expect(line('engawa-confirm.service', 'Requisite')).toEqual(['engawa-agent.service']);
    expect(line('engawa-confirm.service', 'After')).toEqual(['engawa-agent.service']);
    expect(line('engawa-confirm.service', 'DevicePolicy')).toEqual([]);
  });

  it.each(['engawa-agent.service', 'engawa-media.service'])(
    '%s is watched: it says when it serves, and ends when it stands still',
    (name) => {
      expect(line(name, 'Type')).toEqual(['notify']);
      expect(Number(line(name, 'WatchdogSec')[0])).toBeGreaterThan(0);
      expect(line(name, 'Restart')).toEqual(['always']);
      expect(line(name, 'StartLimitIntervalSec')).toEqual(['0']);
    },
  );

  it.each(['engawa-agent.service', 'engawa-media.service'])(
    '%s is a user of its own, bounded, and gets no new rights',
    (name) => {
      expect(line(name, 'User')[0]).toMatch(/^engawa/);
      expect(line(name, 'NoNewPrivileges')).toEqual(['yes']);
      expect(line(name, 'ProtectSystem')).toEqual(['strict']);
      expect(line(name, 'DevicePolicy')).toEqual(['closed']);
      expect(line(name, 'MemoryMax')).toHaveLength(1);
      expect(line(name, 'TasksMax')).toHaveLength(1);
    },
  );

  it('the agent may serve DHCP and nothing else that is not for everybody; the media process nothing at all', () => {
    expect(line('engawa-agent.service', 'CapabilityBoundingSet')).toEqual(['CAP_NET_BIND_SERVICE']);
    expect(line('engawa-agent.service', 'DeviceAllow')).toEqual([]);
    expect(line('engawa-media.service', 'CapabilityBoundingSet')).toEqual(['']);
    expect(line('engawa-media.service', 'DeviceAllow')).toEqual(['char-ttyUSB rw', 'char-ttyAMA rw']);
  });

  it('the LAN port follows the file that the agent is told to write, before there are networks', () => {
    const [file] = line('engawa-lan-address.path', 'PathChanged');
    expect(line('engawa-agent.service', 'ExecStart')[0]).toContain(`--lan-address ${file} `);
    const program = readFileSync(join(UNITS, '../../../usr/lib/engawa/lan-address'), 'utf8');
    expect(program).toContain(`wish=\${WISH:-${file}}`);
    expect(line('engawa-lan-address.service', 'Before')[0]).toContain('systemd-networkd.service');
    expect(line('engawa-lan-address.service', 'CapabilityBoundingSet')).toEqual(['CAP_DAC_READ_SEARCH']);
  });

  it('nothing waits for a network', () => {
    const names = readdirSync(UNITS, { withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { name } of names) expect(unit(name), name).not.toContain('network-online.target');
  });
});
