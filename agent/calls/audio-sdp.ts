import type { SrtpKeys } from '../../lib/voice/srtp/suites.ts';

/** Where the far end wants its audio, from its session description. */
export interface RemoteAudio {
  readonly host: string;
  readonly port: number;
  /** 0: G.711 µ-law, the one codec of the trunk. */
  readonly payloadType: number;
  /** Payload type of telephone-event (RFC 4733), null when the far end has none. */
  readonly dtmfPayloadType: number | null;
  /** Keys both ways (RFC 4568); absent: plain RTP. */
  readonly srtp?: SrtpKeys | undefined;
  /** RTCP on the port of the sound; absent: one higher, or where `rtcp` says. */
  readonly rtcpMux?: true | undefined;
  readonly rtcp?: { readonly host: string; readonly port: number } | undefined;
  /** Of a packet; absent: 20. */
  readonly ptimeMs?: number | undefined;
  /** Silence is told of and not sent (RFC 3389), both ways. */
  readonly comfortNoise?: true | undefined;
}

/** An offer of the far end, answered. */
export interface AnsweredAudio {
  readonly sdp: string;
  readonly remote: RemoteAudio;
  /** The far end sends nothing for now (RFC 3264 §8.4): its silence is meant. */
  readonly held: boolean;
}

/** Session descriptions of a call with one audio stream: G.711 µ-law, 20 ms, telephone-event. */
export interface AudioSdp {
  /** `version` grows with every description of one session (RFC 8866 §5.2). */
  offer(host: string, port: number, version: number): string;
  /**
   * An offer of audio inside a call. `held` tells the far end that it is on hold: we send, and take nothing. Media of
   * `before`, its last description, keep their places (RFC 3264 §8).
   */
  reoffer(host: string, port: number, version: number, held: boolean, before: string | null): string;
  /** Undefined when the answer has no audio that we speak. `port` is that of our offer, whose keys are looked up by it. */
  readAnswer(sdp: string, port: number): RemoteAudio | undefined;
  /** Undefined when the offer has no audio that we speak. */
  answer(offer: string, host: string, port: number, version: number): AnsweredAudio | undefined;
}
