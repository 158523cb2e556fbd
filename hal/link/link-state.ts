import type { LinkCounters } from '../board.ts';
import type { Frame } from './frame.ts';
import type { Heartbeat } from './link-messages.ts';

/** Control frames that may be under way unacknowledged. */
export const WINDOW_FRAMES = 16;
/** Control frames that may wait for the window or for credit. */
export const QUEUE_FRAMES = 64;
/** After this long without acknowledgement a control frame is sent again. */
export const RETRANSMIT_MS = 50;
/** So often is one control frame sent again before the link is called lost: one second. */
export const RETRANSMIT_LIMIT = 20;
/** A HEARTBEAT goes out this often, whatever else does. */
export const HEARTBEAT_MS = 250;
/** No good frame for this long: the link is lost. */
export const SILENCE_MS = 1_500;
/** Credit that audio leaves untouched, so that a command never waits behind audio. */
export const CONTROL_RESERVE_BYTES = 256;

/** What one end wants to send in the control class. */
export interface Outgoing {
  readonly type: number;
  readonly channel: number;
  readonly tick: number;
  readonly payload: Uint8Array;
}

/** A control frame that was sent and is not yet acknowledged. */
export interface Unacked extends Outgoing {
  readonly seq: number;
  readonly sentAtMs: number;
  readonly retries: number;
  /** The other end has it, though not all before it. */
  readonly early: boolean;
}

/** Flow control by credit, both ways. All byte counts are of this session, modulo 2³². */
export interface CreditState {
  readonly sentBytes: number;
  readonly peerReceivedBytes: number;
  readonly peerFreeBytes: number;
  readonly receivedBytes: number;
  readonly advertisedBytes: number;
}

/** Everything one end of the link knows, from the HELLO exchange until the link is lost. */
export interface LinkState {
  /** Bytes of our own receive buffer, as we advertise them. */
  readonly receiveBytes: number;
  readonly startedAtMs: number;
  readonly nextSeq: number;
  readonly unacked: readonly Unacked[];
  readonly waiting: readonly Outgoing[];
  readonly expectedSeq: number;
  readonly early: readonly Frame[];
  readonly ackOwed: boolean;
  readonly credit: CreditState;
  readonly nextAudioSeq: number;
  readonly expectedAudioSeq: number | undefined;
  readonly heartbeatAtMs: number;
  readonly heardAtMs: number;
  readonly lost: boolean;
  /** The other end's last HEARTBEAT: how it hears us. */
  readonly peer: Heartbeat | undefined;
  readonly counters: Readonly<LinkCounters>;
}

export type LinkInput =
  | { readonly type: 'frame'; readonly frame: Frame; readonly wireBytes: number }
  | { readonly type: 'bad'; readonly fault: 'cobs' | 'short' | 'length' | 'crc' | 'oversize' }
  | { readonly type: 'control'; readonly message: Outgoing }
  | { readonly type: 'audio'; readonly payload: Uint8Array; readonly tick: number }
  /** The audio could not be written because the device is behind: dropped and counted. */
  | { readonly type: 'audioRefused' }
  /** Everything that had arrived was taken: acknowledge and give credit now, unless another frame did. */
  | { readonly type: 'flush'; readonly tick: number }
  | { readonly type: 'timer'; readonly tick: number };

export type LinkEffect =
  | { readonly do: 'send'; readonly bytes: Buffer }
  /** A control frame in order, once; or a frame of another class that is not the link's own. */
  | { readonly do: 'deliver'; readonly frame: Frame; readonly lostAudioFrames: number }
  | { readonly do: 'refuseQueueFull'; readonly message: Outgoing }
  | { readonly do: 'lost'; readonly why: 'silent' | 'unacknowledged' };

export interface LinkStep {
  readonly state: LinkState;
  readonly effects: readonly LinkEffect[];
}

/** Counters at zero. */
export function zeroCounters(): LinkCounters {
  return {
    framesReceived: 0,
    framesSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    crcErrors: 0,
    framingErrors: 0,
    oversize: 0,
    controlRetransmits: 0,
    controlDuplicates: 0,
    audioGaps: 0,
    audioDroppedForCredit: 0,
    controlDroppedQueueFull: 0,
    restarts: 0,
  };
}

/** What is known when HELLO has been exchanged. Counters go on from `counters`. */
export interface LinkStart {
  readonly nowMs: number;
  readonly receiveBytes: number;
  readonly peerReceiveBytes: number;
  readonly counters: Readonly<LinkCounters>;
}

/** A fresh session: numbers from 0, full credit. */
export function startLink(start: LinkStart): LinkState {
  return {
    receiveBytes: start.receiveBytes,
    startedAtMs: start.nowMs,
    nextSeq: 0,
    unacked: [],
    waiting: [],
    expectedSeq: 0,
    early: [],
    ackOwed: false,
    credit: {
      sentBytes: 0,
      peerReceivedBytes: 0,
      peerFreeBytes: start.peerReceiveBytes,
      receivedBytes: 0,
      advertisedBytes: 0,
    },
    nextAudioSeq: 0,
    expectedAudioSeq: undefined,
    heartbeatAtMs: start.nowMs,
    heardAtMs: start.nowMs,
    lost: false,
    peer: undefined,
    counters: start.counters,
  };
}
