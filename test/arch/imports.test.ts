import { describe, expect, it } from 'vitest';
import { resolveImport, type SourceFile, sourceFiles } from './tree.ts';

/** Room → what it may import of ours. The one direction. */
const ALLOWED: readonly (readonly [room: string, allowed: readonly string[]])[] = [
  ['lib/base/', []],
  ['lib/contract/', ['lib/base/']],
  ['lib/net/', ['lib/base/']],
  ['lib/dsp/', ['lib/base/']],
  ['lib/voice/', ['lib/base/', 'lib/dsp/']],
  ['hal/', ['lib/base/', 'lib/dsp/']],
  ['agent/', ['lib/', 'hal/']],
  ['cloud-stub/', ['lib/']],
];

/** Package → the only places that may import it, and why it is fenced. */
const FENCED: readonly (readonly [pkg: string, places: readonly string[], why: string])[] = [
  [
    'koffi',
    ['lib/dsp/', 'lib/net/'],
    'foreign functions: sound libraries, and what Node cannot ask of the kernel',
  ],
  ['serialport', ['hal/'], 'the board link'],
  ['onoff', ['hal/gpio/'], 'GPIO'],
  [
    'sip',
    ['cloud-stub/foreign/', 'cloud-stub/carrier/', 'cloud-stub/apps/', 'hal/phones/', 'test/'],
    'dies from one packet: only the foreign side uses it',
  ],
  ['sdp-transform', ['cloud-stub/foreign/', 'test/'], "the simulators' own SDP"],
  ['dhcp', ['scripts/lab/', 'test/'], 'only the foreign side uses it'],
  ['mqtt', ['agent/sync/', 'cloud-stub/sync/', 'test/', 'scripts/'], 'the link between cloud and boxes'],
  ['aedes', ['cloud-stub/sync/', 'test/'], 'the embedded broker'],
  ['pg', ['cloud-stub/store/', 'scripts/', 'test/'], 'SQL lives in the store'],
  ['kysely', ['cloud-stub/store/', 'test/'], 'SQL lives in the store'],
  [
    'node:sqlite',
    ['agent/store/', 'scripts/drills/site/', 'test/'],
    'what survives a power cut lives in the store',
  ],
];

/** Rooms whose insides the other rooms of their program reach only through `index.ts` or a shared port file. */
const PROGRAMS = ['agent', 'cloud-stub'];
/** Port files: types that rooms share. */
const PORTS = [
  'agent/ports.ts',
  'agent/status.ts',
  'agent/calls/journal.ts',
  'agent/media/protocol.ts',
  'cloud-stub/routing/types.ts',
  'cloud-stub/rating/types.ts',
  'cloud-stub/switch/ports.ts',
];

const files = sourceFiles();
const ours = files.filter((file) => !/^(test|scripts)\//.test(file.path));

function roomOf(path: string): string {
  const parts = path.split('/');
  return parts.length > 2 ? `${parts[0]}/${parts[1]}` : (parts[0] ?? '');
}

function complaints(
  check: (file: SourceFile, target: string) => string | undefined,
  among: readonly SourceFile[] = ours,
): string[] {
  return among.flatMap((file) =>
    file.imports.flatMap((specifier) => {
      const complaint = check(file, resolveImport(file, specifier));
      return complaint === undefined ? [] : [`${file.path} imports ${specifier}: ${complaint}`];
    }),
  );
}

describe('imports flow one way', () => {
  it('finds the tree it is about', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => file.imports.length > 0).length).toBeGreaterThan(80);
  });

  it('lib ← hal ← agent, lib ← cloud-stub, and agent and cloud-stub never meet', () => {
    const found = complaints((file, target) => {
      if (!/^(lib|hal|agent|cloud-stub|images|scripts|test)\//.test(target)) return undefined;
      const rule = ALLOWED.find(([room]) => file.path.startsWith(room));
      if (rule === undefined) return undefined;
      const [room, allowed] = rule;
      return target.startsWith(room) || allowed.some((place) => target.startsWith(place))
        ? undefined
        : `not allowed from ${room}`;
    });
    expect(found).toEqual([]);
  });

  it('rooms of one program reach each other through their doors only', () => {
    const found = complaints((file, target) => {
      const program = PROGRAMS.find(
        (name) => file.path.startsWith(`${name}/`) && target.startsWith(`${name}/`),
      );
      if (program === undefined || roomOf(file.path) === roomOf(target)) return undefined;
      if (roomOf(target) === program || PORTS.includes(target) || target.endsWith('/index.ts'))
        return undefined;
      return `go through ${roomOf(target)}/index.ts`;
    });
    expect(found).toEqual([]);
  });

  it('the simulators share nothing with our own SIP, so that their calls cross two implementations', () => {
    const found = complaints((file, target) =>
      /^cloud-stub\/(carrier|apps|foreign)\//.test(file.path) &&
      /^lib\/voice\/|^cloud-stub\/(?!(carrier|apps|foreign)\/)/.test(target)
        ? 'the simulators are the foreign side'
        : undefined,
    );
    expect(found).toEqual([]);
  });

  it('packages that need care are used in their one place', () => {
    const found = complaints((file, target) => {
      const fence = FENCED.find(([pkg]) => target === pkg || target.startsWith(`${pkg}/`));
      if (fence === undefined) return undefined;
      const [, places, why] = fence;
      return places.some((place) => file.path.startsWith(place)) ? undefined : why;
    }, files);
    expect(found).toEqual([]);
  });
});
