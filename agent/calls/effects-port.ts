import type { Clock } from '../../lib/base/clock.ts';
import type { Result } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type { UserAgent } from '../../lib/voice/sip/api.ts';
import type { MediaValue } from '../media/index.ts';
import type { MediaCommand } from '../media/protocol.ts';
import type { Health } from '../ports.ts';
import type { FaxLog } from '../store/index.ts';
import type { AudioSdp } from './audio-sdp.ts';
import type { CallJournal } from './journal.ts';

/** The media process, as far as calls need it. Every command is answered, in any case. */
export interface MediaPort {
  request<Command extends MediaCommand>(command: Command): Promise<Result<MediaValue<Command>>>;
}

/** What the calls room needs from the others. */
export interface OfficeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Our own address for RTP and in session descriptions. */
  readonly host: string;
  readonly journal: CallJournal;
  readonly faxes: Pick<FaxLog, 'write'>;
  readonly media: MediaPort;
  readonly sip: Pick<UserAgent, 'invite' | 'register' | 'adopt'>;
  readonly sdp: AudioSdp;
  readonly health: Health;
}
