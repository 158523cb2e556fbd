import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../lib/base/random.ts';
import { FaxMachine } from '../../lib/dsp/fax/fax-machine.ts';
import type { FaxEnd, FaxMachineOptions, FaxModems, T38Version } from '../../lib/dsp/fax/fax-options.ts';
import {
  comparePages,
  type Page,
  type PageComparison,
  readPages,
  writePages,
} from '../../lib/dsp/fax/page-file.ts';
import { T38Gateway, type T38GatewayFigures } from '../../lib/dsp/fax/t38-gateway.ts';
import { T38Terminal } from '../../lib/dsp/fax/t38-terminal.ts';
import { peakOf } from '../../lib/dsp/level.ts';

/** How one side is attached: a machine on audio, one behind a gateway, or one that speaks T.38 itself. */
export type FaxSide = 'audio' | 'gateway' | 'terminal';

/** A fax in a simulated clock: a page takes about 0.1 s. Both sides on audio are joined as by a wire, else by IFP. */
export interface FaxTrial {
  readonly caller: FaxSide;
  readonly answerer: FaxSide;
  readonly pages: readonly Page[];
  readonly ecm?: boolean;
  readonly modems?: FaxModems;
  /** What the gateways allow; the machines' own settings unless given. */
  readonly gatewayEcm?: boolean;
  readonly gatewayModems?: FaxModems;
  readonly version?: T38Version;
  /** White noise on every line, both ways. */
  readonly noiseDbm0?: number;
  readonly seed?: number;
  /** Ticks of 20 ms that an IFP packet travels. */
  readonly delayTicks?: number;
  /** True for a packet that is lost. */
  lose?(tick: number): boolean;
  /** The tick from which on the answerer is dead: neither hears nor speaks. */
  readonly answererDiesAtTick?: number;
  /** The watchdog: both are terminated then. */
  readonly mostSeconds?: number;
  onTick?(tick: number): void;
  /** Control frames as the caller's gateway sees them. */
  onRelayedFrame?(frame: Uint8Array, incoming: boolean): void;
}

export interface FaxTrialOutcome {
  readonly sent: FaxEnd;
  readonly received: FaxEnd;
  readonly comparison: PageComparison | null;
  readonly seconds: number;
  /** Pages that the receiver told of, as they came. */
  readonly pagesTold: readonly number[];
  /** Frames as the caller saw them: `>` sent, `<` received. */
  readonly frames: readonly string[];
  readonly gateways: readonly T38GatewayFigures[];
}

const TICK_SAMPLES = 160;
const TICKS_A_SECOND = 50;

/** One side of a trial: every tick it hears and speaks, on the wire or by packets. */
interface Side {
  readonly wire: { hear(samples: Int16Array): void; speak(out: Int16Array): void } | null;
  tick(): void;
  packet(ifp: Uint8Array, sequence: number): void;
  readonly figures: T38GatewayFigures | null;
  readonly end: FaxEnd | null;
  terminate(): void;
  close(): void;
}

export function runFaxTrial(trial: FaxTrial): FaxTrialOutcome {
  const folder = mkdtempSync(join(tmpdir(), 'fax-trial-'));
  const [sent, got] = [join(folder, 'sent.tif'), join(folder, 'got.tif')];
  must(writePages(sent, trial.pages));
  const pagesTold: number[] = [];
  const frames: string[] = [];
  const common = { ecm: trial.ecm ?? true, modems: trial.modems ?? 'v17', onEnd: () => undefined };
  const network = new Network(trial);
  const caller = openSide(trial, trial.caller, network.to('answerer'), 1, {
    ...common,
    calling: true,
    ident: '0355550100',
    sendFile: sent,
    onControlFrame: (frame, incoming) => frames.push(`${incoming ? '<' : '>'}${frame.name}`),
  });
  const answerer = openSide(trial, trial.answerer, network.to('caller'), 2, {
    ...common,
    calling: false,
    ident: '+81 3 5555 0160',
    receiveFile: got,
    onPage: (pages) => pagesTold.push(pages),
  });
  try {
    const ticks = play(trial, network, caller, answerer);
    if (caller.end === null || answerer.end === null) throw new Error('a side did not end');
    const read = readPages(got);
    return {
      sent: caller.end,
      received: answerer.end,
      comparison: read.ok ? comparePages(trial.pages, read.value) : null,
      seconds: ticks / TICKS_A_SECOND,
      pagesTold,
      frames,
      gateways: [caller.figures, answerer.figures].filter((figures) => figures !== null),
    };
  } finally {
    caller.close();
    answerer.close();
    rmSync(folder, { recursive: true });
  }
}

function play(trial: FaxTrial, network: Network, caller: Side, answerer: Side): number {
  const most = (trial.mostSeconds ?? 400) * TICKS_A_SECOND;
  const diesAt = trial.answererDiesAtTick ?? Number.POSITIVE_INFINITY;
  let tick = 0;
  for (; tick < most && (caller.end === null || answerer.end === null); tick += 1) {
    trial.onTick?.(tick);
    const alive = tick < diesAt;
    network.deliver(tick, caller, alive ? answerer : null);
    carryAudio(caller, alive ? answerer : null);
    caller.tick();
    if (alive) answerer.tick();
  }
  caller.terminate();
  answerer.terminate();
  return tick;
}

/** 20 ms of wire between two machines on audio. */
function carryAudio(caller: Side, answerer: Side | null): void {
  if (caller.wire === null) return;
  const [fromCaller, fromAnswerer] = [new Int16Array(TICK_SAMPLES), new Int16Array(TICK_SAMPLES)];
  caller.wire.speak(fromCaller);
  answerer?.wire?.speak(fromAnswerer);
  caller.wire.hear(fromAnswerer);
  answerer?.wire?.hear(fromCaller);
}

/** Carries IFP packets with delay and loss; copies of one packet are lost apart, and come once. */
class Network {
  readonly #trial: FaxTrial;
  readonly #underWay: { at: number; to: 'caller' | 'answerer'; ifp: Uint8Array; sequence: number }[] = [];
  #tick = 0;

  constructor(trial: FaxTrial) {
    this.#trial = trial;
  }

  to(side: 'caller' | 'answerer'): (ifp: Uint8Array, copies: number) => void {
    let sequence = -1;
    return (ifp, copies) => {
      sequence = (sequence + 1) & 0xffff;
      const lost = Array.from({ length: copies }, () => this.#trial.lose?.(this.#tick) ?? false);
      if (lost.every((each) => each)) return;
      this.#underWay.push({ at: this.#tick + (this.#trial.delayTicks ?? 1), to: side, ifp, sequence });
    };
  }

  deliver(tick: number, caller: Side, answerer: Side | null): void {
    this.#tick = tick;
    for (let next = this.#underWay[0]; next !== undefined && next.at <= tick; next = this.#underWay[0]) {
      this.#underWay.shift();
      (next.to === 'caller' ? caller : answerer)?.packet(next.ifp, next.sequence);
    }
  }
}

function openSide(
  trial: FaxTrial,
  kind: FaxSide,
  onIfp: (ifp: Uint8Array, copies: number) => void,
  salt: number,
  options: FaxMachineOptions,
): Side {
  const version = trial.version ?? 0;
  if (kind === 'terminal') return terminalSide(must(T38Terminal.open({ ...options, version, onIfp })));
  const machine = must(FaxMachine.open(options));
  const noise = whiteNoise(trial.noiseDbm0, (trial.seed ?? 1) * 10 + salt);
  if (kind === 'audio') return audioSide(machine, noise);
  const gateway = must(
    T38Gateway.open({
      version,
      ecm: trial.gatewayEcm ?? options.ecm,
      modems: trial.gatewayModems ?? options.modems,
      onIfp,
      onControlFrame: (frame, incoming) => options.calling && trial.onRelayedFrame?.(frame, incoming),
    }),
  );
  return gatewaySide(machine, gateway, noise);
}

function terminalSide(terminal: T38Terminal): Side {
  return {
    wire: null,
    tick: () => terminal.tick(TICK_SAMPLES),
    packet: (ifp, sequence) => terminal.receiveIfp(ifp, sequence),
    figures: null,
    get end() {
      return terminal.end;
    },
    terminate: () => terminal.terminate(),
    close: () => terminal.close(),
  };
}

function audioSide(machine: FaxMachine, noise: (samples: Int16Array) => void): Side {
  return {
    wire: {
      hear(samples) {
        noise(samples);
        machine.receive(samples);
      },
      speak: (out) => machine.transmit(out),
    },
    tick: () => undefined,
    packet: () => undefined,
    figures: null,
    get end() {
      return machine.end;
    },
    terminate: () => machine.terminate(),
    close: () => machine.close(),
  };
}

function gatewaySide(machine: FaxMachine, gateway: T38Gateway, noise: (samples: Int16Array) => void): Side {
  const [up, down] = [new Int16Array(TICK_SAMPLES), new Int16Array(TICK_SAMPLES)];
  return {
    wire: null,
    tick() {
      machine.transmit(up);
      noise(up);
      gateway.hear(up);
      gateway.speak(down);
      noise(down);
      machine.receive(down);
    },
    packet: (ifp, sequence) => gateway.receiveIfp(ifp, sequence),
    get figures() {
      return gateway.figures;
    },
    get end() {
      return machine.end;
    },
    terminate: () => machine.terminate(),
    close() {
      machine.close();
      gateway.close();
    },
  };
}

/** Adds noise of nearly normal distribution: the sum of four uniform ones. */
function whiteNoise(dbm0: number | undefined, seed: number): (samples: Int16Array) => void {
  if (dbm0 === undefined) return () => undefined;
  const random = seededRandom(seed);
  const width = (peakOf(dbm0) / Math.SQRT2) * Math.sqrt(3);
  return (samples) => {
    for (let at = 0; at < samples.length; at += 1) {
      let sum = -2;
      for (let part = 0; part < 4; part += 1) sum += random.fraction();
      const noisy = Math.round((samples[at] ?? 0) + sum * width);
      samples[at] = Math.max(-32_768, Math.min(32_767, noisy));
    }
  };
}

/** The value, or the refusal as an exception. */
export function must<Value>(
  result:
    | { readonly ok: true; readonly value: Value }
    | { readonly ok: false; readonly error: { say: string } },
): Value {
  if (!result.ok) throw new Error(result.error.say);
  return result.value;
}
