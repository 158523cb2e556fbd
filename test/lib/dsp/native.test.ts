import { describe, expect, it } from 'vitest';
import { FaxMachine } from '../../../lib/dsp/fax/fax-machine.ts';
import { T38Gateway } from '../../../lib/dsp/fax/t38-gateway.ts';
import { T38Terminal } from '../../../lib/dsp/fax/t38-terminal.ts';
import { LineEcho } from '../../../lib/dsp/line-echo.ts';
import { ModemTones } from '../../../lib/dsp/modem-tones.ts';
import { bindLibrary, copyFromNative } from '../../../lib/dsp/native-library.ts';
import { SignalConcealment } from '../../../lib/dsp/signal-concealment.ts';
import { must } from '../../support/fax-trial.ts';
import { sine } from '../../support/sounds.ts';

const samples = sine(1_100, -15, 20);
const fax = { calling: true, ident: '1', ecm: true, modems: 'v17', onEnd: () => undefined } as const;
const ip = { version: 0, onIfp: () => undefined } as const;

/** What each kind does once in its short life. */
const LIVES: readonly [name: string, live: () => void][] = [
  [
    'fax machine',
    () => {
      const machine = must(FaxMachine.open(fax));
      machine.receive(samples);
      machine.transmit(new Int16Array(160));
      machine.close();
    },
  ],
  [
    'T.38 gateway',
    () => {
      const gateway = must(
        T38Gateway.open({ ...ip, ecm: true, modems: 'v17', onControlFrame: () => undefined }),
      );
      gateway.hear(samples);
      gateway.speak(new Int16Array(160));
      gateway.receiveIfp(Uint8Array.of(4), 0);
      gateway.close();
    },
  ],
  [
    'T.38 terminal',
    () => {
      const terminal = must(T38Terminal.open({ ...fax, ...ip }));
      terminal.tick(160);
      terminal.receiveIfp(Uint8Array.of(6), 0);
      terminal.close();
    },
  ],
  [
    'tone detector',
    () => {
      const tones = must(ModemTones.open());
      tones.push(samples);
      tones.close();
    },
  ],
  [
    'echo canceller',
    () => {
      const echo = must(LineEcho.open({ frameSamples: 160, tailMs: 32 }));
      echo.cancel(samples, samples, new Int16Array(160));
      echo.close();
    },
  ],
];

describe('native memory', () => {
  it.each(LIVES)('of a %s is given back: 500 lives leave no trace', (_name, live) => {
    for (let round = 0; round < 150; round += 1) live();
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 500; round += 1) live();
    // The states of 500 gateways alone would be 50 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(20_000_000);
  });

  it('is copied, never shared', () => {
    const strings = must(
      bindLibrary('libspandsp.so.2', 'libspandsp2', (library) => ({
        text: library.func('void *t30_completion_code_to_str(int code)') as (code: number) => bigint,
      })),
    );
    const copy = copyFromNative(strings.text(0), 2);
    expect(Buffer.from(copy).toString()).toBe('OK');
    copy.fill(0);
    expect(Buffer.from(copyFromNative(strings.text(0), 2)).toString()).toBe('OK');
  });
});

describe('a native library', () => {
  it('that is missing is named with its Debian package', () => {
    expect(bindLibrary('libnone.so.9', 'libnone9', () => 0)).toMatchObject({
      ok: false,
      error: { code: 'dsp.libraryMissing', say: expect.stringContaining('apt-get install libnone9') },
    });
  });

  it('that lacks a function is unusable, and says which', () => {
    const bound = bindLibrary('libspandsp.so.2', 'libspandsp2', (library) =>
      library.func('int fax_v34(void *s)'),
    );
    expect(bound).toMatchObject({
      ok: false,
      error: { code: 'dsp.libraryUnusable', say: expect.stringContaining('fax_v34') },
    });
  });

  it('refuses arrays of another kind than its own, instead of writing behind their end', () => {
    const bytes = new Uint8Array(160) as unknown as Int16Array;
    const machine = must(FaxMachine.open(fax));
    const gateway = must(T38Gateway.open({ ...ip, ecm: true, modems: 'v17' }));
    const tones = must(ModemTones.open());
    const echo = must(LineEcho.open({ frameSamples: 160, tailMs: 32 }));
    const plc = must(SignalConcealment.open());
    expect(() => machine.transmit(bytes)).toThrow(TypeError);
    expect(() => gateway.speak(bytes)).toThrow(TypeError);
    expect(() => tones.push(bytes)).toThrow(TypeError);
    expect(() => echo.cancel(samples, samples, bytes)).toThrow(TypeError);
    expect(() => plc.received(bytes)).toThrow(TypeError);
    expect(() => plc.fill(bytes)).toThrow(TypeError);
    for (const one of [machine, gateway, tones, echo, plc]) one.close();
  });
});
