import type { BoardIdentity, LineMeasurement, LinkCounters, PortFault } from '../../hal/board.ts';

/**
 * What the agent and the media process say to each other over a unix socket: one JSON value a line, UTF-8.
 * The agent sends {@link MediaRequest}s, each answered by one {@link MediaReply} with the same `id`; the media process
 * sends {@link MediaEvent}s at any time. One agent at a time: a newer connection replaces the older one. The media
 * process keeps every attachment and RTP session when the agent goes away, so that a new agent can adopt them.
 */
export const MEDIA_PROTOCOL = 1;

/** Tones of Japan's exchanges, 400 Hz. */
export type ToneName = 'dial' | 'secondDial' | 'ringback' | 'busy' | 'congestion' | 'howler';

/** What a line's ear and microphone are joined to. */
export type Attachment =
  | { readonly to: 'silence' }
  | { readonly to: 'tone'; readonly tone: ToneName }
  | { readonly to: 'rtp'; readonly session: string }
  | { readonly to: 'line'; readonly port: number };

export type MediaCommand =
  /** First command on a connection; answered by {@link MediaSnapshot}. */
  | { readonly type: 'hello'; readonly protocol: number }
  | { readonly type: 'ring'; readonly port: number; readonly cadence: readonly number[] }
  | { readonly type: 'ringStop'; readonly port: number }
  | { readonly type: 'attach'; readonly port: number; readonly attachment: Attachment }
  /** Opens an RTP socket on `localHost`; answered by {@link RtpOpened}. `note` comes back in the snapshot. */
  | { readonly type: 'rtpOpen'; readonly session: string; readonly localHost: string; readonly note: string }
  /** Tells where to send, once the peer's SDP is known. `ptimeMs` is 20. */
  | {
      readonly type: 'rtpConnect';
      readonly session: string;
      readonly host: string;
      readonly port: number;
      readonly payloadType: number;
      readonly dtmfPayloadType: number | null;
    }
  /** Answered by {@link RtpFigures}. */
  | { readonly type: 'rtpClose'; readonly session: string }
  | { readonly type: 'rtpFigures'; readonly session: string }
  | { readonly type: 'measure'; readonly port: number }
  /** Answered by {@link MediaFigures}. */
  | { readonly type: 'figures' };

export type MediaRequest = MediaCommand & { readonly id: number };

export type MediaReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly say: string };

export type MediaEvent =
  | { readonly event: 'board'; readonly up: true; readonly board: BoardIdentity }
  | { readonly event: 'board'; readonly up: false; readonly code: string; readonly say: string }
  | { readonly event: 'hook'; readonly port: number; readonly offHook: boolean }
  | { readonly event: 'flash'; readonly port: number; readonly durationMs: number }
  | {
      readonly event: 'digit';
      readonly port: number;
      readonly digit: string;
      readonly by: 'dtmf' | 'pulse' | 'rtp';
    }
  | { readonly event: 'fault'; readonly port: number; readonly fault: PortFault; readonly present: boolean }
  | { readonly event: 'measured'; readonly port: number; readonly result: LineMeasurement }
  /** No RTP has come for `silentMs` on a connected session. */
  | { readonly event: 'rtpSilent'; readonly session: string; readonly silentMs: number }
  | { readonly event: 'warning'; readonly code: string; readonly say: string };

export interface RtpOpened {
  readonly localPort: number;
}

export interface RtpFigures {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly packetsLate: number;
  readonly jitterMs: number;
  readonly concealedMs: number;
}

export interface LineSnapshot {
  readonly port: number;
  readonly offHook: boolean;
  readonly ringing: boolean;
  readonly attachment: Attachment;
}

export interface MediaSnapshot {
  readonly protocol: number;
  readonly startedAt: number;
  readonly board: BoardIdentity | null;
  readonly boardDown: { readonly code: string; readonly say: string } | null;
  readonly lines: readonly LineSnapshot[];
  readonly sessions: readonly {
    readonly session: string;
    readonly note: string;
    readonly localPort: number;
    readonly connected: boolean;
    /** The phone was hung up at this time (epoch ms) and no agent closed the session: the call is to be ended with a record. */
    readonly hungUpAt?: number;
  }[];
}

export interface MediaFigures {
  readonly link: LinkCounters;
  readonly rssBytes: number;
  /** From a board audio frame to the RTP packet that carries it. */
  readonly boardToRtpMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly sessions: number;
}
