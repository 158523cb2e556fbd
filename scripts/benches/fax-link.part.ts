import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaxEnd, FaxMachineOptions } from '../../lib/dsp/fax/fax-options.ts';
import { comparePages, type Page, readPages, writePages } from '../../lib/dsp/fax/page-file.ts';
import { drawTestPage } from '../../lib/dsp/fax/test-page.ts';
import { FaultyNetwork, LineNoise, type NetworkFaults } from './fax-network.part.ts';
import { BoxSide, type Crossing, type FaxSide, ServerSide, type T38Style } from './fax-side.part.ts';

/** A fax from one machine to another over a network with faults. */
export interface FaxLinkOptions extends NetworkFaults, T38Style {
  readonly seed: number;
  /** `out`: the machine behind our box sends; `in`: it receives. */
  readonly direction: 'out' | 'in';
  /** What is at the other end: a second box with a machine behind it, or a fax server that speaks T.38 itself. */
  readonly far: 'box' | 'server';
  /** The line of both boxes is G.711 until then; 0: T.38 from the first moment; infinite: never T.38. */
  readonly t38FromMs: number;
  /** Of white noise on our line, both ways; null: none. */
  readonly noiseDbm0: number | null;
  /** The network ends here for good; infinite: never. */
  readonly cutAtMs: number;
  /** Sees every datagram of UDPTL as it is sent. */
  tap?(udptl: Uint8Array, toFar: boolean, nowMs: number): void;
  /** Hears every 10 ms of our line as the gateway does: valid until it returns. */
  listen?(sound: Int16Array): void;
  /** Sees every datagram of UDPTL as it reaches our box. */
  arrived?(udptl: Uint8Array, nowMs: number): void;
}

/** What is on the network when nothing is said. */
export const CLEAN_LINK: FaxLinkOptions = {
  seed: 1,
  direction: 'out',
  far: 'box',
  loss: 0,
  delayMs: 40,
  jitterMs: 0,
  version: 0,
  errorCorrection: 'redundancy',
  redundancy: 3,
  maxDatagramBytes: 400,
  generous: true,
  ecm: true,
  modems: 'v17',
  t38FromMs: 0,
  noiseDbm0: null,
  cutAtMs: Number.POSITIVE_INFINITY,
};

/** How it went. */
export interface FaxLinkOutcome {
  /** Every page arrived, dot by dot. */
  readonly identical: boolean;
  readonly sender: FaxEnd | null;
  readonly receiver: FaxEnd | null;
  /** Of the call. */
  readonly seconds: number;
  /** Who ended it: both machines, the one that was done by hanging up, or nobody in time. */
  readonly endedBy: 'both' | 'hangUp' | 'watchdog';
  readonly datagrams: number;
  readonly lostDatagrams: number;
  /** Of UDPTL, both ways. */
  readonly recoveredIfps: number;
  readonly lostIfps: number;
}

const STEP_MS = 10;
/** When one machine is done, its user hangs up: the other side notices at the latest then. */
const HANG_UP_MS = 8_000;
/** A page takes less than a minute and a half; what takes longer hangs. */
const MOST_MS = 240_000;
const MOST_A_PAGE_MS = 90_000;

/** Sends faxes over simulated networks, on a virtual clock; holds the files for it. */
export class FaxLinkLab {
  readonly #folder = mkdtempSync(join(tmpdir(), 'engawa-fax-'));
  readonly #pages: readonly Page[];
  readonly #sendFile: string;
  #runs = 0;

  /** Default: one letter in standard resolution. Throws when the libraries for faxes are not installed. */
  constructor(pages: readonly Page[] = [drawTestPage('letter', 'standard', 1)]) {
    this.#pages = pages;
    this.#sendFile = join(this.#folder, 'sent.tiff');
    const written = writePages(this.#sendFile, pages);
    if (!written.ok) throw new Error(written.error.say);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  run(some: Partial<FaxLinkOptions>): FaxLinkOutcome {
    const receiveFile = join(this.#folder, `received-${this.#runs++}.tiff`);
    const link = new FaxLink({ ...CLEAN_LINK, ...some }, this.#sendFile, receiveFile);
    try {
      const figures = link.run(MOST_MS + MOST_A_PAGE_MS * (this.#pages.length - 1));
      const read = readPages(receiveFile);
      const compared = comparePages(this.#pages, read.ok ? read.value : []);
      return { ...figures, identical: compared.identical };
    } finally {
      link.close();
      rmSync(receiveFile, { force: true });
    }
  }
}

/** One fax. */
class FaxLink {
  readonly #options: FaxLinkOptions;
  readonly #toFar: FaultyNetwork<Crossing>;
  readonly #toNear: FaultyNetwork<Crossing>;
  readonly #near: FaxSide;
  readonly #far: FaxSide;
  #nowMs = 0;

  constructor(options: FaxLinkOptions, sendFile: string, receiveFile: string) {
    this.#options = options;
    this.#toFar = new FaultyNetwork(options, options.seed * 2);
    this.#toNear = new FaultyNetwork(options, options.seed * 2 + 1);
    const shared = { ecm: options.ecm, modems: options.modems, onEnd: () => undefined };
    const caller: FaxMachineOptions = { ...shared, calling: true, ident: '0355550160', sendFile };
    const answerer: FaxMachineOptions = { ...shared, calling: false, ident: '0355550100', receiveFile };
    const [nearMachine, farMachine] = options.direction === 'out' ? [caller, answerer] : [answerer, caller];
    const noise =
      options.noiseDbm0 === null ? undefined : new LineNoise(options.noiseDbm0, options.seed + 7_919);
    const sending =
      (network: FaultyNetwork<Crossing>) =>
      (crossing: Crossing): void => {
        if ('udptl' in crossing) options.tap?.(crossing.udptl, network === this.#toFar, this.#nowMs);
        network.push(crossing, this.#nowMs);
      };
    const [toFar, toNear] = [sending(this.#toFar), sending(this.#toNear)];
    this.#near = new BoxSide(nearMachine, options, options.t38FromMs, noise, toFar, options.listen);
    this.#far =
      options.far === 'server'
        ? new ServerSide(farMachine, options, toNear)
        : new BoxSide(farMachine, options, options.t38FromMs, undefined, toNear);
  }

  run(mostMs: number): Omit<FaxLinkOutcome, 'identical'> {
    const endedBy = this.#untilEnd(mostMs);
    const seconds = this.#nowMs / 1_000;
    this.#near.machine.terminate();
    this.#far.machine.terminate();
    const out = this.#options.direction === 'out';
    const [sending, receiving] = out ? [this.#near, this.#far] : [this.#far, this.#near];
    const [one, other] = [this.#near.received.counters, this.#far.received.counters];
    return {
      sender: sending.machine.end,
      receiver: receiving.machine.end,
      seconds,
      endedBy,
      datagrams: this.#toFar.sent + this.#toNear.sent,
      lostDatagrams: this.#toFar.lost + this.#toNear.lost,
      recoveredIfps: one.recovered + other.recovered,
      lostIfps: one.lost + other.lost,
    };
  }

  close(): void {
    this.#near.close();
    this.#far.close();
  }

  #untilEnd(mostMs: number): FaxLinkOutcome['endedBy'] {
    let hangUpMs = Number.POSITIVE_INFINITY;
    while (this.#nowMs < mostMs) {
      this.#step();
      const ended = [this.#near, this.#far].filter(({ machine }) => machine.end !== null).length;
      if (ended === 2) return 'both';
      if (ended === 1) hangUpMs = Math.min(hangUpMs, this.#nowMs + HANG_UP_MS);
      if (this.#nowMs >= hangUpMs) return 'hangUp';
    }
    return 'watchdog';
  }

  #step(): void {
    this.#nowMs += STEP_MS;
    if (this.#nowMs >= this.#options.cutAtMs) {
      this.#toFar.cut();
      this.#toNear.cut();
    }
    for (const crossing of this.#toNear.take(this.#nowMs)) {
      if ('udptl' in crossing) this.#options.arrived?.(crossing.udptl, this.#nowMs);
      this.#near.receive(crossing);
    }
    for (const crossing of this.#toFar.take(this.#nowMs)) this.#far.receive(crossing);
    this.#near.step(this.#nowMs);
    this.#far.step(this.#nowMs);
  }
}
