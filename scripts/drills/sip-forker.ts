import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { SipMessage, SipRequest, SipResponse } from '../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../lib/voice/sip/codec/parse.ts';
import type { SimulatedNetwork } from './sip-network.ts';

interface Place {
  readonly host: string;
  readonly port: number;
}

/** One branch of a forked INVITE. */
interface Leg {
  readonly place: Place;
  readonly branch: string;
  ended: boolean;
  /** Final refusal, as it goes back to the caller. */
  refusal: { readonly status: number; readonly bytes: Buffer } | undefined;
  cancel: Timer | undefined;
}

interface Forked {
  readonly invite: Buffer;
  readonly caller: Place;
  readonly legs: readonly Leg[];
  refused: Timer | undefined;
  accepted: boolean;
}

const AGAIN_MS = 500;
const TRIES = 40;
const LINE_END = '\r\n';

/**
 * A proxy between the parties that rings several callees at once (RFC 3261 §16): it knows no more SIP than that. Every 1xx and
 * every 2xx goes back as it comes; of refusals the best, when all have refused; CANCEL goes to all.
 */
export class Forker {
  readonly #clock: Clock;
  readonly #network: SimulatedNetwork;
  readonly #place: Place;
  readonly #callees: readonly Place[];
  readonly #calls = new Map<string, Forked>();

  constructor(clock: Clock, network: SimulatedNetwork, place: Place, callees: readonly Place[]) {
    this.#clock = clock;
    this.#network = network;
    this.#place = place;
    this.#callees = callees;
    network.attach(place, (bytes, from) => this.#receive(bytes, from));
  }

  #receive(bytes: Buffer, from: Place): void {
    const parsed = parseMessage(bytes);
    if (parsed.kind !== 'ok') return;
    const { message } = parsed;
    if (message.kind === 'response') this.#response(message, bytes);
    else if (message.method === 'INVITE') this.#invite(message, bytes, from);
    else if (message.method === 'CANCEL') this.#cancel(message, bytes, from);
    else if (message.method === 'ACK') this.#acknowledged(message);
  }

  #invite(message: SipRequest, bytes: Buffer, from: Place): void {
    const known = this.#calls.get(branchOf(message));
    if (known !== undefined) {
      if (!known.accepted) for (const leg of known.legs) this.#pass(known, leg);
      return;
    }
    const legs = this.#callees.map((place, at) => ({
      place,
      branch: `z9hG4bKfork${at}${branchOf(message)}`,
      ended: false,
      refusal: undefined,
      cancel: undefined,
    }));
    const call: Forked = { invite: bytes, caller: from, legs, refused: undefined, accepted: false };
    this.#calls.set(branchOf(message), call);
    for (const leg of legs) this.#pass(call, leg);
  }

  #pass(call: Forked, leg: Leg): void {
    if (!leg.ended) this.#network.send(withVia(call.invite, this.#viaOf(leg)), this.#place, leg.place);
  }

  #cancel(message: SipRequest, bytes: Buffer, from: Place): void {
    const call = this.#calls.get(branchOf(message));
    const status = call === undefined ? '481 Call/Transaction Does Not Exist' : '200 OK';
    this.#network.send(answerTo(bytes, status), this.#place, from);
    for (const leg of call?.legs ?? []) {
      if (leg.ended || leg.cancel !== undefined) continue;
      const cancel = withVia(withoutVia(bytes), this.#viaOf(leg));
      this.#repeat(cancel, leg, TRIES);
    }
  }

  #repeat(cancel: Buffer, leg: Leg, tries: number): void {
    if (leg.ended || tries === 0) return;
    this.#network.send(cancel, this.#place, leg.place);
    leg.cancel = this.#clock.after(AGAIN_MS, 'forker', () => this.#repeat(cancel, leg, tries - 1));
  }

  #response(message: SipResponse, bytes: Buffer): void {
    if (message.cseq.method !== 'INVITE') return;
    for (const call of this.#calls.values()) {
      const leg = call.legs.find(({ branch }) => branch === branchOf(message));
      if (leg !== undefined) this.#fromLeg(call, leg, message.status, bytes);
    }
  }

  #fromLeg(call: Forked, leg: Leg, status: number, bytes: Buffer): void {
    const back = withoutVia(bytes);
    if (status < 300) {
      if (status === 100) return;
      if (status >= 200) {
        call.accepted = true;
        leg.ended = true;
        for (const other of call.legs) this.#drop(call, other);
      }
      this.#network.send(back, this.#place, call.caller);
      return;
    }
    leg.ended = true;
    leg.refusal ??= { status, bytes: back };
    this.#network.send(this.#ackOf(call, leg, bytes), this.#place, leg.place);
    const refusals = call.legs.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]));
    if (call.accepted || call.refused !== undefined || refusals.length < call.legs.length) return;
    const [best] = refusals.toSorted((one, other) => one.status - other.status);
    if (best !== undefined) this.#refuse(call, best.bytes, TRIES);
  }

  /** Who has not answered while another one has is told to stop ringing. */
  #drop(call: Forked, leg: Leg): void {
    if (leg.ended || leg.cancel !== undefined) return;
    const text = call.invite.toString('latin1');
    const head = text.slice(0, text.indexOf(LINE_END + LINE_END));
    const lines = head
      .split(LINE_END)
      .filter((line) => /^(INVITE|Via|From|To|Call-ID|CSeq|Max-Forwards)/i.test(line));
    const cancel = lines
      .map((line) => line.replace(/^INVITE/, 'CANCEL').replace(/^(CSeq: *\d+) INVITE/i, '$1 CANCEL'))
      .filter((line) => !/^Via/i.test(line));
    const bytes = [...cancel, 'Content-Length: 0', '', ''].join(LINE_END);
    this.#repeat(withVia(Buffer.from(bytes, 'latin1'), this.#viaOf(leg)), leg, TRIES);
  }

  #refuse(call: Forked, bytes: Buffer, tries: number): void {
    if (tries === 0) return;
    this.#network.send(bytes, this.#place, call.caller);
    call.refused = this.#clock.after(AGAIN_MS, 'forker', () => this.#refuse(call, bytes, tries - 1));
  }

  #acknowledged(message: SipRequest): void {
    this.#calls.get(branchOf(message))?.refused?.cancel();
  }

  /** The ACK of a refusal goes from hop to hop (§17.1.1.3). */
  #ackOf(call: Forked, leg: Leg, refusal: Buffer): Buffer {
    const text = call.invite.toString('latin1');
    const lines = text.slice(0, text.indexOf(LINE_END + LINE_END)).split(LINE_END);
    const kept = lines.filter((line) => /^(INVITE|From|Call-ID|CSeq|Max-Forwards)/i.test(line));
    const to =
      refusal
        .toString('latin1')
        .split(LINE_END)
        .find((line) => /^To:/i.test(line)) ?? '';
    const ack = kept.map((line) => line.replace(/^INVITE/, 'ACK').replace(/^(CSeq: *\d+) INVITE/i, '$1 ACK'));
    const bytes = [...ack, to, 'Content-Length: 0', '', ''].join(LINE_END);
    return withVia(Buffer.from(bytes, 'latin1'), this.#viaOf(leg));
  }

  #viaOf({ branch }: Leg): string {
    return `Via: SIP/2.0/UDP ${this.#place.host}:${this.#place.port};branch=${branch}`;
  }
}

function branchOf({ vias }: SipMessage): string {
  return vias[0].params.get('branch') ?? '';
}

/** The message with one more Via on top. */
function withVia(bytes: Buffer, via: string): Buffer {
  const text = bytes.toString('latin1');
  const first = text.indexOf(LINE_END);
  return Buffer.from(`${text.slice(0, first)}${LINE_END}${via}${text.slice(first)}`, 'latin1');
}

/** The message without the Via on top; each Via here has a line of its own. */
function withoutVia(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const from = text.search(/\r\nVia:/i);
  return from < 0
    ? bytes
    : Buffer.from(text.slice(0, from) + text.slice(text.indexOf(LINE_END, from + 2)), 'latin1');
}

/** An answer of the proxy's own. */
function answerTo(request: Buffer, status: string): Buffer {
  const text = request.toString('latin1');
  const lines = text.slice(0, text.indexOf(LINE_END + LINE_END)).split(LINE_END);
  const kept = lines.filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
  return Buffer.from([`SIP/2.0 ${status}`, ...kept, 'Content-Length: 0', '', ''].join(LINE_END), 'latin1');
}
