import { makeResponse, parseUri, type SipRequestMessage, type SipResponseMessage } from 'sip';
import { randomHex } from '../../lib/base/random.ts';
import {
  audioAddress,
  contactUri,
  type Dialog,
  describeAudio,
  mirrored,
  newTag,
  requestInside,
  routesFrom,
  type VoiceLine,
} from '../foreign/index.ts';
import type { CallEnd, CarrierCallView } from './call-view.ts';
import { endOf } from './called-party.ts';
import type { FaxHabits } from './fax-habits.ts';
import { FaxTalk } from './fax-talk.ts';
import { type Party, type PartyContext, q850 } from './party.ts';

/** What an outside caller says once answered: a steady tone, or a fax. */
export type OutsideSpeech =
  | { readonly says: 'tone'; readonly hz: number }
  | { readonly says: 'fax'; readonly file: string; readonly pages: number; readonly habits: FaxHabits };

/** Callers whose number does not come along, by the word that stands for it; reasons as Japanese networks write them. */
export const NUMBERLESS: Readonly<
  Record<string, { readonly uri: string; readonly display: string; readonly privacy?: string }>
> = {
  anonymous: { uri: 'sip:anonymous@anonymous.invalid', display: 'Anonymous', privacy: 'id' },
  unavailable: { uri: 'sip:unavailable@unknown.invalid', display: 'Unavailable' },
  payphone: { uri: 'sip:anonymous@anonymous.invalid', display: 'Coin line/payphone', privacy: 'id' },
};

/** Someone outside who calls a number of the service, and plays one steady tone or sends a fax. */
export class OutsideCaller implements Party {
  readonly dialog: Dialog;
  view: CarrierCallView;
  readonly voice: VoiceLine;
  readonly #context: PartyContext;
  readonly #speech: OutsideSpeech;
  #fax: FaxTalk | undefined;
  readonly #invite: SipRequestMessage;
  #sdpVersion = 1;
  #state: 'calling' | 'answered' | 'givingUp' | 'over' = 'calling';
  /** A CANCEL may only follow a provisional response (RFC 3261 §9.1). */
  #heardOf = false;

  constructor(
    context: PartyContext,
    view: CarrierCallView,
    voice: VoiceLine,
    { speech, origin }: { readonly speech: OutsideSpeech; readonly origin?: string },
  ) {
    this.#context = context;
    this.view = view;
    this.voice = voice;
    this.#speech = speech;
    const { trunk, random, host } = context;
    const nobody = NUMBERLESS[view.from];
    const fromUri = nobody?.uri ?? `sip:${view.from}@${host};user=phone`;
    const target = `sip:${view.to}@${trunk.host}:${trunk.port};user=phone`;
    this.dialog = {
      callId: `${randomHex(random, 12)}@${host}`,
      localTag: newTag(random),
      localUri: fromUri,
      remoteUri: `sip:${view.to}@${trunk.host};user=phone`,
      remoteTag: undefined,
      remoteTarget: target,
      routes: [],
      localSequence: 1,
      remoteSequence: 0,
    };
    this.#invite = {
      method: 'INVITE',
      uri: target,
      headers: {
        from: {
          ...(nobody === undefined ? {} : { name: `"${nobody.display}"` }),
          uri: fromUri,
          params: { tag: this.dialog.localTag },
        },
        to: { uri: this.dialog.remoteUri, params: {} },
        'call-id': this.dialog.callId,
        cseq: { seq: 1, method: 'INVITE' },
        contact: [{ uri: context.contact, params: {} }],
        'max-forwards': 70,
        'content-type': 'application/sdp',
        ...(origin === undefined ? {} : { 'x-engawa-origin': origin }),
        ...(nobody === undefined ? { 'p-asserted-identity': `<${fromUri}>` } : {}),
        ...(nobody?.privacy === undefined ? {} : { privacy: nobody.privacy }),
      },
      content: describeAudio(host, voice.port, 1, 'sendrecv'),
    };
  }

  /** Sends the INVITE. */
  begin(): void {
    this.#context.send(this.#invite, (response) => this.#onResponse(response));
  }

  onRequest(request: SipRequestMessage): void {
    if (this.#fax?.vanished === true) {
      if (request.method === 'BYE') this.#over(endOf('trunk', request));
      return;
    }
    switch (request.method) {
      case 'ACK':
        return;
      case 'CANCEL':
        this.#context.send(makeResponse(request, 200, 'OK'));
        this.#fax?.onCancel();
        return;
      case 'BYE':
        this.#context.send(makeResponse(request, 200, 'OK'));
        this.#over(endOf('trunk', request));
        return;
      case 'INVITE':
        this.#reinvite(request);
        return;
      default:
        this.#context.send(makeResponse(request, 405, 'Method Not Allowed'));
    }
  }

  hangUp(): void {
    if (this.#state === 'answered') {
      this.#bye();
      this.#over({ by: 'carrier' });
    } else if (this.#state === 'calling') {
      this.#state = 'givingUp';
      if (this.#heardOf) this.#cancel();
    }
  }

  #onResponse(response: SipResponseMessage): void {
    if (this.#state === 'over') {
      // A 200 that crossed our CANCEL, or its retransmission: acknowledge and hang up.
      if (response.status >= 200 && response.status < 300) this.#acknowledge(response);
      return;
    }
    if (response.status < 200) {
      const first = !this.#heardOf;
      this.#heardOf = true;
      if (this.#state === 'givingUp' && first) this.#cancel();
      else if (response.status === 180 || response.status === 183) this.#early(response);
      return;
    }
    if (response.status >= 300) {
      const reason = response.headers.reason?.slice(0, 200);
      const by = this.#state === 'givingUp' ? 'carrier' : 'trunk';
      this.#over({ by, status: response.status, ...(reason === undefined ? {} : { reason }) });
      return;
    }
    this.#answered(response);
  }

  /** Early media is listened to, as a caller with the receiver at the ear does. */
  #early(response: SipResponseMessage): void {
    const audio = audioAddress(response.content);
    if (audio !== undefined) this.voice.aim(audio.host, audio.port);
    this.#context.reached(this, 'ringing');
  }

  #answered(response: SipResponseMessage): void {
    this.#acknowledge(response);
    if (this.#state === 'answered') return;
    if (this.#state === 'givingUp') {
      this.#bye();
      this.#over({ by: 'carrier' });
      return;
    }
    const answer = audioAddress(response.content);
    this.#state = 'answered';
    this.#context.reached(this, 'answered');
    if (answer === undefined) {
      this.hangUp();
      return;
    }
    this.voice.aim(answer.host, answer.port);
    if (this.#speech.says === 'tone') this.voice.play({ kind: 'steady', hz: this.#speech.hz });
    else this.#fax = this.#sendFax(this.#speech);
  }

  #sendFax({ file, pages, habits }: Extract<OutsideSpeech, { says: 'fax' }>): FaxTalk {
    return new FaxTalk({
      context: this.#context,
      dialog: this.dialog,
      voice: this.voice,
      habits,
      file,
      pages,
      direction: 'send',
      answered: false,
      nextSdpVersion: () => ++this.#sdpVersion,
      accept: (request, sdp) => this.#accept(request, sdp),
      hangUp: () => this.hangUp(),
      done: (outcome) => this.#context.faxed(this, outcome),
    });
  }

  #acknowledge(response: SipResponseMessage): void {
    this.dialog.remoteTag ??= response.headers.to?.params['tag'] ?? undefined;
    this.dialog.remoteTarget = contactUri(response.headers) ?? this.dialog.remoteTarget;
    this.dialog.routes = routesFrom(response.headers['record-route'], 'caller');
    const { contact, random } = this.#context;
    // The package must never be pointed at its own address: it would answer itself with 404.
    if (parseUri(this.dialog.remoteTarget)?.host === this.#context.host) return;
    const ack = requestInside(this.dialog, 'ACK', { contact, random });
    ack.headers.cseq = { seq: 1, method: 'ACK' };
    this.#context.send(ack);
  }

  #bye(): void {
    const { contact, random } = this.#context;
    const headers = { reason: q850(16, 'Normal call clearing') };
    this.#context.send(requestInside(this.dialog, 'BYE', { contact, random, headers }), () => undefined);
  }

  /** CANCEL carries the branch of the INVITE (RFC 3261 §9.1), which the package has put into its top Via by now. */
  #cancel(): void {
    const via = this.#invite.headers.via?.[0];
    if (via === undefined) return;
    this.#context.send(
      {
        method: 'CANCEL',
        uri: this.#invite.uri,
        headers: {
          from: { uri: this.dialog.localUri, params: { tag: this.dialog.localTag } },
          to: { uri: this.dialog.remoteUri, params: {} },
          'call-id': this.dialog.callId,
          cseq: { seq: 1, method: 'CANCEL' },
          via: [{ ...via, params: { ...via.params } }],
          'max-forwards': 70,
        },
      },
      () => undefined,
    );
  }

  #accept(request: SipRequestMessage, sdp: string): void {
    const headers = {
      contact: [{ uri: this.#context.contact, params: {} }],
      'content-type': 'application/sdp',
    };
    this.#context.send(makeResponse(request, 200, 'OK', { headers, content: sdp }));
  }

  #reinvite(request: SipRequestMessage): void {
    if (this.#fax !== undefined) {
      this.#fax.onInvite(request);
      return;
    }
    const offer = audioAddress(request.content);
    if (this.#state !== 'answered' || offer === undefined) {
      this.#context.send(makeResponse(request, offer === undefined ? 488 : 491, 'Not now'));
      return;
    }
    this.voice.aim(offer.host, offer.port);
    this.#sdpVersion++;
    const direction = mirrored(offer.direction);
    this.#accept(request, describeAudio(this.#context.host, this.voice.port, this.#sdpVersion, direction));
  }

  #over(end: CallEnd): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#fax?.close();
    this.voice.close();
    this.#context.reached(this, 'ended', end);
  }
}
