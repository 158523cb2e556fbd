import type { Clock, Timer } from '../../../lib/base/clock.ts';
import { randomHex } from '../../../lib/base/random.ts';
import type { Line } from './line.ts';
import { headerText, type SipRequest, type SipResponse } from './message.ts';

export interface RegistrationHooks {
  readonly clock: Clock;
  /** After every final answer. */
  changed(registration: Registration): void;
}

/** After a refusal or a silence. */
const RETRY_MS = 20_000;
const LEAST_REFRESH_MS = 5_000;

/** One account at its registrar: REGISTER, again before it runs out, again after a failure. */
export class Registration {
  readonly line: Line;
  readonly #hooks: RegistrationHooks;
  readonly #callId: string;
  readonly #tag: string;
  #sequence = 0;
  #timer: Timer | undefined;
  #ended = false;
  #expiresS: number;
  registered = false;
  /** Final status of the last REGISTER; 0 when nobody answered. */
  status: number | null = null;
  untilMs: number | null = null;

  constructor(line: Line, hooks: RegistrationHooks) {
    this.line = line;
    this.#hooks = hooks;
    this.#callId = line.newCallId();
    this.#tag = randomHex(line.random, 6);
    this.#expiresS = line.settings.expiresS;
  }

  begin(): void {
    this.#send(this.#expiresS);
  }

  /** Stops; takes the registration back unless the power or the cable is gone. */
  end(politely: boolean): void {
    this.#timer?.cancel();
    if (politely && this.registered && !this.#ended) this.#send(0);
    this.#ended = true;
    this.registered = false;
  }

  #send(expiresS: number): void {
    const { line } = this;
    const { domain } = line.settings;
    const [contact] = line.contact();
    if (contact === undefined) return;
    const request: SipRequest = {
      method: 'REGISTER',
      uri: `sip:${domain}`,
      headers: {
        from: { uri: line.uri, params: { tag: this.#tag } },
        to: { uri: line.uri, params: {} },
        'call-id': this.#callId,
        cseq: { seq: ++this.#sequence, method: 'REGISTER' },
        contact: [contact],
        expires: String(expiresS),
        supported: 'path',
        'max-forwards': 70,
        ...line.route(),
      },
    };
    line.request(
      request,
      (response) => this.#answered(response),
      (sent) => {
        this.#sequence = sent.headers.cseq?.seq ?? this.#sequence;
      },
    );
  }

  #answered(response: SipResponse): void {
    if (response.status < 200 || this.#ended) return;
    const { clock } = this.#hooks;
    this.status = response.status === 408 && response.reason === 'Request Timeout' ? 0 : response.status;
    if (response.status < 300) {
      const forS = grantedS(response, this.line) ?? this.#expiresS;
      this.registered = true;
      this.untilMs = clock.now() + forS * 1_000;
      this.#again(Math.max(LEAST_REFRESH_MS, forS * 850));
    } else {
      this.registered = false;
      this.untilMs = null;
      const least = Number(headerText(response.headers, 'min-expires'));
      const after = Number(headerText(response.headers, 'retry-after').split(/[ ;(]/)[0]);
      if (response.status === 423 && least > this.#expiresS) {
        this.#expiresS = Math.min(least, 86_400);
        this.#again(0);
      } else this.#again(after > 0 ? Math.min(after, 3_600) * 1_000 : RETRY_MS);
    }
    this.#hooks.changed(this);
  }

  #again(afterMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#hooks.clock.after(afterMs, 'phone registers', () => this.#send(this.#expiresS));
  }
}

/** What the registrar gave for our own contact. */
function grantedS(response: SipResponse, line: Line): number | undefined {
  const contacts = Array.isArray(response.headers.contact) ? response.headers.contact : [];
  const ours = line.contact()[0]?.uri.split(';')[0] ?? '';
  const own = contacts.find(({ uri }) => uri.split(';')[0] === ours);
  const text = own?.params['expires'] ?? headerText(response.headers, 'expires');
  const seconds = Number(text);
  return text !== '' && Number.isInteger(seconds) && seconds > 0 ? seconds : undefined;
}
