import type { Clock } from '../../../lib/base/clock.ts';
import type { Microphone, Receiver } from '../media/sound.ts';
import type { CallView } from '../phone-state.ts';
import type { Call } from './call.ts';
import type { Dialog } from './dialog.ts';
import type { Line } from './line.ts';
import type { SipRequest } from './message.ts';

/** What a call needs of its phone. */
export interface CallContext {
  readonly address: string;
  readonly clock: Clock;
  readonly microphone: Microphone;
  readonly receiver: Receiver;
  nameOf(number: string): string | undefined;
  ringOf(line: Line, alertInfo: string): string;
  changed(call: Call): void;
}

export type CallState = CallView['state'];

/** How a call begins: see `call-start.ts`. */
export interface Beginning {
  readonly dialog: Dialog;
  readonly invite: SipRequest;
  readonly direction: 'in' | 'out';
  readonly number: string;
  readonly name: string;
  readonly ring: string;
}
