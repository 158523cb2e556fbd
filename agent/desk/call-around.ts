import type { Clock } from '../../lib/base/clock.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { RegistrarAgent } from '../../lib/voice/sip/api.ts';
import type { MediaPort, OfficeState, PhoneInput } from '../calls/index.ts';
import type { PhoneCall } from './phone-call.ts';
import type { PhoneSdp } from './phone-sdp.ts';

/** The calls room, as the phones see it. */
export interface PhoneOffice {
  readonly state: OfficeState;
  phoneDoes(input: PhoneInput): void;
}

/** What a call of a desk phone needs around it. */
export interface CallAround {
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: string;
  readonly media: MediaPort;
  readonly sdp: PhoneSdp;
  readonly sip: RegistrarAgent;
  readonly office: PhoneOffice;
  sessionOf(port: number): string | undefined;
  callOf(sipCallId: string): PhoneCall | undefined;
  /** What a later run would have to know has changed. */
  changed(): void;
  ended(call: PhoneCall): void;
}
