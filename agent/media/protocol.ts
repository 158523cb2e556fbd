import type {
  BoardIdentity,
  LineImpedance,
  LineMeasurement,
  LinkCounters,
  PortFault,
} from '../../hal/board.ts';
import type { ToldLamps } from '../../hal/gpio/lamps.ts';
import type { LogLevel } from '../../lib/base/log-level.ts';
import type { FaxPath } from '../../lib/contract/facts.ts';
import type { CallerDisplay } from '../../lib/dsp/number-display/message.ts';
import type { SrtpKeys } from '../../lib/voice/srtp/suites.ts';

export type { CallerDisplay } from '../../lib/dsp/number-display/message.ts';

/**
 * What the agent and the media process say to each other over a unix socket: one JSON value a line, UTF-8.
 * The agent sends {@link MediaRequest}s, each answered by one {@link MediaReply} with the same `id`; the media process
 * sends {@link MediaEvent}s at any time. One agent at a time: a newer connection replaces the older one. The media
 * process keeps every attachment and RTP session when the agent goes away, so that a new agent can adopt them.
 */
export const MEDIA_PROTOCOL = 2;

/** Spoken guidance of the box: what each says stands in `guidance/README.md`. To the agent it is a tone like the others. */
export const GUIDES = [
  'guideAway',
  'guideNoEmergency',
  'guideEmergencyRefused',
  'guideRecordsFull',
  'guideCeiling',
] as const;
export type GuideName = (typeof GUIDES)[number];

/** Tones that a line can hear, as `lib/dsp/tone-plan.ts` defines them: mostly 400 Hz. */
export type ToneName =
  | GuideName
  | 'dial'
  | 'secondDial'
  | 'ringback'
  | 'busy'
  | 'congestion'
  | 'howler'
  | 'callWaiting'
  | 'confirmation'
  | 'refused'
  | 'hold'
  | 'reference';

/** Somebody in a conference. */
export type Party =
  | { readonly to: 'rtp'; readonly session: string }
  | { readonly to: 'line'; readonly port: number };

/** What a line's ear and microphone are joined to. */
export type Attachment =
  | { readonly to: 'silence' }
  | { readonly to: 'tone'; readonly tone: ToneName }
  | { readonly to: 'rtp'; readonly session: string }
  | { readonly to: 'line'; readonly port: number }
  /**
   * Everybody hears everybody else: this line and two or three parties. The other lines are joined by the same command. A
   * line that is joined to something else leaves, and so does a session that is closed, attached or bridged; whoever is
   * left goes on, sessions as long as a line is left.
   */
  | { readonly to: 'conference'; readonly with: readonly Party[] };

/** How a line is set up. Kept by the media process, and told to a board that comes back. */
export interface LineSettings {
  /** Towards the ear, dB, −12…+6. */
  readonly earDb: number;
  /** From the microphone, dB, −12…+6. */
  readonly microphoneDb: number;
  readonly impedance: LineImpedance;
  /** Line echo cancellation; switches itself off for fax and modems. */
  readonly echo: boolean;
}

/** What a technician has done to a line's sound, whatever the line is joined to. */
export type LineProbe =
  | { readonly play: 'tone'; readonly tone: ToneName }
  /** The ear hears its own microphone. */
  | { readonly play: 'loopback' };

export type MediaCommand =
  /** First command on a connection; answered by {@link MediaSnapshot}. */
  | { readonly type: 'hello'; readonly protocol: number }
  /**
   * Rings. With `display` the sequence of Number Display comes first, and only the lifting of the handset is told as
   * `hook`; with `forMs` the ringing ends by itself, unless another `ring` came since.
   */
  | {
      readonly type: 'ring';
      readonly port: number;
      readonly cadence: readonly number[];
      readonly display?: CallerDisplay | undefined;
      readonly forMs?: number | undefined;
    }
  | { readonly type: 'ringStop'; readonly port: number }
  | { readonly type: 'attach'; readonly port: number; readonly attachment: Attachment }
  /**
   * Plays a tone over what the line hears, into the ear only: the call-waiting tone in a call. Replaces the one before;
   * `null` ends it. Ends by itself after `forMs` (60 s unless told) and when the phone is hung up.
   */
  | {
      readonly type: 'overlay';
      readonly port: number;
      readonly tone: ToneName | null;
      readonly forMs?: number | undefined;
    }
  /** Plays a tone to the far end of a session that no line is joined to (hold), until `null`, an attach or a bridge. */
  | { readonly type: 'sessionTone'; readonly session: string; readonly tone: ToneName | null }
  /**
   * Joins two sessions without a line, after a transfer; both leave what they were joined to. Ends when one of them is
   * closed, attached, or bridged with another.
   */
  | { readonly type: 'bridge'; readonly session: string; readonly other: string }
  | { readonly type: 'lineSettings'; readonly port: number; readonly settings: LineSettings }
  /** Technician's tone or loopback, over anything else, for `forMs` at most; `null` ends it. */
  | {
      readonly type: 'probe';
      readonly port: number;
      readonly probe: LineProbe | null;
      readonly forMs?: number | undefined;
    }
  /** Records both directions of a line to a WAV file beside the socket; answered by {@link CaptureBegun}. */
  | {
      readonly type: 'capture';
      readonly port: number;
      readonly forMs: number;
      readonly law: 'pcm' | 'ulaw';
    }
  /** Ends a recording early; event `captured` follows. */
  | { readonly type: 'captureStop'; readonly port: number }
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
      /** Absent: plain RTP. The same keys again change nothing; others are a rekey. */
      readonly srtp?: SrtpKeys | undefined;
      /** RTCP on the port of RTP. Absent: one port higher, or where `rtcp` says. */
      readonly rtcpMux?: boolean | undefined;
      readonly rtcp?: { readonly host: string; readonly port: number } | undefined;
      /** Sound in a packet, 10 to 60 in steps of 10; absent: 20. */
      readonly ptimeMs?: number | undefined;
      /** Silence is sent as comfort noise. */
      readonly comfortNoise?: boolean | undefined;
      /**
       * The peer may send from another address than its description says, as long as that lies in this network: a phone behind
       * its own second interface. Absent: only the described address is heard.
       */
      readonly latch?: { readonly network: string; readonly prefix: number } | undefined;
    }
  /**
   * Presses keys at the far end (RFC 4733), one after the other; the sound of the session is held back meanwhile. Without
   * telephone-event at the far end they go as tones in the sound.
   */
  | {
      readonly type: 'dtmf';
      readonly session: string;
      /** `0`–`9`, `*`, `#`, `A`–`D`. */
      readonly digits: string;
      /** Of one press, 40 to 2000; absent: 100. */
      readonly durationMs?: number | undefined;
    }
  /** Answered by {@link RtpFigures}. */
  | { readonly type: 'rtpClose'; readonly session: string }
  | { readonly type: 'rtpFigures'; readonly session: string }
  /** Listens for fax and modem tones on a session, from the line and from the network; told as `faxTone`. */
  | { readonly type: 'faxWatch'; readonly session: string; readonly on: boolean }
  /** Silence in place of a session's sound, each way by itself (ITU-T V.8 must not begin where T.38 is wanted). */
  | {
      readonly type: 'faxMute';
      readonly session: string;
      readonly toNetwork: boolean;
      readonly toLine: boolean;
    }
  /**
   * The session speaks T.38 instead of RTP from now on, on the same UDP port: by the board's own gateway when it has one,
   * by ours otherwise. Again with the same parameters changes nothing; with another address only the address.
   */
  | ({ readonly type: 'faxOpen'; readonly session: string } & FaxParameters)
  /** The session's sound is left as it is, as modems need it: fixed buffer, filled gaps, no gain, no echo canceller. */
  | {
      readonly type: 'faxPassthrough';
      readonly session: string;
      /** Why it is not T.38, for the fax log. */
      readonly because: string;
    }
  /** Back to plain voice from T.38 or pass-through. Figures of the fax are kept until `rtpClose`. */
  | { readonly type: 'faxClose'; readonly session: string }
  | { readonly type: 'measure'; readonly port: number }
  /** Another level for the log for a while; null: as at the start. Answered by {@link LogLevelState}. */
  | {
      readonly type: 'logLevel';
      readonly set?: { readonly level: LogLevel | null; readonly forMs: number } | undefined;
    }
  /** Tells of datagrams and of the sound of lines from now on, as events `traced`; `perSecond` 0 and no sound: no more. */
  | { readonly type: 'trace'; readonly perSecond: number; readonly sound: boolean }
  /** What the lamps on the front are to show, as far as only the agent knows it. */
  | ({ readonly type: 'lamps' } & ToldLamps)
  /** Answered by {@link MediaFigures}. */
  | { readonly type: 'figures' };

/** How T.38 is spoken on a session: as answered, never as wished. */
export interface FaxParameters {
  /** Where UDPTL goes first; what comes from elsewhere is followed once it is valid. */
  readonly host: string;
  readonly port: number;
  /** T38FaxVersion. */
  readonly version: 0 | 1 | 2 | 3;
  /** How to protect what we send. */
  readonly errorCorrection: 'redundancy' | 'fec' | 'none';
  /** Earlier packets repeated in each, or span of parity. */
  readonly redundancy: number;
  /** Most bytes of a datagram that the peer takes (T38FaxMaxDatagram). */
  readonly maxDatagram: number;
  readonly ecm: boolean;
  readonly modems: 'v17' | 'v29' | 'v27ter';
  /** The call began as T.38: CNG and CED of the line are told as indicators, for nobody has heard them. */
  readonly tones?: boolean | undefined;
}

/** What a session carries. */
export type SessionMode = 'voice' | 'passthrough' | 't38';

/** What a machine says first (ITU-T T.30, V.8, V.25). */
export type FaxTone = 'cng' | 'ced' | 'ansam' | 'ansamPr' | 'ansPr' | 'v21Preamble' | 'callingTone';

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
  /** A recording is over and lies in `file`, which the reader deletes; `say` tells why there is none. */
  | {
      readonly event: 'captured';
      readonly port: number;
      readonly file: string | null;
      readonly recordedMs: number;
      readonly say: string;
    }
  /** No RTP has come for `silentMs` on a connected session. */
  | { readonly event: 'rtpSilent'; readonly session: string; readonly silentMs: number }
  /** A tone became certain on a watched session. */
  | {
      readonly event: 'faxTone';
      readonly session: string;
      readonly from: 'line' | 'network';
      readonly tone: FaxTone;
    }
  /** How the fax on a session stands: told when it changes, at most once a second. */
  | { readonly event: 'fax'; readonly session: string; readonly fax: FaxFigures }
  /** For `silentMs` neither machine of a T.38 session has said anything. Told every 10 s from 60 s on. */
  | { readonly event: 'faxSilent'; readonly session: string; readonly silentMs: number }
  /** What was asked for by `trace`, about ten times a second; `dropped` counts what is missing since the last one. */
  | {
      readonly event: 'traced';
      /** When it was told, by the clock that the times in it are of: it never jumps, and begins with the media process. */
      readonly sentMs: number;
      readonly datagrams: readonly TracedDatagram[];
      readonly sound: readonly TracedSound[];
      readonly dropped: number;
    }
  | { readonly event: 'warning'; readonly code: string; readonly say: string };

/** A datagram of a session, decrypted. */
export interface TracedDatagram {
  readonly session: string;
  readonly way: 'in' | 'out';
  readonly carries: 'rtp' | 'rtcp' | 'udptl';
  /** It is SRTP on the wire. */
  readonly decrypted?: true;
  /** Ms with a fraction, of the clock of `sentMs`. */
  readonly atMs: number;
  readonly local: { readonly host: string; readonly port: number };
  readonly remote: { readonly host: string; readonly port: number };
  /** base64. */
  readonly data: string;
}

/** What a line said and heard, µ-law at 8 kHz in base64; both are equally long. */
export interface TracedSound {
  readonly port: number;
  /** Of the first sample, in ms of the clock of `sentMs`. */
  readonly fromMs: number;
  readonly microphone: string;
  readonly ear: string;
}

export interface RtpOpened {
  readonly localPort: number;
}

export interface CaptureBegun {
  readonly file: string;
}

export interface RtpFigures {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly packetsLate: number;
  readonly jitterMs: number;
  readonly concealedMs: number;
  /** How it sounded here; absent when hardly anything came. */
  readonly quality?: CallQuality;
  /** Present when it was encrypted: with what, and how many datagrams were not genuine. */
  readonly srtp?: { readonly suite: string; readonly refused: number };
  /** Present when the session was a fax, or part of it. */
  readonly fax?: FaxFigures;
}

/** How a call sounded at this end of it, and what the far end told of the other direction (RTCP). */
export interface CallQuality {
  /** Estimated mean opinion score, 1 to 4.5, and the rating R behind it (ITU-T G.107). */
  readonly mos: number;
  readonly rating: number;
  readonly lossPercent: number;
  /** Came, but too late to be played. */
  readonly latePercent: number;
  /** RFC 3611: within bursts; 0 without any. */
  readonly burstDensityPercent: number;
  readonly burstMs: number;
  readonly jitterMostMs: number;
  /** What the jitter buffer adds; 0 where packets are passed on. */
  readonly bufferMs: number;
  /** Null until the far end has reported. */
  readonly roundTripMs: number | null;
  readonly remoteLossPercent: number | null;
  readonly remoteJitterMs: number | null;
}

/** A fax so far, or to its end. All figures of one session, whatever ways it took. */
export interface FaxFigures {
  readonly path: FaxPath;
  /** Why it went as sound, when it did; empty otherwise. */
  readonly because: string;
  readonly direction: 'sent' | 'received' | null;
  readonly remoteIdent: string | null;
  readonly localIdent: string | null;
  /** Pages that the receiver confirmed. */
  readonly pages: number;
  readonly bitRate: number | null;
  readonly ecm: boolean | null;
  /** Trainings that were refused (FTT). */
  readonly retrains: number;
  /** Whether the machines came to an end: `open` while they talk. */
  readonly ended: 'open' | 'confirmed' | 'disconnected';
  /** T.30 frames, as in {@link FaxFact}. */
  readonly trace: string;
  readonly packets: {
    readonly sent: number;
    readonly received: number;
    readonly recovered: number;
    readonly lost: number;
    /** Datagrams that were no UDPTL, RTP that came late from before the switch among them. */
    readonly malformed: number;
  } | null;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Since then, in ms of a clock that never jumps. */
  readonly durationMs: number;
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
    /** Absent: voice. */
    readonly mode?: SessionMode;
    /** The session that this one is joined to without a line. */
    readonly bridgedTo?: string;
    /** The phone was hung up at this time (epoch ms) and no agent closed the session: the call is to be ended with a record. */
    readonly hungUpAt?: number;
  }[];
}

export interface MediaFigures {
  readonly link: LinkCounters;
  readonly rssBytes: number;
  /** Of JavaScript, in use. */
  readonly heapBytes: number;
  /** From a board audio frame to the RTP packet that carries it. */
  readonly boardToRtpMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly sessions: number;
}
