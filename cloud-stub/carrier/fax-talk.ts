import { makeResponse, type SipRequestMessage, type SipResponseMessage } from 'sip';
import type { Timer } from '../../lib/base/clock.ts';
import type { T38Version } from '../../lib/dsp/fax/fax-options.ts';
import {
  audioAddress,
  type Dialog,
  describeAudio,
  type FaxDescribed,
  FaxStation,
  type FaxToDescribe,
  mirrored,
  readFaxDescription,
  requestInside,
  type VoiceLine,
  writeFaxDescription,
} from '../foreign/index.ts';
import type { FaxHabits, FaxOutcome } from './fax-habits.ts';
import type { PartyContext } from './party.ts';

/** What a fax is to do in a call, and whom it tells. */
export interface FaxTalkOptions {
  readonly context: PartyContext;
  readonly dialog: Dialog;
  readonly voice: VoiceLine;
  readonly habits: FaxHabits;
  /** Sends, in a call of its own; or receives, in a call that it answers. */
  readonly direction: 'send' | 'receive';
  readonly file: string;
  /** Pages in the file, when it sends. */
  readonly pages?: number;
  /** Who answered the call, and so who offers T.38. */
  readonly answered: boolean;
  nextSdpVersion(): number;
  /** Answers a re-INVITE with 200. */
  accept(request: SipRequestMessage, sdp: string): void;
  /** BYE. */
  hangUp(): void;
  done(outcome: FaxOutcome): void;
}

/** The machine that answered offers T.38 so long after the answer: as soon as it would know a fax by its V.21. */
const OFFER_AFTER_MS = 1_000;
/** The last signals leave before the way back to audio and the BYE. */
const LINGER_MS = 1_500;
/** The answer to the way back to audio is not waited for longer. */
const BACK_LIMIT_MS = 3_000;
/** After 491 (RFC 3261 §14.1): the owner of the Call-ID 2.1 to 4 s, the other up to 2 s. */
const GLARE_OWNER_MS = { from: 2_100, to: 4_000 };
const GLARE_OTHER_MS = { from: 0, to: 2_000 };

/** A fax in a call of the simulated network: its machine, and what is said about T.38 in the dialog (T.38 Annex D). */
export class FaxTalk {
  readonly #options: FaxTalkOptions;
  readonly #station: FaxStation;
  #timers: Timer[] = [];
  /** Our own re-INVITE that waits for its answer. */
  #offering = false;
  #ignored: SipRequestMessage | undefined;
  #onFax = false;
  #vanished = false;
  #closed = false;

  constructor(options: FaxTalkOptions) {
    this.#options = options;
    const { habits, direction, file, voice, answered, pages } = options;
    this.#station = new FaxStation(voice, {
      calling: direction === 'send',
      ident: habits.ident,
      ecm: habits.ecm,
      modems: habits.modems,
      redundancy: habits.redundancy,
      ...(pages === undefined ? {} : { pagesToSend: pages }),
      ...(direction === 'send' ? { sendFile: file } : { receiveFile: file }),
      onEnd: ({ code: _code, ...end }, path) => {
        options.done({ direction, path, file, ...end });
        this.#after(LINGER_MS, 'carrier fax is over', () => this.#leave());
      },
    });
    if (answered && habits.offers !== 'none') {
      this.#after(OFFER_AFTER_MS, 'carrier fax offers T.38', () => this.#offer());
    }
    if (habits.vanishAfterMs !== null) {
      this.#after(habits.vanishAfterMs, 'carrier fax vanishes', () => {
        this.#vanished = true;
        this.#station.fallSilent();
      });
    }
  }

  /** The far end is gone without a word: nothing is to be answered any more. */
  get vanished(): boolean {
    return this.#vanished;
  }

  /** A re-INVITE of the other side. */
  onInvite(request: SipRequestMessage): void {
    const { context, habits } = this.#options;
    if (this.#offering) {
      context.send(makeResponse(request, 491, 'Request Pending'));
      return;
    }
    const fax = readFaxDescription(request.content);
    if (fax === undefined) this.#audioAgain(request);
    else if (habits.t38 === 'ignore') this.#ignored = request;
    else if (habits.t38 === 'refuse') {
      if (fax.audioToo) this.#audioAgain(request);
      else context.send(makeResponse(request, 488, 'Not Acceptable Here'));
    } else this.#answerFax(request, fax, habits.t38 === 'accept');
  }

  /** The other side takes back a re-INVITE that was never answered. */
  onCancel(): void {
    if (this.#ignored === undefined) return;
    this.#options.context.send(makeResponse(this.#ignored, 487, 'Request Terminated'));
    this.#ignored = undefined;
  }

  /** The call is over. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#station.close();
  }

  #answerFax(request: SipRequestMessage, fax: FaxDescribed, takes: boolean): void {
    const { habits, accept } = this.#options;
    const version = lower(fax.version, habits.version);
    let seen = false;
    const media = fax.media.map((line): FaxToDescribe['media'][number] => {
      if (line !== 'image') return line === 'audio' ? 'noAudio' : 'noOther';
      const first = !seen;
      seen = true;
      return takes && first ? 'fax' : 'noFax';
    });
    accept(request, this.#describe(version, media));
    if (takes) this.#toFax({ ...fax, version });
  }

  #audioAgain(request: SipRequestMessage): void {
    const { context, voice, accept, nextSdpVersion } = this.#options;
    const offer = audioAddress(request.content);
    if (offer === undefined) {
      context.send(makeResponse(request, 488, 'Not Acceptable Here'));
      return;
    }
    this.#onFax = false;
    this.#station.toAudio(offer.host, offer.port);
    accept(request, describeAudio(context.host, voice.port, nextSdpVersion(), mirrored(offer.direction)));
  }

  #offer(again = false): void {
    const { habits } = this.#options;
    if (this.#onFax || this.#vanished || this.#offering) return;
    const sdp = this.#describe(habits.version, habits.offers === 'both' ? ['audio', 'fax'] : ['fax']);
    this.#invite(sdp, (response) => {
      const fax = readFaxDescription(response.content);
      if (response.status === 491 && !again) this.#retryAfterGlare();
      if (response.status < 300 && fax !== undefined) this.#toFax(fax);
    });
  }

  #retryAfterGlare(): void {
    const { answered, context } = this.#options;
    const { from, to } = answered ? GLARE_OTHER_MS : GLARE_OWNER_MS;
    const waitMs = from + context.random.fraction() * (to - from);
    this.#after(waitMs, 'carrier fax offers again', () => this.#offer(true));
  }

  #toFax(fax: Pick<FaxDescribed, 'host' | 'port' | 'version' | 'largestDatagram'>): void {
    this.#onFax = true;
    this.#station.toFax(fax.host, fax.port, fax.version, fax.largestDatagram);
  }

  /** As Asterisk does: audio again, and then BYE at once. */
  #leave(): void {
    const { context, voice, nextSdpVersion, hangUp } = this.#options;
    if (this.#closed || this.#vanished) return;
    if (!this.#onFax || this.#offering) {
      hangUp();
      return;
    }
    this.#after(BACK_LIMIT_MS, 'carrier fax hangs up', () => hangUp());
    this.#invite(describeAudio(context.host, voice.port, nextSdpVersion(), 'sendrecv'), () => hangUp());
  }

  /** A re-INVITE of ours; `then` is told its final response. */
  #invite(sdp: string, then: (response: SipResponseMessage) => void): void {
    const { context, dialog } = this.#options;
    const { contact, random } = context;
    this.#offering = true;
    const invite = requestInside(dialog, 'INVITE', { contact, random, sdp });
    const sequence = dialog.localSequence;
    context.send(invite, (response) => {
      if (response.status < 200 || this.#vanished) return;
      if (response.status < 300) {
        const ack = requestInside(dialog, 'ACK', { contact, random });
        ack.headers.cseq = { seq: sequence, method: 'ACK' };
        context.send(ack);
      }
      if (!this.#offering || this.#closed) return;
      this.#offering = false;
      then(response);
    });
  }

  #describe(version: FaxToDescribe['version'], media: FaxToDescribe['media']): string {
    const { context, voice, nextSdpVersion } = this.#options;
    return writeFaxDescription({
      host: context.host,
      port: voice.port,
      sdpVersion: nextSdpVersion(),
      version,
      media,
    });
  }

  #after(ms: number, name: string, run: () => void): void {
    const act = (): void => {
      if (!this.#closed) run();
    };
    this.#timers.push(this.#options.context.clock.after(ms, name, act));
  }
}

function lower(one: T38Version, other: T38Version): T38Version {
  if (one < other) return one;
  return other;
}
