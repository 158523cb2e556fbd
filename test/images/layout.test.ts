import { describe, expect, it } from 'vitest';
import { mediumMiB, offsetsMiB, PARTITIONS, sfdiskScript } from '../../images/layout.ts';

describe('the layout of the medium', () => {
  it('lays one partition behind the other and fits the medium with a table at both ends', () => {
    const offsets = offsetsMiB();
    let end = 1;
    for (const { name, sizeMiB } of PARTITIONS) {
      expect(offsets.get(name), name).toBe(end);
      end += sizeMiB;
    }
    expect(mediumMiB()).toBe(end + 1);
  });

  it('gives both slots the same room, so that what starts in one fits the other', () => {
    const size = (name: string) => PARTITIONS.find((partition) => partition.name === name)?.sizeMiB;
    expect(size('root-a')).toBe(size('root-b'));
    expect(size('boot-a')).toBe(size('boot-b'));
  });

  it('names every partition for sfdisk and marks the one with the script as bootable', () => {
    const lines = sfdiskScript().trim().split('\n').slice(2);
    expect(lines.map((line) => /name="([^"]+)"/.exec(line)?.[1])).toEqual(PARTITIONS.map(({ name }) => name));
    expect(lines.filter((line) => line.includes('LegacyBIOSBootable')).length).toBe(1);
    expect(lines[1]).toBe('start=2MiB, size=15MiB, type=L, name="loader", attrs="LegacyBIOSBootable"');
  });
});
