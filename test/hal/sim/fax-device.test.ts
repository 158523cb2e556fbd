import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FaxDevice, type FaxHabits } from '../../../hal/sim/fax-device.ts';
import { Phone } from '../../../hal/sim/phone.ts';
import { comparePages, readPages } from '../../../lib/dsp/fax/page-file.ts';
import { peakOf } from '../../../lib/dsp/level.ts';

const habits: FaxHabits = { ident: '0355550100', ecm: true, modems: 'v17', superG3: false };
const folder = mkdtempSync(join(tmpdir(), 'engawa-sim-fax-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A phone with its fax machine, and what goes over its two wires. */
class Wire {
  readonly phone = new Phone();
  readonly fax: FaxDevice;
  #tick = 0;

  constructor(port: number) {
    this.fax = new FaxDevice(port, this.phone);
  }

  /** 10 ms: what it says, while it is told what it hears. */
  pass(heard: Int16Array): Int16Array {
    for (let ms = 0; ms < 10; ms++) {
      this.#tick += 8;
      this.phone.step(this.#tick);
    }
    this.fax.pass();
    const dialled = this.phone.mouth();
    const said = this.fax.mouth() ?? dialled;
    this.fax.ear(heard);
    return this.phone.offHook ? said : new Int16Array(80);
  }
}

/** An exchange for two: dial tone until something is dialled, then bell, then the two wires joined. */
class Exchange {
  readonly caller = new Wire(1);
  readonly called = new Wire(2);
  nowMs = 0;
  #said: [Int16Array, Int16Array] = [new Int16Array(80), new Int16Array(80)];
  #dialledMs: number | undefined;

  step(dialTone = true): void {
    this.nowMs += 10;
    const through = this.called.phone.offHook && this.caller.phone.offHook;
    const tone = dialTone && this.caller.phone.offHook && this.#dialledMs === undefined;
    const [fromCaller, fromCalled] = this.#said;
    const silence = new Int16Array(80);
    const next = this.caller.pass(through ? fromCalled : tone ? this.#dialTone() : silence);
    if (this.#dialledMs === undefined && next.some((sample) => Math.abs(sample) > 2_000))
      this.#dialledMs = this.nowMs;
    this.#said = [next, this.called.pass(through ? fromCaller : silence)];
    this.#ring(through);
  }

  #dialTone(): Int16Array {
    return Int16Array.from({ length: 80 }, (_, at) =>
      Math.round(peakOf(-15) * Math.sin((2 * Math.PI * 400 * (this.nowMs * 8 + at)) / 8_000)),
    );
  }

  #ring(through: boolean): void {
    const sinceMs = this.nowMs - (this.#dialledMs ?? this.nowMs) - 2_000;
    if (sinceMs < 0 || through || this.called.phone.offHook) return;
    if (sinceMs % 3_000 === 0) this.called.fax.bell(true);
    if (sinceMs % 3_000 === 1_000) this.called.fax.bell(false);
  }
}

/** The machine is told by a promise that it has dialled: turns of the event loop are let in. */
async function runUntilOver(exchange: Exchange, limitMs: number, dialTone = true): Promise<void> {
  while (exchange.nowMs < limitMs) {
    exchange.step(dialTone);
    await Promise.resolve();
    const quiet = !exchange.caller.phone.offHook && !exchange.called.phone.offHook;
    if (exchange.nowMs > 5_000 && quiet && exchange.caller.fax.state.result !== null) return;
  }
}

describe('two fax machines on two wires', () => {
  it.each([
    { ecm: true, superG3: false },
    { ecm: false, superG3: true },
  ])('pages arrive as they were sent; both hang up by themselves %j', async ({ ecm, superG3 }) => {
    const exchange = new Exchange();
    const { caller, called } = exchange;
    const kept = called.fax.receive({
      ...habits,
      ident: '0355550160',
      ecm,
      superG3,
      folder,
      rings: 2,
    });
    const pages = { from: 'drawn', kinds: ['letter', 'white'], resolution: 'standard', folder } as const;
    const sent = caller.fax.send({ ...habits, ecm, number: '0355550160', pages });
    if (!kept.ok || !sent.ok) throw new Error('refused');
    await runUntilOver(exchange, 240_000);
    expect(caller.fax.state).toMatchObject({
      at: 'over',
      result: { ok: true, direction: 'send', pages: 2, ecm, bitRate: 14_400, remoteIdent: '0355550160' },
    });
    expect(called.fax.state).toMatchObject({
      at: 'over',
      result: { ok: true, direction: 'receive', pages: 2, ecm, remoteIdent: '0355550100', badRows: 0 },
    });
    const files = [readPages(sent.value.file), readPages(kept.value.file)].map((read) =>
      read.ok ? read.value : [],
    );
    expect(comparePages(files[0] ?? [], files[1] ?? [])).toMatchObject({ identical: true, pages: 2 });
    expect([caller.phone.offHook, called.phone.offHook]).toEqual([false, false]);
  });

  it('nobody answers: the caller gives up by its own timer, in words', async () => {
    const exchange = new Exchange();
    const pages = { from: 'drawn', kinds: ['white'], resolution: 'standard', folder } as const;
    expect(exchange.caller.fax.send({ ...habits, number: '11', pages }).ok).toBe(true);
    await runUntilOver(exchange, 120_000, false);
    const { result } = exchange.caller.fax.state;
    expect(result).toMatchObject({ ok: false, pages: 0 });
    expect(result?.say).toMatch(/\w+ \w+/);
    expect(exchange.caller.phone.offHook).toBe(false);
  });

  it('a machine that is at work, a lifted handset and a missing file are refused with a sentence', () => {
    const { caller } = new Exchange();
    const file = (path: string) => ({ from: 'file', file: path }) as const;
    const missing = caller.fax.send({ ...habits, number: '11', pages: file('/nowhere/a.tif') });
    expect(missing).toMatchObject({ ok: false, error: { code: 'fax.file' } });
    caller.phone.lift();
    caller.phone.step(8);
    const lifted = caller.fax.receive({ ...habits, folder, rings: 1 });
    expect(lifted).toMatchObject({ ok: false, error: { code: 'fax.busy' } });
    caller.phone.hangUp();
    caller.phone.step(16);
    expect(caller.fax.receive({ ...habits, folder, rings: 1 }).ok).toBe(true);
    expect(caller.fax.receive({ ...habits, folder, rings: 1 })).toMatchObject({
      ok: false,
      error: { code: 'fax.busy' },
    });
    caller.fax.stop();
    expect(caller.fax.state).toMatchObject({ at: 'idle', result: { ok: false } });
    expect(caller.fax.receive({ ...habits, folder, rings: 1 }).ok).toBe(true);
  });
});
