import type { Clock } from '../../lib/base/clock.ts';
import type { Result } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { OwnHost } from '../../lib/base/own-host.ts';
import type { Random } from '../../lib/base/random.ts';
import type { UserAgent } from '../../lib/voice/sip/api.ts';
import type { Sound } from '../lines/index.ts';
import type { MediaValue } from '../media/index.ts';
import type { MediaCommand } from '../media/protocol.ts';
import type { Health } from '../ports.ts';
import type { FaxLog } from '../store/index.ts';
import type { AudioSdp } from './audio-sdp.ts';
import type { CallJournal } from './journal.ts';
import type { Env, OfficeState } from './model.ts';

/** The media process, as far as calls need it. Every command is answered, in any case. */
export interface MediaPort {
  request<Command extends MediaCommand>(command: Command): Promise<Result<MediaValue<Command>>>;
}

/** What the calls room tells the desk phones. A port is one place of a phone, see `phones.ts`. */
export interface PhonePort {
  ring(port: number): void;
  hear(port: number, sound: Sound): void;
  /** The media session of the call on a place. */
  sessionOf(port: number): string | undefined;
  /** Calls that an earlier run left and that can go on: media sessions by place. Asked once, at the start. */
  left(): ReadonlyMap<number, string>;
  /** One of them does go on; the others are ended by the next `stepped`. */
  adopt(port: number): void;
  /** An input was worked through and its effects are carried out. */
  stepped(state: OfficeState): void;
}

/** What the calls room needs from the others. */
export interface OfficeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Our own address for RTP and in session descriptions, of the moment. */
  readonly host: OwnHost;
  readonly journal: CallJournal;
  readonly faxes: Pick<FaxLog, 'write'>;
  readonly media: MediaPort;
  readonly sip: Pick<UserAgent, 'invite' | 'register' | 'adopt'>;
  readonly sdp: AudioSdp;
  /** The night switch, across restarts. */
  readonly night?: { readonly load: () => boolean; readonly save: (on: boolean) => void };
  /** Desk phones, where there are any. */
  readonly phones?: PhonePort;
  /** Why a call may not go outside now, though there is a way: ceilings, no room for its record. Never asked for emergency calls. */
  readonly barOf?: NonNullable<Env['barOf']>;
  /** The same of calls from outside. */
  readonly barIn?: NonNullable<Env['barIn']>;
  readonly health: Health;
}
