import { makeResponse, type SipHeaderBag, type SipRequestMessage } from 'sip';
import type { Timer } from '../../lib/base/clock.ts';
import {
  ACK_LIMIT_MS,
  type AudioAddress,
  audioAddress,
  contactUri,
  type Dialog,
  describeAudio,
  describeFax,
  faxAddress,
  mirrored,
  newTag,
  requestInside,
  routesFrom,
  T1_MS,
  T2_MS,
  userOf,
  type VoiceLine,
} from '../foreign/index.ts';
import type { CallEnd, CarrierCallView } from './call-view.ts';
import { FaxTalk } from './fax-talk.ts';
import type { NumberBehaviour } from './number-table.ts';
import { type Party, type PartyContext, q850 } from './party.ts';

/** A number of the table that the service has called: it rings, answers, refuses, as the table says. */
export class CalledParty implements Party {
  readonly dialog: Dialog;
  view: CarrierCallView;
  readonly #context: PartyContext;
  readonly #invite: SipRequestMessage;
  readonly #behaviour: NumberBehaviour;
  #voice: VoiceLine | undefined;
  #fax: FaxTalk | undefined;
  #sdpVersion = 1;
  #answerTimer: Timer | undefined;
  #resendTimer: Timer | undefined;
  #state: 'fresh' | 'ringing' | 'answered' | 'over' = 'fresh';

  constructor(
    context: PartyContext,
    view: CarrierCallView,
    invite: SipRequestMessage,
    does: NumberBehaviour,
  ) {
    this.#context = context;
    this.#invite = invite;
    this.#behaviour = does;
    this.view = view;
    const localTag = newTag(context.random);
    this.dialog = {
      callId: invite.headers['call-id'] ?? '',
      localTag,
      localUri: invite.headers.to?.uri ?? '',
      remoteUri: invite.headers.from?.uri ?? '',
      remoteTag: invite.headers.from?.params['tag'] ?? undefined,
      remoteTarget: contactUri(invite.headers) ?? `sip:${context.trunk.host}:${context.trunk.port}`,
      routes: routesFrom(invite.headers['record-route'], 'callee'),
      localSequence: 0,
      remoteSequence: invite.headers.cseq?.seq ?? 0,
    };
    if (invite.headers.to !== undefined) invite.headers.to.params['tag'] = localTag;
  }

  get voice(): VoiceLine | undefined {
    return this.#voice;
  }

  /** Carries out what the table says. */
  begin(): void {
    const does = this.#behaviour;
    if (does.kind === 'refuses') {
      this.#refuse(does.status, does.text, { reason: q850(does.cause, does.text) });
      return;
    }
    const offer = audioAddress(this.#invite.content);
    if (offer === undefined) {
      this.#refuse(488, 'Not Acceptable Here', { reason: q850(65, 'No PCMU audio offered') });
      return;
    }
    this.#state = 'ringing';
    this.#context.send(makeResponse(this.#invite, 180, 'Ringing', { headers: this.#contact() }));
    this.#context.reached(this, 'ringing');
    if (does.kind === 'ringsForEver') return;
    this.#answerTimer = this.#context.clock.after(does.afterMs, 'carrier answers', () => {
      this.#answer(offer, does).catch((error: unknown) => {
        this.#context.log.error({ err: error }, 'cannot answer');
        this.#refuse(500, 'No audio port', {});
      });
    });
  }

  onRequest(request: SipRequestMessage): void {
    if (this.#fax?.vanished === true) {
      if (request.method === 'BYE') this.#over(endOf('trunk', request));
      return;
    }
    switch (request.method) {
      case 'ACK':
        this.#resendTimer?.cancel();
        return;
      case 'CANCEL':
        this.#context.send(makeResponse(request, 200, 'OK'));
        this.#fax?.onCancel();
        if (this.#state === 'ringing') {
          this.#context.send(makeResponse(this.#invite, 487, 'Request Terminated'));
          this.#over(endOf('trunk', request, 487));
        }
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
    if (this.#state === 'ringing') this.#refuse(480, 'Temporarily Unavailable', {});
    else if (this.#state === 'answered') {
      this.#context.send(
        requestInside(this.dialog, 'BYE', {
          contact: this.#context.contact,
          random: this.#context.random,
          headers: { reason: q850(16, 'Normal call clearing') },
        }),
        () => undefined,
      );
      this.#over({ by: 'carrier' });
    }
  }

  async #answer(offer: AudioAddress, does: NumberBehaviour & { kind: 'answers' | 'fax' }): Promise<void> {
    const voice = await this.#context.openVoice();
    if (this.#state !== 'ringing') {
      voice.close();
      return;
    }
    this.#voice = voice;
    voice.aim(offer.host, offer.port);
    this.#state = 'answered';
    const direction = mirrored(offer.direction);
    this.#send200(this.#invite, describeAudio(this.#context.host, voice.port, this.#sdpVersion, direction));
    if (does.kind === 'answers') voice.play(does.plays);
    else this.#fax = this.#receiveFax(voice);
    this.#context.reached(this, 'answered');
  }

  #receiveFax(voice: VoiceLine): FaxTalk {
    return new FaxTalk({
      context: this.#context,
      dialog: this.dialog,
      voice,
      ...this.#context.faxAt(this.view.to),
      direction: 'receive',
      answered: true,
      nextSdpVersion: () => ++this.#sdpVersion,
      accept: (request, sdp) => this.#send200(request, sdp),
      hangUp: () => this.hangUp(),
      done: (outcome) => this.#context.faxed(this, outcome),
    });
  }

  /** The 200 with its retransmissions, which the package leaves to its user (RFC 3261 §13.3.1.4). */
  #send200(request: SipRequestMessage, sdp: string): void {
    const headers: SipHeaderBag = { ...this.#contact(), 'content-type': 'application/sdp' };
    const recordRoute = request.headers['record-route'];
    if (recordRoute !== undefined) headers['record-route'] = recordRoute;
    const response = makeResponse(request, 200, 'OK', { headers, content: sdp });
    const since = this.#context.clock.monotonicMs();
    const again = (waitMs: number): void => {
      this.#context.send(response);
      this.#resendTimer = this.#context.clock.after(waitMs, 'carrier resends 200', () => {
        if (this.#state !== 'answered') return;
        if (this.#context.clock.monotonicMs() - since > ACK_LIMIT_MS) this.hangUp();
        else again(Math.min(waitMs * 2, T2_MS));
      });
    };
    this.#resendTimer?.cancel();
    again(T1_MS);
  }

  #reinvite(request: SipRequestMessage): void {
    if (this.#fax !== undefined) {
      this.#fax.onInvite(request);
      return;
    }
    const fax = faxAddress(request.content);
    if (fax !== undefined && this.#voice !== undefined && this.#state === 'answered') {
      this.#echoFax(request, fax);
      return;
    }
    const offer = audioAddress(request.content);
    if (this.#state !== 'answered' || this.#voice === undefined || offer === undefined) {
      this.#context.send(makeResponse(request, offer === undefined ? 488 : 491, 'Not now'));
      return;
    }
    this.#voice.aim(offer.host, offer.port);
    this.#sdpVersion++;
    const { host } = this.#context;
    this.#send200(
      request,
      describeAudio(host, this.#voice.port, this.#sdpVersion, mirrored(offer.direction)),
    );
  }

  /** A fax machine takes T.38 and sends every packet back, so that a test can see both ways; any other number refuses it. */
  #echoFax(request: SipRequestMessage, address: { readonly host: string; readonly port: number }): void {
    const does = this.#behaviour;
    if (this.#voice === undefined || does.kind !== 'answers' || does.fax !== true) {
      this.#context.send(makeResponse(request, 488, 'No fax here'));
      return;
    }
    this.#sdpVersion++;
    this.#voice.echoFax(address.host, address.port);
    this.#send200(request, describeFax(this.#context.host, this.#voice.port, this.#sdpVersion));
  }

  #refuse(status: number, text: string, headers: SipHeaderBag): void {
    this.#context.send(makeResponse(this.#invite, status, text, { headers }));
    this.#over({ by: 'carrier', status });
  }

  #contact(): SipHeaderBag {
    return { contact: [{ uri: this.#context.contact, params: {} }] };
  }

  #over(end: CallEnd): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#answerTimer?.cancel();
    this.#resendTimer?.cancel();
    this.#fax?.close();
    this.#voice?.close();
    this.#context.reached(this, 'ended', end);
  }
}

/** How the other side ended the call, with its Reason header when it sent one. */
export function endOf(by: 'trunk', request: SipRequestMessage, status?: number): CallEnd {
  const reason = request.headers.reason?.slice(0, 200);
  return {
    by,
    ...(status === undefined ? {} : { status }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The view of a call that has just arrived from the trunk. */
export function viewOfInvite(
  call: string,
  invite: SipRequestMessage,
  to: string,
  atMs: number,
): CarrierCallView {
  const asserted = invite.headers['p-asserted-identity'];
  return {
    call,
    direction: 'fromTrunk',
    from: userOf(invite.headers.from?.uri),
    to,
    asserted: asserted === undefined ? null : userOf(withoutBrackets(asserted)),
    state: 'calling',
    status: null,
    reason: null,
    endedBy: null,
    history: [{ state: 'calling', atMs }],
  };
}

function withoutBrackets(value: string): string {
  const from = value.indexOf('<');
  const to = value.indexOf('>', from);
  return from >= 0 && to > from ? value.slice(from + 1, to) : value.trim();
}
