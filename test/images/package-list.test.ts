import { describe, expect, it } from 'vitest';
import { licencesOf } from '../../images/build/package-list.ts';
import { packageOf } from '../../images/build/programs.ts';

describe('the list of what is in the image', () => {
  it('takes the short names of a machine-readable copyright file, each once', () => {
    const text =
      'Files: *\nLicense: MIT\n\nFiles: debian/*\nLicense: GPL-2+\n\nLicense: MIT\n Permission is …\n';
    expect(licencesOf(text)).toEqual(['GPL-2+', 'MIT']);
  });

  it('takes the licences that prose points to, without the full stop behind them', () => {
    const text =
      'On Debian systems see /usr/share/common-licenses/LGPL-2.1. And `/usr/share/common-licenses/GPL-2`.\n';
    expect(licencesOf(text)).toEqual(['GPL-2', 'LGPL-2.1']);
  });

  it('finds nothing where nothing is named, so that the build can refuse it', () => {
    expect(licencesOf('All rights to everybody.')).toEqual([]);
  });

  it.each([
    ['node_modules/pino/lib/proto.js', 'pino'],
    ['node_modules/@serialport/bindings-cpp/dist/index.js', '@serialport/bindings-cpp'],
    ['node_modules/a/node_modules/@b/c/index.js', '@b/c'],
    ['agent/main.ts', undefined],
  ])('knows that %s belongs to %s', (path, name) => {
    expect(packageOf(path)).toBe(name);
  });
});
