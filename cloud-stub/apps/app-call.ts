import { makeResponse, type SipRequestMessage, type SipResponseMessage } from 'sip';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { Random } from '../../lib/base/random.ts';
import {
  ACK_LIMIT_MS,
  audioAddress,
  contactUri,
  type Dialog,
  describeAudio,
  mirrored,
  requestInside,
  routesFrom,
  T1_MS,
  T2_MS,
  userOf,
  type VoiceLine,
} from '../foreign/index.ts';

/** How far a call of the app has come. It never goes back. */
export type AppCallState = 'calling' | 'ringing' | 'answered' | 'ended';

/** One call as a person at the app, or a test, sees it. */
export interface AppCallView {
  readonly call: string;
  readonly direction: 'in' | 'out';
  /** Number that is shown; `anonymous` when withheld. */
  readonly from: string;
  /** Dialled number; for a call in the number of the office that was called. */
  readonly to: string;
  readonly state: AppCallState;
  /** Final status of a call that did not come up. */
  readonly status: number | null;
  /** `cause` and text of the Reason header, or the rule of `X-Engawa-Why`. */
  readonly why: string | null;
}

/** What a call needs of its app. */
export interface AppContext {
  readonly host: string;
  readonly contact: string;
  readonly clock: Clock;
  readonly random: Random;
  send(
    message: SipRequestMessage | SipResponseMessage,
    onResponse?: (response: SipResponseMessage) => void,
  ): void;
  /** The same request again with credentials, or undefined when the challenge cannot be answered. */
  authorised(request: SipRequestMessage, response: SipResponseMessage): SipRequestMessage | undefined;
  changed(call: AppCall): void;
}

/** One call of the app, in either direction, with a dialog of its own. */
export class AppCall {
  readonly dialog: Dialog;
  readonly voice: VoiceLine;
  view: AppCallView;
  readonly #context: AppContext;
  #invite: SipRequestMessage;
  #resend: Timer | undefined;
  #challenges = 0;
  #provisional = false;
  #givingUp = false;
  #hz = 0;
  #version = 1;

  constructor(
    context: AppContext,
    view: AppCallView,
    invite: SipRequestMessage,
    dialog: Dialog,
    voice: VoiceLine,
  ) {
    this.#context = context;
    this.#invite = invite;
    this.view = view;
    this.dialog = dialog;
    this.voice = voice;
  }

  /** Sends the INVITE of a call out; `hz` is played once it is answered. */
  begin(hz: number): void {
    this.#hz = hz;
    this.#context.send(this.#invite, (response) => this.#response(response));
  }

  /** 180 to a call in. */
  ring(): void {
    if (this.view.direction !== 'in' || this.view.state !== 'calling') return;
    this.#context.send(makeResponse(this.#invite, 180, 'Ringing', { headers: this.#contact() }));
    this.#reach('ringing');
  }

  /** Answers a call in, and plays `hz`. */
  answer(hz: number): void {
    const offer = audioAddress(this.#invite.content);
    if (this.view.direction !== 'in' || this.#over() || this.view.state === 'answered') return;
    if (offer === undefined) {
      this.reject(488);
      return;
    }
    this.voice.aim(offer.host, offer.port);
    this.#accept(this.#invite, mirrored(offer.direction));
    this.voice.play({ kind: 'steady', hz });
    this.#reach('answered');
  }

  /** Refuses a call in: 486 busy, 603 declined. */
  reject(status: number): void {
    if (this.view.direction !== 'in' || this.#over() || this.view.state === 'answered') return;
    this.#context.send(makeResponse(this.#invite, status, 'Refused'));
    this.#end(status, null);
  }

  hangUp(): void {
    if (this.#over()) return;
    if (this.view.state === 'answered') {
      this.#bye();
      this.#end(null, null);
    } else if (this.view.direction === 'in') this.reject(480);
    else {
      this.#givingUp = true;
      if (this.#provisional) this.#cancel();
    }
  }

  /** Puts the other party on hold, or takes it back; resolves with the final status. */
  hold(on: boolean): Promise<number> {
    if (this.view.state !== 'answered') return Promise.resolve(481);
    const { contact, host, random } = this.#context;
    this.#version++;
    const sdp = describeAudio(host, this.voice.port, this.#version, on ? 'sendonly' : 'sendrecv');
    const request = requestInside(this.dialog, 'INVITE', { contact, random, sdp });
    return new Promise((resolve) => this.#context.send(request, (response) => this.#held(response, resolve)));
  }

  #held(response: SipResponseMessage, resolve: (status: number) => void): void {
    const { status } = response;
    if (status < 200) return;
    if (status < 300) {
      this.#ack(response);
      const audio = audioAddress(response.content);
      if (audio !== undefined) this.voice.aim(audio.host, audio.port);
    }
    resolve(status);
  }

  onRequest(request: SipRequestMessage): void {
    switch (request.method) {
      case 'ACK':
        this.#resend?.cancel();
        return;
      case 'BYE':
        this.#context.send(makeResponse(request, 200, 'OK'));
        this.#end(null, request.headers.reason ?? null);
        return;
      case 'CANCEL':
        this.#context.send(makeResponse(request, 200, 'OK'));
        if (this.view.state === 'answered' || this.#over()) return;
        this.#context.send(makeResponse(this.#invite, 487, 'Request Terminated'));
        this.#end(487, request.headers.reason ?? null);
        return;
      case 'INVITE':
        this.#reinvite(request);
        return;
      default:
        this.#context.send(makeResponse(request, 405, 'Method Not Allowed'));
    }
  }

  #response(response: SipResponseMessage): void {
    const { status } = response;
    if (status < 200) {
      const first = !this.#provisional;
      this.#provisional = true;
      if (this.#givingUp && first) this.#cancel();
      else if (status >= 180 && this.view.state === 'calling') this.#early(response);
      return;
    }
    if (status < 300) {
      this.#answered(response);
      return;
    }
    const again = this.#challenges++ < 1 ? this.#context.authorised(this.#invite, response) : undefined;
    if (again !== undefined && !this.#givingUp) {
      this.dialog.localSequence = again.headers.cseq?.seq ?? this.dialog.localSequence;
      this.#invite = again;
      this.#provisional = false;
      this.#context.send(again, (later) => this.#response(later));
      return;
    }
    this.#end(status, response.headers['x-engawa-why'] ?? response.headers.reason ?? null);
  }

  /** Early media is listened to, as a person with the phone at the ear does. */
  #early(response: SipResponseMessage): void {
    const audio = audioAddress(response.content);
    if (audio !== undefined) this.voice.aim(audio.host, audio.port);
    this.#reach('ringing');
  }

  #answered(response: SipResponseMessage): void {
    this.dialog.remoteTag ??= response.headers.to?.params['tag'] ?? undefined;
    this.dialog.remoteTarget = contactUri(response.headers) ?? this.dialog.remoteTarget;
    this.dialog.routes = routesFrom(response.headers['record-route'], 'caller');
    this.#ack(response);
    if (this.view.state === 'answered') return;
    const audio = audioAddress(response.content);
    if (this.#givingUp || this.#over() || audio === undefined) {
      this.#bye();
      this.#end(null, null);
      return;
    }
    this.voice.aim(audio.host, audio.port);
    this.voice.play({ kind: 'steady', hz: this.#hz });
    this.#reach('answered');
  }

  #ack(response: SipResponseMessage): void {
    const { contact, random } = this.#context;
    const ack = requestInside(this.dialog, 'ACK', { contact, random });
    ack.headers.cseq = { seq: response.headers.cseq?.seq ?? 1, method: 'ACK' };
    this.#context.send(ack);
  }

  #reinvite(request: SipRequestMessage): void {
    const offer = audioAddress(request.content);
    if (this.view.state !== 'answered' || offer === undefined) {
      this.#context.send(makeResponse(request, offer === undefined ? 488 : 491, 'Not now'));
      return;
    }
    this.voice.aim(offer.host, offer.port);
    this.#version++;
    this.#accept(request, mirrored(offer.direction));
  }

  /** 200 with its retransmissions, which the package leaves to its user (RFC 3261 §13.3.1.4). */
  #accept(request: SipRequestMessage, direction: Parameters<typeof describeAudio>[3]): void {
    const { clock, host } = this.#context;
    const content = describeAudio(host, this.voice.port, this.#version, direction);
    const headers = { ...this.#contact(), 'content-type': 'application/sdp' };
    const response = makeResponse(request, 200, 'OK', { headers, content });
    const since = clock.monotonicMs();
    const again = (waitMs: number): void => {
      this.#context.send(response);
      this.#resend = clock.after(waitMs, 'app resends 200', () => {
        if (this.#over()) return;
        if (clock.monotonicMs() - since > ACK_LIMIT_MS) this.hangUp();
        else again(Math.min(waitMs * 2, T2_MS));
      });
    };
    this.#resend?.cancel();
    again(T1_MS);
  }

  #bye(): void {
    const { contact, random } = this.#context;
    this.#context.send(requestInside(this.dialog, 'BYE', { contact, random }), () => undefined);
  }

  /** CANCEL carries the branch of the INVITE (RFC 3261 §9.1), which the package has put into its top Via by now. */
  #cancel(): void {
    const { via, from, to, cseq } = this.#invite.headers;
    const top = via?.[0];
    if (top === undefined || from === undefined || to === undefined) return;
    this.#context.send(
      {
        method: 'CANCEL',
        uri: this.#invite.uri,
        headers: {
          from,
          to,
          'call-id': this.dialog.callId,
          cseq: { seq: cseq?.seq ?? 1, method: 'CANCEL' },
          via: [{ ...top, params: { ...top.params } }],
          'max-forwards': 70,
        },
      },
      () => undefined,
    );
  }

  #contact() {
    return { contact: [{ uri: this.#context.contact, params: {} }] };
  }

  #over(): boolean {
    return this.view.state === 'ended';
  }

  #reach(state: AppCallState): void {
    this.view = { ...this.view, state };
    this.#context.changed(this);
  }

  #end(status: number | null, why: string | null): void {
    if (this.#over()) return;
    this.#resend?.cancel();
    this.voice.close();
    this.view = { ...this.view, state: 'ended', status, why: why?.slice(0, 300) ?? null };
    this.#context.changed(this);
  }
}

/** The number that an INVITE of the service names as called. */
export function calledNumber(invite: SipRequestMessage): string {
  return (invite.headers['x-engawa-called'] ?? userOf(invite.headers.to?.uri)).slice(0, 64);
}
