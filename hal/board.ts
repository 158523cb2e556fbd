import type { PortNumber } from '../lib/base/ids.ts';

/** Samples of one channel in one audio frame: 10 ms at 8 kHz, one µ-law byte each. */
export const BOARD_FRAME_SAMPLES = 80;
/** Length of an audio frame in ms. */
export const BOARD_FRAME_MS = 10;

/** What the board said of itself in HELLO. */
export interface BoardIdentity {
  readonly protocol: { readonly major: number; readonly minor: number };
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  readonly ports: number;
  readonly bootReason: 'powerOn' | 'reset' | 'watchdog' | 'brownOut' | 'software';
  readonly capabilities: readonly BoardCapability[];
  /** Free bytes of the board's receive buffer at start, and its largest frame. */
  readonly limits: { readonly receiveBytes: number; readonly frameBytes: number };
}

/** What a board can do beyond the minimum. */
export type BoardCapability = 'pcm' | 't38' | 'gr909' | 'callerIdAudio' | 'polarity';

/** What happens at the board. `tick` is the board's clock in 8 kHz units. */
export type BoardEvent =
  | { readonly type: 'up'; readonly board: BoardIdentity }
  /** The board fell silent, vanished or restarted; every port is to be taken as on hook. */
  | { readonly type: 'down'; readonly code: BoardDownCode; readonly say: string }
  | { readonly type: 'hook'; readonly port: PortNumber; readonly offHook: boolean; readonly tick: number }
  /** Loop closed while ringing: the phone was answered. */
  | { readonly type: 'ringTrip'; readonly port: PortNumber; readonly tick: number }
  | { readonly type: 'flash'; readonly port: PortNumber; readonly durationMs: number; readonly tick: number }
  /** One digit by dial pulses (ten pulses are 0). */
  | { readonly type: 'pulseDigit'; readonly port: PortNumber; readonly digit: string; readonly tick: number }
  | {
      readonly type: 'fault';
      readonly port: PortNumber;
      readonly fault: PortFault;
      readonly present: boolean;
    }
  | {
      readonly type: 'measured';
      readonly port: PortNumber;
      readonly request: number;
      readonly result: LineMeasurement;
    }
  /** An IFP packet that the board's own gateway made of the fax machine's audio (ITU-T T.38). */
  | {
      readonly type: 't38';
      readonly port: PortNumber;
      /** Counts this port's packets since fax mode began, from 0, modulo 2¹⁶. */
      readonly sequence: number;
      /** How often the packet is to go onto the network: more than once where nothing follows that could repair it. */
      readonly copies: number;
      readonly ifp: Uint8Array;
    }
  /** A T.30 control frame that passed the board's gateway, HDLC address first, without its check bytes; for the fax log. */
  | {
      readonly type: 'faxFrame';
      readonly port: PortNumber;
      /** True for a frame that came from the network, false for one of the machine on the port. */
      readonly incoming: boolean;
      readonly frame: Uint8Array;
    }
  /** How the fax stands at the board's gateway, whenever it changes. */
  | {
      readonly type: 'faxFigures';
      readonly port: PortNumber;
      readonly bitRate: number;
      readonly ecm: boolean;
      readonly pages: number;
    }
  | { readonly type: 'warning'; readonly code: string; readonly say: string };

export type BoardDownCode =
  | 'board.absent'
  | 'board.silent'
  | 'board.restarted'
  | 'board.protocol'
  | 'board.closed';

export type PortFault = 'overCurrent' | 'overTemperature' | 'foreignVoltage' | 'powerFail';

/** GR-909 style measurements; a value that could not be taken is null with the reason in `skipped`. */
export interface LineMeasurement {
  readonly hazardousAcVrms: number | null;
  readonly hazardousDcV: number | null;
  readonly foreignAcVrms: number | null;
  readonly foreignDcV: number | null;
  readonly leakageKohm: number | null;
  readonly receiverOffHook: boolean;
  /** Ringer equivalence in hundredths (REN 1.00 = 100). */
  readonly renHundredths: number | null;
  readonly loopCurrentMa: number | null;
  readonly skipped: readonly string[];
}

/** What the board shows the line: `japan` is 600 Ω with 1 µF in series. */
export type LineImpedance = 'japan' | '600' | '900';

/** On and off times of ringing in ms, repeated. Japan: 1,000 on, 2,000 off. */
export type RingCadence = readonly number[];

/**
 * How a board's own gateway speaks T.38: as the two ends have agreed, never as the board would like. Only for boards with
 * the capability `t38`.
 */
export interface FaxModeSettings {
  readonly version: 0 | 1 | 2 | 3;
  readonly ecm: boolean;
  /** Fastest modem that the gateway lets the two machines agree upon. */
  readonly modems: 'v17' | 'v29' | 'v27ter';
  /** The call began as T.38: the gateway finds CNG and CED on the line and tells them as indicators. */
  readonly tones?: boolean;
}

/** What the box tells a port to do. */
export type PortCommand =
  | { readonly type: 'ring'; readonly cadence: RingCadence }
  | { readonly type: 'ringStop' }
  | { readonly type: 'polarity'; readonly reversed: boolean }
  | { readonly type: 'power'; readonly on: boolean }
  | { readonly type: 'gain'; readonly receiveCentibels: number; readonly transmitCentibels: number }
  | { readonly type: 'impedance'; readonly preset: LineImpedance }
  | { readonly type: 'callerId'; readonly ulaw: Uint8Array }
  /**
   * `leadMs`: sound that the board keeps in hand before it plays on, 0 to 2,550, in steps of 10; absent: its own 30. Modems
   * need more: they do not forgive a gap, and the box may be late. The same again changes nothing.
   */
  | { readonly type: 'audio'; readonly on: boolean; readonly leadMs?: number }
  | { readonly type: 'measure'; readonly request: number }
  /**
   * The port's audio goes through the board's T.38 gateway from now on: `t38` events and commands carry the fax, AUDIO of
   * the port is silence both ways. Off, and likewise the machine on hook or a new session, gives the port its audio back.
   * The same settings again change nothing; other settings begin anew. A board without `t38` refuses it as not fitted.
   */
  | ({ readonly type: 'faxMode'; readonly on: true } & FaxModeSettings)
  | { readonly type: 'faxMode'; readonly on: false }
  /** An IFP packet from the network, with the number that it had there; only in fax mode. */
  | { readonly type: 't38'; readonly sequence: number; readonly ifp: Uint8Array };

/** Counters of the link, since start. */
export interface LinkCounters {
  framesReceived: number;
  framesSent: number;
  bytesReceived: number;
  bytesSent: number;
  crcErrors: number;
  framingErrors: number;
  oversize: number;
  controlRetransmits: number;
  controlDuplicates: number;
  audioGaps: number;
  audioDroppedForCredit: number;
  controlDroppedQueueFull: number;
  restarts: number;
}

/** 10 ms of one port. `ulaw` has {@link BOARD_FRAME_SAMPLES} bytes. */
export interface PortAudio {
  readonly port: PortNumber;
  readonly ulaw: Uint8Array;
}

/**
 * The board as the media process sees it. Implemented by the driver over `serialport`, and by a fake in tests.
 * Audio is pulled by the board's clock: each received frame is answered with one frame.
 */
export interface FxsBoard {
  start(): void;
  stop(): Promise<void>;
  /** Commands are idempotent, acknowledged and retransmitted; false when the queue is full (counted). */
  command(port: PortNumber, command: PortCommand): boolean;
  /** Sends 10 ms for each port in `frames`; dropped and counted when the board has no credit. */
  sendAudio(frames: readonly PortAudio[]): void;
  onEvent(listener: (event: BoardEvent) => void): void;
  /** Called once per 10 ms of the board's clock while any port has audio on. `lostFrames` ≥ 0 came missing before this one. */
  onAudio(listener: (frames: readonly PortAudio[], tick: number, lostFrames: number) => void): void;
  readonly counters: Readonly<LinkCounters>;
  readonly identity: BoardIdentity | undefined;
}
