import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, sourceFiles, withoutComments } from './tree.ts';

const FILE_LINES_MOST = 500;
const FUNCTION_LINES_MOST = 70;

/** What only a few places may touch: [pattern, where it may stand, what to use instead]. */
const BANNED: readonly (readonly [pattern: RegExp, home: RegExp, instead: string])[] = [
  [
    /\bDate\.now\(|\bnew Date\(\)/,
    /^(lib\/base|scripts|test|images\/(lab|stories))\/|\/main\.ts$|^agent\/cli\//,
    'the Clock handed in',
  ],
  [
    /(?<![.\w])set(Timeout|Interval)\(/,
    /^(lib\/base|scripts|test|images\/(lab|stories))\/|\/main\.ts$|^agent\/cli\//,
    'Clock.after',
  ],
  [/\bMath\.random\(/, /^$/, 'the Random handed in'],
  [
    /\bprocess\.env\b/,
    /^(images\/build|scripts|test)\/|^agent\/cli\/|^lib\/net\/supervisor\.ts$/,
    'a flag read in main.ts',
  ],
  // A box has a console of its own: `box.console`.
  [/(?<!\.)\bconsole\.\w+\(/, /^images\/stories\//, 'the log'],
  [/\bSerialPort\.list\(/, /^$/, 'a path from the configuration: list() needs udevadm'],
];

const files = sourceFiles();

describe('habits of the house', () => {
  it.each(BANNED)('%s stands only where it may', (pattern, home, instead) => {
    const found = files
      .filter(
        (file) =>
          !home.test(file.path) &&
          !file.path.startsWith('test/arch/') &&
          pattern.test(withoutComments(file.text)),
      )
      .map((file) => `${file.path}: use ${instead}`);
    expect(found).toEqual([]);
  });

  it(`no file has more than ${FILE_LINES_MOST} lines`, () => {
    const found = files
      .filter((file) => file.text.split('\n').length > FILE_LINES_MOST)
      .map((file) => file.path);
    expect(found).toEqual([]);
  });

  it(`no function of the product has more than ${FUNCTION_LINES_MOST} lines`, () => {
    const found = files
      .filter((file) => !file.path.startsWith('test/'))
      .flatMap((file) => longFunctions(file.text).map((name) => `${file.path}: ${name}`));
    expect(found).toEqual([]);
  });

  it('names are in kebab-case, one concept a file', () => {
    const found = files
      .map((file) => file.path)
      .filter((path) => !/^([a-z0-9-]+\/)*[a-z0-9]+([-.][a-z0-9]+)*\.tsx?$/.test(path));
    expect(found).toEqual([]);
  });

  it('every room has a README', () => {
    const rooms = ['lib', 'hal', 'agent', 'cloud-stub'].flatMap((program) => [
      program,
      ...readdirSync(join(ROOT, program))
        .map((name) => `${program}/${name}`)
        .filter((path) => statSync(join(ROOT, path)).isDirectory()),
    ]);
    const missing = rooms.filter((room) => room !== 'lib' && !existsSync(join(ROOT, room, 'README.md')));
    expect(missing).toEqual([]);
  });

  it('every dependency is pinned to an exact version', () => {
    const pkg = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const all = { ...pkg['dependencies'], ...pkg['devDependencies'], ...pkg['optionalDependencies'] };
    expect(Object.entries(all).filter(([, version]) => !/^[0-9]+\.[0-9]+\.[0-9]+$/.test(version))).toEqual(
      [],
    );
  });

  it('the lock file carries the native parts for x86-64 and arm64', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, object>;
    };
    const wanted = ['x64', 'arm64'].flatMap((cpu) => [
      `node-linux-${cpu}`,
      `@koromix/koffi-linux-${cpu}`,
      `@esbuild/linux-${cpu}`,
    ]);
    expect(wanted.filter((name) => lock.packages[`node_modules/${name}`] === undefined)).toEqual([]);
    expect(JSON.stringify(lock)).not.toMatch(/"resolved"/);
  });
});

/** Function heads that open a block, and how long the block is, by indentation. */
function longFunctions(text: string): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, start) => {
    const head =
      /^(\s*)(?:export )?(?:async )?(?:function\s+(\w+)|(?:static |override )*(?:async )?(#?\w+)\([^;]*\).*)\s*.*\{$/.exec(
        line,
      );
    if (head === null || /^\s*(if|for|while|switch|return|describe|it)\b/.test(line)) return [];
    const indent = head[1] ?? '';
    const end = lines.findIndex(
      (other, index) => index > start && other.startsWith(`${indent}}`) && !other.startsWith(`${indent} `),
    );
    const length = end < 0 ? 0 : end - start + 1;
    return length > FUNCTION_LINES_MOST ? [`${head[2] ?? head[3] ?? line.trim()} (${length} lines)`] : [];
  });
}
