import { describe, expect, it } from 'vitest';
import { FaxMachine } from '../../../../lib/dsp/fax/fax-machine.ts';
import { drawTestPage } from '../../../../lib/dsp/fax/test-page.ts';
import { must, runFaxTrial } from '../../../support/fax-trial.ts';

const letter = drawTestPage('letter', 'fine', 1);

describe('a fax machine on audio', () => {
  it.each([true, false])('carries a page unchanged (error correction %s)', (ecm) => {
    const outcome = runFaxTrial({ caller: 'audio', answerer: 'audio', pages: [letter], ecm });
    expect(outcome.comparison).toEqual({ identical: true, pages: 1, differingRows: 0 });
    expect(outcome.sent).toMatchObject({ code: 0, ok: true, pages: 1, bitRate: 14_400, ecm, retrains: 0 });
    expect(outcome.received).toMatchObject({ code: 0, ok: true, pages: 1, bitRate: 14_400, ecm, badRows: 0 });
    const end = ecm ? 'PPS-EOP' : 'EOP';
    expect(outcome.frames).toEqual(['<CSI', '<DIS', '>TSI', '>DCS', '<CFR', `>${end}`, '<MCF', '>DCN']);
  });

  it('learns who the other one is, without the padding', () => {
    const outcome = runFaxTrial({ caller: 'audio', answerer: 'audio', pages: [letter] });
    expect(outcome.sent.remoteIdent).toBe('+81 3 5555 0160');
    expect(outcome.received.remoteIdent).toBe('0355550100');
  });

  it('carries three pages of three kinds and tells of each', () => {
    const pages = [letter, drawTestPage('text', 'fine', 2), drawTestPage('grid', 'fine', 3)];
    const outcome = runFaxTrial({ caller: 'audio', answerer: 'audio', pages });
    expect(outcome.comparison).toEqual({ identical: true, pages: 3, differingRows: 0 });
    expect(outcome.pagesTold).toEqual([1, 2, 3]);
    expect(outcome.received.pages).toBe(3);
    expect(outcome.sent.pages).toBe(3);
  });

  it.each([
    ['v29', 9_600],
    ['v27ter', 4_800],
  ] as const)('keeps to %s when told', (modems, bitRate) => {
    const outcome = runFaxTrial({ caller: 'audio', answerer: 'audio', pages: [letter], modems });
    expect(outcome.comparison?.identical).toBe(true);
    expect(outcome.received.bitRate).toBe(bitRate);
  });

  it('carries a page of standard resolution', () => {
    const pages = [drawTestPage('text', 'standard', 9)];
    expect(runFaxTrial({ caller: 'audio', answerer: 'audio', pages }).comparison?.identical).toBe(true);
  });

  it('survives noise of −52 dBm0 by V.29', () => {
    const outcome = runFaxTrial({
      caller: 'audio',
      answerer: 'audio',
      pages: [letter],
      modems: 'v29',
      noiseDbm0: -52,
    });
    expect(outcome.comparison?.identical).toBe(true);
  });

  it('gives up by itself when nobody answers, in words', () => {
    const outcome = runFaxTrial({
      caller: 'audio',
      answerer: 'audio',
      pages: [letter],
      answererDiesAtTick: 0,
      mostSeconds: 90,
    });
    expect(outcome.sent).toMatchObject({ ok: false, pages: 0, bitRate: 0, remoteIdent: null });
    expect(outcome.sent.say).toMatch(/^[A-Z].*\.$/);
  });

  it('is ended by its owner when the other one falls silent within a page', () => {
    const outcome = runFaxTrial({
      caller: 'audio',
      answerer: 'audio',
      pages: [letter],
      answererDiesAtTick: 500,
      mostSeconds: 14,
    });
    expect(outcome.sent).toMatchObject({ code: 49, ok: false, say: 'The call ended before the fax did.' });
    expect(outcome.received).toMatchObject({ code: 49, ok: false });
  });

  it('refuses what the library would cut in silence', () => {
    const options = { calling: true, ident: '', ecm: true, modems: 'v17', onEnd: () => undefined } as const;
    for (const wrong of [
      { ident: '123456789012345678901' },
      { ident: 'ABC' },
      { sendFile: 'a'.repeat(256) },
    ]) {
      const opened = FaxMachine.open({ ...options, ...wrong });
      expect(opened).toMatchObject({ ok: false, error: { code: 'fax.badOption', fault: 'caller' } });
    }
  });

  it('says in words that its file is missing', () => {
    const ends: string[] = [];
    const sender = machine({ calling: true, sendFile: '/nowhere/pages.tif' }, ends);
    const receiver = machine({ calling: false, receiveFile: '/nowhere/got.tif' }, []);
    talk(sender, receiver, 1_500);
    expect(ends).toEqual(['The file of pages could not be opened.']);
  });

  it('does nothing after close, closes twice, and tells no end', () => {
    const ends: string[] = [];
    const closed = machine({ calling: true }, ends);
    closed.close();
    closed.close();
    const out = new Int16Array(160).fill(7);
    closed.receive(out);
    closed.receiveMissing(160);
    closed.transmit(out);
    closed.terminate();
    expect(out.every((sample) => sample === 0)).toBe(true);
    expect(ends).toEqual([]);
    expect(closed.closed).toBe(true);
  });

  it('may be closed by the one it tells its end', () => {
    let told = 0;
    const one = must(
      FaxMachine.open({
        calling: true,
        ident: '1',
        ecm: true,
        modems: 'v17',
        onEnd() {
          told += 1;
          one.close();
        },
      }),
    );
    one.terminate();
    one.terminate();
    expect(told).toBe(1);
  });

  it('lets an exception of its owner out to its owner', () => {
    const one = must(
      FaxMachine.open({
        calling: true,
        ident: '1',
        ecm: true,
        modems: 'v17',
        onEnd() {
          throw new Error('mine');
        },
      }),
    );
    expect(() => one.terminate()).toThrow('mine');
    one.transmit(new Int16Array(160));
    one.close();
  });

  it('leaves the samples it hears as they are', () => {
    const one = machine({ calling: false }, []);
    const samples = new Int16Array(160).fill(1_000);
    for (let tick = 0; tick < 10; tick += 1) one.receive(samples);
    expect(samples.every((sample) => sample === 1_000)).toBe(true);
    one.close();
  });
});

function machine(
  options: { calling: boolean; sendFile?: string; receiveFile?: string },
  ends: string[],
): FaxMachine {
  const onEnd = (end: { say: string }): void => void ends.push(end.say);
  return must(FaxMachine.open({ ident: '1', ecm: true, modems: 'v17', onEnd, ...options }));
}

function talk(one: FaxMachine, other: FaxMachine, ticks: number): void {
  const [a, b] = [new Int16Array(160), new Int16Array(160)];
  for (let tick = 0; tick < ticks; tick += 1) {
    one.transmit(a);
    other.transmit(b);
    one.receive(b);
    other.receive(a);
  }
  one.close();
  other.close();
}
