import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { T38Gateway } from '../../../../lib/dsp/fax/t38-gateway.ts';
import { T38Terminal } from '../../../../lib/dsp/fax/t38-terminal.ts';
import { drawTestPage } from '../../../../lib/dsp/fax/test-page.ts';
import { parseControlFrame } from '../../../../lib/dsp/t30-frame.ts';
import { type FaxTrial, must, runFaxTrial } from '../../../support/fax-trial.ts';

const letter = drawTestPage('letter', 'fine', 1);
const both = [drawTestPage('white', 'standard', 1), drawTestPage('letter', 'standard', 2)];

const PATHS = [
  { caller: 'gateway', answerer: 'gateway' },
  { caller: 'gateway', answerer: 'terminal' },
  { caller: 'terminal', answerer: 'gateway' },
  { caller: 'terminal', answerer: 'terminal' },
] as const;

function carried(trial: Partial<FaxTrial> & Pick<FaxTrial, 'caller' | 'answerer'>) {
  return runFaxTrial({ pages: both, ...trial });
}

describe('fax over T.38', () => {
  for (const path of PATHS) {
    it.each([
      [true, 0],
      [false, 0],
      [true, 3],
      [false, 3],
    ] as const)(
      `${path.caller} → ${path.answerer}: two pages unchanged (error correction %s, version %i)`,
      (ecm, version) => {
        const outcome = carried({ ...path, ecm, version });
        expect(outcome.comparison).toEqual({ identical: true, pages: 2, differingRows: 0 });
        expect(outcome.received).toMatchObject({ ok: true, pages: 2, bitRate: 14_400, ecm });
        for (const figures of outcome.gateways) {
          expect(figures).toEqual({ bitRate: 14_400, ecm, pages: 2, malformed: 0 });
        }
      },
    );
  }

  it.each(PATHS.slice(0, 3))('$caller → $answerer: the gateway holds the machines to V.29', (path) => {
    const outcome = carried({ ...path, pages: [letter], gatewayModems: 'v29' });
    expect(outcome.comparison?.identical).toBe(true);
    expect(outcome.received.bitRate).toBe(9_600);
  });

  it('the gateway keeps machines from error correction', () => {
    const outcome = carried({ caller: 'gateway', answerer: 'gateway', pages: [letter], gatewayEcm: false });
    expect(outcome.comparison?.identical).toBe(true);
    expect(outcome.received.ecm).toBe(false);
  });

  it.each([10, 40])('bears a delay of %i ticks each way', (delayTicks) => {
    for (const path of PATHS.slice(0, 3)) {
      const outcome = carried({ ...path, pages: [letter], delayTicks });
      expect(outcome.comparison?.identical).toBe(true);
    }
  });

  it('bears noise of −58 dBm0 on both lines by V.29', () => {
    const trial = { caller: 'gateway', answerer: 'gateway', pages: [letter] } as const;
    const outcome = carried({ ...trial, noiseDbm0: -58, gatewayModems: 'v29' });
    expect(outcome.comparison?.identical).toBe(true);
  });

  it('two different versions never come together: the answered one counts for both', () => {
    const ifps: Uint8Array[] = [];
    const sender = must(
      T38Terminal.open({ ...idle, calling: false, version: 0, onIfp: (ifp) => ifps.push(ifp) }),
    );
    for (let tick = 0; tick < 400; tick += 1) sender.tick(160);
    sender.close();
    const receiver = must(T38Gateway.open({ version: 3, ecm: true, modems: 'v17', onIfp: () => undefined }));
    for (const [sequence, ifp] of ifps.entries()) receiver.receiveIfp(ifp, sequence);
    expect(receiver.figures.malformed).toBeGreaterThan(0);
    receiver.close();
  });

  it('without repair, a lost page packet is seen as damage when errors are not corrected', () => {
    const random = seededRandom(4);
    const lose = (tick: number): boolean => tick > 500 && random.fraction() < 0.01;
    const outcome = carried({
      caller: 'terminal',
      answerer: 'terminal',
      pages: [drawTestPage('text', 'fine', 1)],
      ecm: false,
      lose,
    });
    expect(outcome.comparison?.identical ?? false).toBe(false);
    expect(outcome.received.badRows > 0 || !outcome.received.ok).toBe(true);
  });

  it('a far end that vanishes leaves the end to the watchdog of the owner', () => {
    const outcome = carried({
      caller: 'gateway',
      answerer: 'terminal',
      answererDiesAtTick: 600,
      mostSeconds: 20,
    });
    expect(outcome.sent).toMatchObject({ ok: false, code: 49 });
  });
});

const idle = {
  ident: '1',
  ecm: true,
  modems: 'v17',
  onEnd: () => undefined,
} as const;

describe('a T.38 gateway', () => {
  it('speaks first, to open the way: no signal, three times', () => {
    const sent: string[] = [];
    const gateway = must(
      T38Gateway.open({
        version: 0,
        ecm: true,
        modems: 'v17',
        onIfp: (ifp, copies) => sent.push(`${copies}×${Buffer.from(ifp).toString('hex')}`),
      }),
    );
    gateway.hear(new Int16Array(160));
    gateway.speak(new Int16Array(160));
    expect(sent).toEqual(['3×00']);
    gateway.sendIndicator('ced');
    gateway.sendIndicator('cng');
    gateway.sendIndicator('noSignal');
    gateway.sendIndicator('noSignal');
    expect(sent.slice(1)).toEqual(['3×04', '3×02', '1×00', '1×00']);
    gateway.close();
  });

  it.each([
    ['1,100 Hz', 1_100, 0x02],
    ['2,100 Hz', 2_100, 0x04],
  ] as const)(
    'tells the network of %s on the line only in a call that began as T.38',
    (_name, hz, indicator) => {
      for (const tellTones of [true, false]) {
        const sent: number[] = [];
        const opened = T38Gateway.open({
          version: 0,
          ecm: true,
          modems: 'v17',
          tellTones,
          onIfp: (ifp) => sent.push(ifp[0] ?? -1),
        });
        if (!opened.ok) throw new Error(opened.error.say);
        const block = new Int16Array(160);
        for (let at = 0; at < 16_000; at += block.length) {
          for (let index = 0; index < block.length; index++) {
            block[index] = Math.round(4_000 * Math.sin((2 * Math.PI * hz * (at + index)) / 8_000));
          }
          opened.value.hear(block);
        }
        opened.value.close();
        expect(sent.includes(indicator)).toBe(tellTones);
      }
    },
  );

  it('plays CED to the line when the network says so', () => {
    const gateway = must(T38Gateway.open({ version: 0, ecm: true, modems: 'v17', onIfp: () => undefined }));
    gateway.receiveIfp(Uint8Array.of(0x04), 0);
    const out = new Int16Array(160);
    let loudest = 0;
    for (let tick = 0; tick < 50; tick += 1) {
      gateway.speak(out);
      for (const sample of out) loudest = Math.max(loudest, Math.abs(sample));
    }
    expect(loudest).toBeGreaterThan(2_000);
    gateway.close();
  });

  it.each(['gateway', 'terminal'] as const)(
    'shows the control frames of both sides for the log (to a %s)',
    (to) => {
      const seen: string[] = [];
      const idents: (string | undefined)[] = [];
      const outcome = carried({
        caller: 'gateway',
        answerer: to,
        onRelayedFrame(bytes, incoming) {
          const frame = parseControlFrame(bytes);
          if (frame === null) return;
          seen.push(`${incoming ? '<' : '>'}${frame.name}`);
          if (frame.ident !== undefined) idents.push(frame.ident);
          if (frame.name === 'DCS')
            expect(frame).toMatchObject({ bitRate: 14_400, modem: 'V.17', ecm: true });
        },
      });
      expect(outcome.comparison?.identical).toBe(true);
      expect(seen).toEqual(outcome.frames);
      expect(idents).toEqual(['+81 3 5555 0160', '0355550100']);
    },
  );

  it('does nothing after close, closes twice, and keeps its figures', () => {
    const ifps: Uint8Array[] = [];
    const gateway = must(
      T38Gateway.open({ version: 0, ecm: true, modems: 'v17', onIfp: (ifp) => ifps.push(ifp) }),
    );
    gateway.receiveIfp(Uint8Array.of(0xff, 0xff), 0);
    gateway.close();
    gateway.close();
    const out = new Int16Array(160).fill(9);
    gateway.hear(out);
    gateway.hearMissing(160);
    gateway.speak(out);
    gateway.receiveIfp(Uint8Array.of(0), 1);
    gateway.sendIndicator('cng');
    expect(out.every((sample) => sample === 0)).toBe(true);
    expect(ifps).toEqual([]);
    expect(gateway.figures.malformed).toBe(1);
  });

  it('may be closed by the one it hands a packet to', () => {
    const gateway = must(
      T38Gateway.open({
        version: 0,
        ecm: true,
        modems: 'v17',
        onIfp: () => gateway.close(),
      }),
    );
    gateway.hear(new Int16Array(160));
    gateway.speak(new Int16Array(160));
    expect(gateway.closed).toBe(true);
  });
});
