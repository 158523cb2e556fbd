import type { Voice } from '../media/voice.ts';
import type { CallView } from '../phone-state.ts';
import { readSipfrag } from './bodies.ts';
import type { Beginning, CallContext, CallState } from './call-types.ts';
import { agreed, answerAudio, type Direction, type OwnAudio, offerAudio, readAudio } from './description.ts';
import { belongs, type Dialog, inside, learn } from './dialog.ts';
import { FinalAnswer } from './final-answer.ts';
import type { Line } from './line.ts';
import {
  fromWire,
  type HeaderBag,
  headerText,
  responseTo,
  type SipRequest,
  type SipResponse,
  toWire,
} from './message.ts';
import { ownAudio } from './own-audio.ts';
import { readSessionExpires, SessionTimer } from './session-timer.ts';

const REFER_LIMIT_MS = 60_000;
const SDP = 'application/sdp';

/** One call of the phone, in either direction. Verbs of the person resolve with the final status of what they began. */
export class Call {
  readonly id: string;
  readonly line: Line;
  readonly direction: 'in' | 'out';
  readonly dialog: Dialog;
  readonly voice: Voice;
  readonly ring: string;
  readonly startedAtMs: number;
  number: string;
  name: string;
  state: CallState;
  heldByOther = false;
  status: number | null = null;
  readonly #context: CallContext;
  readonly #session: SessionTimer;
  readonly #final: FinalAnswer;
  #invite: SipRequest;
  #version = 1;
  #provisional = false;
  #givingUp = false;
  /** A re-INVITE of ours is under way. */
  #offering = false;
  /** The 200 that waits for its ACK carried our offer. */
  #offered = false;
  #referred: ((status: number) => void) | undefined;

  private constructor(context: CallContext, line: Line, voice: Voice, begun: Beginning) {
    this.#context = context;
    this.line = line;
    this.voice = voice;
    this.dialog = begun.dialog;
    this.#invite = begun.invite;
    this.direction = begun.direction;
    this.number = begun.number;
    this.name = begun.name;
    this.ring = begun.ring;
    this.state = begun.direction === 'in' ? 'ringing' : 'dialling';
    this.id = `c-${line.random.bytes(5).toString('hex')}`;
    this.startedAtMs = context.clock.now();
    this.#final = new FinalAnswer(
      context.clock,
      (response) => line.respond(response),
      () => this.hangUp(),
    );
    this.#session = new SessionTimer(
      context.clock,
      () => void this.#reinvite('same'),
      () => this.hangUp(),
    );
  }

  /** A call out, on its way. */
  static placed(context: CallContext, line: Line, voice: Voice, begun: Beginning): Call {
    const call = new Call(context, line, voice, begun);
    call.#send(begun.invite);
    return call;
  }

  /** A call in, which rings at once. */
  static rung(context: CallContext, line: Line, voice: Voice, begun: Beginning): Call {
    const call = new Call(context, line, voice, begun);
    call.#answer(180, 'Ringing', {});
    return call;
  }

  get over(): boolean {
    return this.state === 'ended';
  }

  view(): CallView {
    const { id, direction, number, name, state, heldByOther, ring, status, startedAtMs } = this;
    const { account } = this.line.settings;
    return {
      call: id,
      account,
      direction,
      number,
      name,
      state,
      heldByOther,
      ring,
      status,
      encrypted: this.voice.encrypted,
      startedAtMs,
    };
  }

  /** `Replaces` of this call, for whoever is to take our place in it (RFC 3891 §6.1: tags as that side sees them). */
  get replacesValue(): string {
    const { callId, local, remote } = this.dialog;
    return `${callId};to-tag=${remote.params['tag'] ?? ''};from-tag=${local.params['tag'] ?? ''}`;
  }

  /** Takes a call that rings. False when it does not ring any more, or its offer cannot be spoken. */
  accept(): boolean {
    if (this.state !== 'ringing') return false;
    if (this.#accept(this.#invite, 'sendrecv')) {
      this.#reach('talking');
      return true;
    }
    this.reject(488);
    return false;
  }

  reject(status: number): void {
    if (this.state !== 'ringing') return;
    this.#answer(status, status === 486 ? 'Busy Here' : 'Not Acceptable Here', {});
    this.#end(status);
  }

  hangUp(): void {
    switch (this.state) {
      case 'ended':
        return;
      case 'ringing':
        this.reject(486);
        return;
      case 'talking':
      case 'held':
        this.line.request(inside(this.dialog, 'BYE', {}), () => undefined);
        this.#end(null);
        return;
      case 'dialling':
      case 'ringback':
        this.#givingUp = true;
        if (this.#provisional) this.line.cancel(this.#invite);
    }
  }

  /** As when the cable is out: no word to anybody. */
  drop(): void {
    this.#end(null);
  }

  /** Puts the other side on hold; the final status of the re-INVITE. */
  async hold(): Promise<number> {
    if (this.state !== 'talking') return 0;
    const status = await this.#reinvite('sendonly');
    if (status >= 200 && status < 300 && !this.over) this.#reach('held');
    return status;
  }

  async resume(): Promise<number> {
    if (this.state !== 'held') return 0;
    const status = await this.#reinvite('sendrecv');
    if (status >= 200 && status < 300 && !this.over) this.#reach('talking');
    return status;
  }

  /** Hands the call over (RFC 3515). The status that the far end reported last, or that of a refusal. */
  refer(referTo: string): Promise<number> {
    return new Promise((resolve) => {
      const { clock } = this.#context;
      const limit = clock.after(REFER_LIMIT_MS, 'phone refers', () => done(408));
      const done = (status: number): void => {
        limit.cancel();
        this.#referred = undefined;
        resolve(status);
      };
      this.#referred = done;
      const headers = {
        'refer-to': toWire(referTo),
        'referred-by': `<${this.line.uri}>`,
        contact: this.line.contact(),
      };
      this.#inside('REFER', headers, (response) => {
        if (response.status >= 300) done(response.status);
      });
    });
  }

  /** A request inside the dialog, or its CANCEL; false when it is of another call. */
  onRequest(request: SipRequest): boolean {
    const { method, headers } = request;
    if (method === 'CANCEL') {
      if (this.over || this.direction !== 'in' || headers['call-id'] !== this.dialog.callId) return false;
      this.line.respond(responseTo(request, 200, 'OK'));
      if (this.state !== 'ringing') return true;
      this.#answer(487, 'Request Terminated', {});
      this.#end(487);
      return true;
    }
    if (this.over || !belongs(this.dialog, request)) return false;
    const sequence = headers.cseq?.seq ?? 0;
    if (method !== 'ACK') {
      if (sequence <= this.dialog.remoteSequence) {
        this.line.respond(responseTo(request, 500, 'Out of order'));
        return true;
      }
      this.dialog.remoteSequence = sequence;
    }
    this.#inDialog(request);
    return true;
  }

  #inDialog(request: SipRequest): void {
    switch (request.method) {
      case 'ACK':
        this.#acknowledged(request);
        return;
      case 'BYE':
        this.line.respond(responseTo(request, 200, 'OK'));
        this.#end(null);
        return;
      case 'INVITE':
      case 'UPDATE':
        this.#changedByOther(request);
        return;
      case 'NOTIFY': {
        const status = readSipfrag(fromWire(request.content));
        this.line.respond(responseTo(request, 200, 'OK'));
        if (status !== undefined && status >= 200) this.#referred?.(status);
        return;
      }
      case 'INFO':
      case 'OPTIONS':
        this.line.respond(responseTo(request, 200, 'OK'));
        return;
      default:
        this.line.respond(responseTo(request, 405, 'Method Not Allowed'));
    }
  }

  // --- calls out ---

  #send(invite: SipRequest): void {
    this.line.request(
      invite,
      (response) => this.#answered(response),
      (sent) => {
        this.#invite = sent;
        this.#provisional = false;
        this.dialog.sequence = sent.headers.cseq?.seq ?? this.dialog.sequence;
      },
    );
  }

  #answered(response: SipResponse): void {
    const { status } = response;
    if (status < 200) {
      const first = !this.#provisional;
      this.#provisional = true;
      if (this.#givingUp && first) this.line.cancel(this.#invite);
      else if (status > 100 && this.state === 'dialling') this.#early(response);
      else if (status > 100) this.#listen(response);
      return;
    }
    if (status < 300) {
      this.#up(response);
      return;
    }
    const least = Number(headerText(response.headers, 'min-se'));
    if (status === 422 && least > 0 && !this.#givingUp && Number(this.#invite.headers['min-se']) < least) {
      const { via: _used, ...kept } = this.#invite.headers;
      const seq = this.dialog.sequence + 1;
      const headers = {
        ...kept,
        cseq: { seq, method: 'INVITE' },
        'session-expires': String(least),
        'min-se': String(least),
      };
      this.#send({ ...this.#invite, headers });
      return;
    }
    this.#end(status);
  }

  #early(response: SipResponse): void {
    this.#listen(response);
    this.#reach('ringback');
  }

  /** Early media: what the network says before anybody answers. */
  #listen(response: SipResponse): void {
    const audio = readAudio(response.content);
    const own = this.#own();
    const agreement = audio === undefined ? undefined : agreed(audio, own, 'recvonly');
    if (agreement !== undefined) this.voice.agree(agreement);
  }

  #up(response: SipResponse): void {
    const first = this.state === 'dialling' || this.state === 'ringback';
    if (first) learn(this.dialog, response, 'caller');
    this.#acknowledge(response);
    if (!first) return;
    const audio = readAudio(response.content);
    const agreement = audio === undefined ? undefined : agreed(audio, this.#own(), 'sendrecv');
    this.#reach('talking');
    if (this.#givingUp || agreement === undefined) {
      this.hangUp();
      return;
    }
    this.voice.agree(agreement);
    this.#keepAlive(readSessionExpires(response.headers), 'uac');
  }

  // --- offers and answers inside the call ---

  /** Offers anew; `same` only shows that the call is alive. */
  async #reinvite(direction: Direction | 'same'): Promise<number> {
    if (this.#offering || this.over) return 491;
    this.#offering = true;
    const wanted = direction === 'same' ? (this.state === 'held' ? 'sendonly' : 'sendrecv') : direction;
    this.#version++;
    const own = this.#own();
    const headers = this.line.offerHeaders();
    const response = await new Promise<SipResponse>((resolve) => {
      this.#inside('INVITE', headers, resolve, offerAudio(own, wanted));
    });
    this.#offering = false;
    const { status } = response;
    if (status >= 300) {
      if (status === 491 && !this.over) return this.#afterGlare(direction);
      if (status === 481 || status === 408) this.hangUp();
      return status;
    }
    this.#acknowledge(response);
    const audio = readAudio(response.content);
    const agreement = audio === undefined ? undefined : agreed(audio, own, wanted);
    if (agreement !== undefined && !this.over) this.voice.agree(agreement);
    this.#keepAlive(readSessionExpires(response.headers), 'uac');
    return status;
  }

  /** Both offered at once: the one who owns the Call-ID waits longer (RFC 3261 §14.1). */
  #afterGlare(direction: Direction | 'same'): Promise<number> {
    const fraction = this.line.random.fraction();
    const waitMs = this.direction === 'out' ? 2_100 + fraction * 1_900 : fraction * 2_000;
    return new Promise((resolve) => {
      this.#context.clock.after(waitMs, 'phone offers again', () =>
        this.#reinvite(direction).then(resolve, () => resolve(0)),
      );
    });
  }

  #changedByOther(request: SipRequest): void {
    if (this.#offering) {
      this.line.respond(responseTo(request, 491, 'Request Pending'));
      return;
    }
    learnContact(this.dialog, request);
    const wanted = this.state === 'held' ? 'sendonly' : 'sendrecv';
    if (request.method === 'UPDATE' && (request.content ?? '') === '') {
      const timer = this.#timerAnswer(request);
      this.line.respond(responseTo(request, 200, 'OK', { ...timer, contact: this.line.contact() }));
      return;
    }
    this.#version++;
    if (!this.#accept(request, wanted)) this.line.respond(responseTo(request, 488, 'Not Acceptable Here'));
  }

  /** 200 with an answer, or with an offer where none came; an INVITE's goes out again until its ACK (RFC 3261 §13.3.1.4). */
  #accept(request: SipRequest, wanted: Direction): boolean {
    const own = this.#own();
    const offer = readAudio(request.content);
    let sdp: string;
    if (offer === undefined) {
      if ((request.content ?? '') !== '') return false;
      this.#offered = true;
      sdp = offerAudio(own, wanted);
    } else {
      const answer = answerAudio(offer, own, wanted);
      if (answer === undefined) return false;
      sdp = answer.sdp;
      this.voice.agree(answer.agreement);
      const held = offer.direction === 'sendonly' || offer.direction === 'inactive';
      if (held !== this.heldByOther) {
        this.heldByOther = held;
        this.#context.changed(this);
      }
    }
    const headers = {
      contact: this.line.contact(),
      'content-type': SDP,
      supported: 'replaces, timer',
      ...this.#timerAnswer(request),
    };
    const response = responseTo(request, 200, 'OK', { ...headers, to: this.#tagged(request) }, sdp);
    if (request.method === 'INVITE') this.#final.begin(response);
    else this.line.respond(response);
    return true;
  }

  #acknowledged(ack: SipRequest): void {
    this.#final.stop();
    if (!this.#offered) return;
    this.#offered = false;
    const audio = readAudio(ack.content);
    const agreement =
      audio === undefined
        ? undefined
        : agreed(audio, this.#own(), this.state === 'held' ? 'sendonly' : 'sendrecv');
    if (agreement !== undefined) this.voice.agree(agreement);
  }

  // --- session timer (RFC 4028) ---

  #keepAlive(said: ReturnType<typeof readSessionExpires>, we: 'uac' | 'uas'): void {
    if (said === undefined) this.#session.stop();
    else this.#session.set(said.seconds, (said.refresher ?? 'uac') === we);
  }

  /** What our 200 says of the timer; the caller refreshes unless it wants us to. */
  #timerAnswer(request: SipRequest): HeaderBag {
    const asked = readSessionExpires(request.headers);
    if (asked === undefined) return {};
    const refresher = asked.refresher ?? 'uac';
    this.#keepAlive({ seconds: asked.seconds, refresher }, 'uas');
    return {
      'session-expires': `${asked.seconds};refresher=${refresher}`,
      ...(refresher === 'uac' ? { require: 'timer' } : {}),
    };
  }

  // --- small things ---

  #own(): OwnAudio {
    return ownAudio(this.#context.address, this.line.settings, this.voice, this.#version);
  }

  /** A request inside the dialog; `answer` is told once, of the final one. */
  #inside(method: string, headers: HeaderBag, answer: (response: SipResponse) => void, sdp?: string): void {
    this.line.request(
      inside(this.dialog, method, headers, sdp),
      (response) => {
        if (response.status >= 200) answer(response);
      },
      (sent) => {
        this.dialog.sequence = sent.headers.cseq?.seq ?? this.dialog.sequence;
      },
    );
  }

  #answer(status: number, reason: string, more: HeaderBag): void {
    const headers = { ...more, to: this.#tagged(this.#invite), contact: this.line.contact() };
    this.line.respond(responseTo(this.#invite, status, reason, headers));
  }

  /** ACK to a 2xx, with its number (RFC 3261 §13.2.2.4). */
  #acknowledge({ headers }: SipResponse): void {
    const cseq = { seq: headers.cseq?.seq ?? 1, method: 'ACK' };
    this.line.acknowledge(inside(this.dialog, 'ACK', { cseq }));
  }

  #tagged(request: SipRequest) {
    const { to } = request.headers;
    return { ...to, uri: to?.uri ?? this.line.uri, params: { ...to?.params, ...this.dialog.local.params } };
  }

  #reach(state: CallState): void {
    if (this.over) return;
    this.state = state;
    this.#context.changed(this);
  }

  #end(status: number | null): void {
    if (this.over) return;
    this.#final.stop();
    this.#session.stop();
    this.voice.close();
    this.state = 'ended';
    this.status = status;
    // A far end that hangs up while it is being handed over has been handed over.
    this.#referred?.(200);
    this.#context.changed(this);
  }
}

/** A re-INVITE may move the other side's Contact, never the route. */
function learnContact(dialog: Dialog, request: SipRequest): void {
  const { routes } = dialog;
  learn(dialog, request, 'callee');
  dialog.routes = routes;
}
