import type { LineImpedance } from '../board.ts';
import type { BoardLink } from './board-link.ts';
import type { SimPort } from './sim-port.ts';

/** State of one port for people and tests. */
export interface SimPortState {
  readonly port: number;
  readonly offHook: boolean;
  readonly ringing: boolean;
  readonly audio: boolean;
  readonly power: boolean;
  readonly reversed: boolean;
  readonly playoutUnderruns: number;
  readonly playoutDropped: number;
  readonly callerIdBytes: number;
  readonly impedance: LineImpedance;
  /** The board's own T.38 processor has the line. */
  readonly faxMode: boolean;
}

/** State of the whole board. */
export interface SimBoardState {
  readonly powered: boolean;
  readonly session: boolean;
  readonly tick: number;
  readonly slips: number;
  /** How long the world stood still in all, because the box was late. No board could do that. */
  readonly waitedMs: number;
  readonly counters: BoardLink['counters'];
  readonly ports: readonly SimPortState[];
}

/** How a port is now. */
export function stateOfPort(port: SimPort): SimPortState {
  return {
    port: port.port,
    offHook: port.offHook,
    ringing: port.ringing,
    audio: port.audio,
    power: port.power,
    reversed: port.reversed,
    playoutUnderruns: port.playout.underruns,
    playoutDropped: port.playout.dropped,
    callerIdBytes: port.callerId?.length ?? 0,
    impedance: port.impedance,
    faxMode: port.faxMode,
  };
}
