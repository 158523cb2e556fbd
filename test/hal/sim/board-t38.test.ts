import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { BoardCapability, BoardEvent, FaxModeSettings, FxsBoard } from '../../../hal/board.ts';
import { createBoardDriver } from '../../../hal/driver/board-driver.ts';
import type { FaxHabits } from '../../../hal/sim/fax-device.ts';
import { SimulatedBoard } from '../../../hal/sim/simulated-board.ts';
import type { PortNumber } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { comparePages, readPages, writePages } from '../../../lib/dsp/fax/page-file.ts';
import { T38Terminal } from '../../../lib/dsp/fax/t38-terminal.ts';
import { drawTestPage } from '../../../lib/dsp/fax/test-page.ts';
import { VirtualLine } from '../driver/virtual-line.ts';

const port1 = 1 as PortNumber;
const habits: FaxHabits = { ident: '0355550100', ecm: true, modems: 'v17', superG3: false };
const folder = mkdtempSync(join(tmpdir(), 'engawa-board-t38-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A box with a scripted host in place of its agent: a T.38 terminal that the board's packets go to. */
class Box {
  readonly clock = new VirtualClock();
  readonly sim: SimulatedBoard;
  readonly board: FxsBoard;
  readonly line: VirtualLine;
  readonly events: BoardEvent[] = [];
  terminal: T38Terminal | undefined;
  #toBoard = 0;

  constructor(capabilities: readonly BoardCapability[]) {
    const random = seededRandom(7);
    const { clock } = this;
    this.line = new VirtualLine(clock, random);
    const log = silentLog();
    const ports = { device: 'board', ports: 1, clock, random, log, capabilities };
    this.sim = new SimulatedBoard({ ...ports, open: this.line.opener('board') });
    this.board = createBoardDriver({ device: 'box', clock, random, log, open: this.line.opener('box') });
    this.board.onEvent((event) => this.#onEvent(event));
    // The board pulls: a box that answers no audio would leave the line silent, and that is what it is here.
    this.board.onAudio(() => undefined);
  }

  async up(): Promise<this> {
    this.sim.start();
    this.board.start();
    await this.pass(700);
    return this;
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 10) {
      this.clock.advance(10);
      if (left % 20 === 0) this.terminal?.tick(160);
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    }
  }

  async until(done: () => boolean, limitMs: number): Promise<void> {
    for (let left = limitMs; left > 0 && !done(); left -= 100) await this.pass(100);
    expect(done()).toBe(true);
  }

  faxMode(settings: FaxModeSettings): void {
    this.board.command(port1, { type: 'audio', on: true });
    this.board.command(port1, { type: 'faxMode', on: true, ...settings });
  }

  open(calling: boolean, file: string, settings: FaxModeSettings): T38Terminal {
    const { version, ecm, modems } = settings;
    const opened = T38Terminal.open({
      calling,
      ident: '0355550160',
      ...(calling ? { sendFile: file } : { receiveFile: file }),
      ecm,
      modems,
      version,
      onIfp: (ifp) => this.board.command(port1, { type: 't38', sequence: this.#toBoard++ & 0xffff, ifp }),
      onEnd: () => undefined,
    });
    if (!opened.ok) throw new Error(opened.error.say);
    this.terminal = opened.value;
    return opened.value;
  }

  #onEvent(event: BoardEvent): void {
    this.events.push(event);
    if (event.type === 't38') this.terminal?.receiveIfp(event.ifp, event.sequence);
  }
}

function identical(one: string, other: string): boolean {
  const [left, right] = [readPages(one), readPages(other)];
  return left.ok && right.ok && comparePages(left.value, right.value).identical;
}

const drawn = { from: 'drawn', kinds: ['letter'], resolution: 'standard', folder } as const;

describe('a board with its own T.38 processor', () => {
  it.each<FaxModeSettings & { lossShare: number }>([
    { version: 0, ecm: true, modems: 'v17', lossShare: 0 },
    { version: 3, ecm: false, modems: 'v29', lossShare: 0 },
    { version: 0, ecm: true, modems: 'v17', lossShare: 0.01 },
  ])('carries a fax of its machine to the box in packets %j', async ({ lossShare, ...settings }) => {
    const box = await new Box(['pcm', 't38']).up();
    box.line.weather.lossShare = lossShare;
    const sent = box.sim.fax(1)?.send({ ...habits, number: null, pages: drawn });
    await box.pass(1_000);
    box.faxMode(settings);
    const kept = join(folder, `kept-${settings.version}-${lossShare}.tif`);
    const terminal = box.open(false, kept, settings);
    await box.until(() => box.sim.fax(1)?.state.at === 'over', 180_000);
    await box.pass(1_500);
    const rate = settings.modems === 'v17' ? 14_400 : 9_600;
    expect(terminal.end).toMatchObject({ ok: true, pages: 1, bitRate: rate, ecm: settings.ecm });
    expect(identical(sent?.ok === true ? sent.value.file : '', kept)).toBe(true);

    const packets = box.events.flatMap((event) => (event.type === 't38' ? [event] : []));
    expect(packets.map(({ sequence }) => sequence)).toEqual(packets.map((_, index) => index));
    expect(new Set(packets.map(({ copies }) => copies))).toEqual(new Set([1, 3]));
    const frames = box.events.flatMap((event) => (event.type === 'faxFrame' ? [event] : []));
    expect(frames.some(({ incoming }) => incoming)).toBe(true);
    expect(frames.some(({ incoming }) => !incoming)).toBe(true);
    const figures = box.events.findLast((event) => event.type === 'faxFigures');
    expect(figures).toMatchObject({ bitRate: rate, ecm: settings.ecm, pages: 1 });
    expect(box.sim.state().ports[0]).toMatchObject({ offHook: false, faxMode: false });
  });

  it('brings a fax from the box to its machine, which answered the bell', async () => {
    const box = await new Box(['pcm', 't38']).up();
    const settings: FaxModeSettings = { version: 0, ecm: true, modems: 'v17' };
    const kept = box.sim.fax(1)?.receive({ ...habits, folder, rings: 2 });
    box.board.command(port1, { type: 'ring', cadence: [1_000, 2_000] });
    await box.until(() => box.events.some((event) => event.type === 'hook' && event.offHook), 10_000);
    box.faxMode(settings);
    const sent = join(folder, 'sent.tif');
    expect(writePages(sent, [drawTestPage('letter', 'standard', 1)]).ok).toBe(true);
    const terminal = box.open(true, sent, settings);
    await box.until(() => box.sim.fax(1)?.state.at === 'over', 180_000);
    await box.pass(1_500);
    expect(terminal.end).toMatchObject({ ok: true, pages: 1, remoteIdent: '0355550100' });
    expect(identical(sent, kept?.ok === true ? kept.value.file : '')).toBe(true);
  });

  it('refuses fax mode where there is no processor, and has its audio back when fax mode ends', async () => {
    const plain = await new Box(['pcm']).up();
    plain.faxMode({ version: 0, ecm: true, modems: 'v17' });
    await plain.pass(100);
    expect(plain.events.at(-1)).toMatchObject({ type: 'warning', code: 'board.refused' });

    const box = await new Box(['pcm', 't38']).up();
    const level: number[] = [];
    box.board.onAudio((frames) => level.push(new Set(frames[0]?.ulaw).size));
    box.sim.phone(1)?.lift();
    box.sim.phone(1)?.speak({ hz: 1_000, levelDbm0: -10 });
    box.faxMode({ version: 0, ecm: true, modems: 'v17' });
    await box.pass(200);
    expect(level.at(-1)).toBe(1);
    expect(box.sim.state().ports[0]).toMatchObject({ faxMode: true });
    box.board.command(port1, { type: 'faxMode', on: false });
    await box.pass(200);
    expect(level.at(-1)).toBeGreaterThan(4);
    expect(box.sim.state().ports[0]).toMatchObject({ faxMode: false });
  });
});
