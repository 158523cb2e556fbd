import { BOARD_FRAME_SAMPLES } from '../../hal/board.ts';
import type { PortNumber } from '../../lib/base/ids.ts';
import { DtmfReceiver } from '../../lib/dsp/dtmf-receiver.ts';
import { ULAW_SILENCE, ulawDecodeBlock, ulawEncodeBlock } from '../../lib/dsp/g711.ts';
import { JAPAN_TONES } from '../../lib/dsp/tone-plan.ts';
import { TonePlayer } from '../../lib/dsp/tone-player.ts';
import { Concealer } from '../../lib/voice/rtp/concealment.ts';
import { GuidancePlayer, isGuide, type Player } from './guidance/guidance.ts';
import { type Keyed, KeyWatch } from './key-watch.ts';
import type { LineCapture } from './line-capture.ts';
import type { Conference } from './line-conference.ts';
import { EchoGuard } from './line-echo.ts';
import type { Attachment, LineProbe, LineSnapshot, ToneName } from './protocol.ts';
import type { RtpSession } from './rtp-session.ts';

/** What a line is joined to, with what is needed to make the sound. */
export type Joined =
  | { readonly to: 'silence' }
  | { readonly to: 'tone'; readonly player: Player }
  | { readonly to: 'rtp'; readonly rtp: RtpSession }
  | { readonly to: 'line'; readonly other: Line }
  | { readonly to: 'conference'; readonly conference: Conference };

/** A technician's doing, instead of what the line is joined to. */
type Probing = { readonly play: 'tone'; readonly player: Player } | { readonly play: 'loopback' };

/** What a far end is told of keys. */
export type HearKeys = (session: RtpSession, keyed: Keyed) => void;

const NOBODY: readonly RtpSession[] = [];

/** One port of the board: its hook, its ringing, its ear and its microphone. */
export class Line {
  readonly port: PortNumber;
  readonly #linear = new Int16Array(BOARD_FRAME_SAMPLES);
  readonly #heard = new Int16Array(BOARD_FRAME_SAMPLES);
  readonly #over = new Int16Array(BOARD_FRAME_SAMPLES);
  readonly #ear = new Uint8Array(BOARD_FRAME_SAMPLES);
  #echoOn = false;
  #echo: EchoGuard | undefined;
  #microphone: Uint8Array = new Uint8Array(BOARD_FRAME_SAMPLES).fill(ULAW_SILENCE);
  #concealer = new Concealer();
  #dtmf: DtmfReceiver | undefined;
  #keys = new KeyWatch();
  #attachment: Attachment = { to: 'silence' };
  #joined: Joined = { to: 'silence' };
  #overlay: Player | undefined;
  #probe: Probing | undefined;
  #offHook = false;
  ringing = false;
  /** Listens to both directions while it is there. */
  capture: LineCapture | undefined;

  constructor(port: PortNumber) {
    this.port = port;
  }

  get offHook(): boolean {
    return this.#offHook;
  }

  get attachment(): Attachment {
    return this.#attachment;
  }

  get joined(): Joined {
    return this.#joined;
  }

  get snapshot(): LineSnapshot {
    return {
      port: this.port,
      offHook: this.#offHook,
      ringing: this.ringing,
      attachment: this.#attachment,
    };
  }

  /** Whether the line's echo is taken out of what it says, as long as no fax or modem is heard. */
  set echo(on: boolean) {
    this.#echoOn = on;
    this.#setEcho();
  }

  /** The last 10 ms of the microphone, linear. Used again for the next frame. */
  get spoken(): Int16Array {
    return this.#linear;
  }

  /** Digits are listened for while the phone is off hook, each time from the beginning. */
  setHook(offHook: boolean): void {
    this.#offHook = offHook;
    this.#dtmf?.close();
    this.#dtmf = undefined;
    this.#keys = new KeyWatch();
    this.#concealer = new Concealer();
    this.#microphone.fill(ULAW_SILENCE);
    this.#linear.fill(0);
    this.#overlay = undefined;
    this.#echo?.close();
    this.#echo = undefined;
    this.#setEcho();
    if (!offHook) return;
    const opened = DtmfReceiver.open();
    if (opened.ok) this.#dtmf = opened.value;
  }

  /** Joins the line to something else; what it was joined to is let go. */
  join(attachment: Attachment, joined: Joined): void {
    const before = this.#joined;
    if (before.to === 'rtp') before.rtp.attach(false);
    if (
      before.to === 'conference' &&
      !(joined.to === 'conference' && joined.conference === before.conference)
    ) {
      before.conference.removeLine(this);
    }
    this.#attachment = attachment;
    this.#joined = joined;
    if (joined.to === 'rtp') joined.rtp.attach(true);
    if (joined.to === 'conference') joined.conference.addLine(this);
  }

  /** A tone over what the ear hears, or none. */
  overlay(tone: ToneName | null): void {
    this.#overlay = tone === null ? undefined : tonePlayer(tone);
  }

  /** A technician's tone or loopback, or none. */
  probe(probe: LineProbe | null): void {
    if (probe === null) this.#probe = undefined;
    else this.#probe = probe.play === 'tone' ? { play: 'tone', player: tonePlayer(probe.tone) } : probe;
  }

  /**
   * Takes 10 ms of the microphone; answers the digits that were found. `lost` tells that they did not arrive. What the keys do
   * is told to `heard` for every far end that takes keys beside the sound; their tones are then kept from it.
   */
  hearMicrophone(ulaw: Uint8Array | 'lost', nowMs: number, heard: HearKeys): string {
    if (ulaw === 'lost') {
      this.#concealer.lost(this.#linear);
      this.#microphone = ulawEncodeBlock(this.#linear);
    } else {
      const patched = this.#concealer.concealing;
      ulawDecodeBlock(ulaw, this.#linear);
      this.#concealer.good(this.#linear);
      this.#microphone = patched ? ulawEncodeBlock(this.#linear) : Uint8Array.from(ulaw);
    }
    const digits = this.#hearKeys(heard);
    if (this.#echo?.cancel(this.#linear) === true) ulawEncodeBlock(this.#linear, this.#microphone);
    if (this.#joined.to === 'rtp') this.#joined.rtp.speak(this.#microphone, nowMs, ulaw === 'lost');
    return digits;
  }

  #hearKeys(heard: HearKeys): string {
    const digits = this.#dtmf?.push(this.#linear) ?? '';
    const sessions = this.#farEnds();
    // The key of a far end that is played to the phone comes back from the line: nobody here has pressed it.
    const own = !sessions.some(({ playsKey }) => playsKey);
    const keyed = this.#keys.step(own ? this.#dtmf?.sounding : undefined);
    const beside = sessions.some(({ takesKeys }) => takesKeys);
    if (beside) {
      for (const session of sessions) heard(session, keyed);
      if (keyed.keep) {
        this.#linear.fill(0);
        this.#microphone.fill(ULAW_SILENCE);
      }
    }
    return own ? digits : '';
  }

  #farEnds(): readonly RtpSession[] {
    if (this.#joined.to === 'rtp') return [this.#joined.rtp];
    return this.#joined.to === 'conference' ? this.#joined.conference.sessions : NOBODY;
  }

  #setEcho(): void {
    if (this.#echoOn && this.#offHook) this.#echo ??= EchoGuard.open();
    else {
      this.#echo?.close();
      this.#echo = undefined;
    }
  }

  /** The last 10 ms that it said. */
  get microphone(): Uint8Array {
    return this.#microphone;
  }

  /** The next 10 ms for the ear. The array is used again for the next frame. */
  nextEar(): Uint8Array {
    const ear = this.#probed() ?? this.#overlaid(this.#joinedEar());
    this.#echo?.sent(ear);
    this.capture?.push(this.#microphone, ear);
    return ear;
  }

  #joinedEar(): Uint8Array {
    const joined = this.#joined;
    switch (joined.to) {
      case 'silence':
        return this.#ear.fill(ULAW_SILENCE);
      case 'tone':
        joined.player.fill(this.#heard);
        return ulawEncodeBlock(this.#heard, this.#ear);
      case 'rtp':
        joined.rtp.listen(this.#heard);
        return ulawEncodeBlock(this.#heard, this.#ear);
      case 'line':
        this.#ear.set(joined.other.#microphone);
        return this.#ear;
      case 'conference':
        return ulawEncodeBlock(joined.conference.earOf(this), this.#ear);
    }
  }

  #overlaid(ear: Uint8Array): Uint8Array {
    if (this.#overlay === undefined) return ear;
    this.#overlay.fill(this.#over);
    ulawDecodeBlock(ear, this.#heard);
    for (let index = 0; index < BOARD_FRAME_SAMPLES; index++) {
      const both = (this.#heard[index] ?? 0) + (this.#over[index] ?? 0);
      this.#heard[index] = Math.max(-32_768, Math.min(32_767, both));
    }
    return ulawEncodeBlock(this.#heard, ear);
  }

  /** What the line is joined to is asked all the same, so that its sound does not pile up. */
  #probed(): Uint8Array | undefined {
    const probe = this.#probe;
    if (probe === undefined) return undefined;
    this.#joinedEar();
    if (probe.play === 'loopback') {
      this.#ear.set(this.#microphone);
      return this.#ear;
    }
    probe.player.fill(this.#heard);
    return ulawEncodeBlock(this.#heard, this.#ear);
  }

  /** Frees native memory. */
  close(): void {
    this.#dtmf?.close();
    this.#dtmf = undefined;
    this.#echo?.close();
    this.#echo = undefined;
  }
}

/** A tone from its beginning, or spoken guidance. */
export function tonePlayer(tone: ToneName): Player {
  return isGuide(tone) ? new GuidancePlayer(tone) : new TonePlayer(JAPAN_TONES[tone]);
}
