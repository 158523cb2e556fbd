import type { Clock } from '../../lib/base/clock.ts';
import type { Random } from '../../lib/base/random.ts';
import type { Datagrams } from '../../lib/net/datagram-pool.ts';
import type { PortRange } from '../../lib/voice/rtp/port-range.ts';
import type { Delays } from './delays.ts';
import type { Keyed } from './key-watch.ts';
import type { MediaTap } from './media-tap.ts';
import type { FaxTone, MediaCommand } from './protocol.ts';
import type { RtpSession } from './rtp-session.ts';

/** Where and how to send: the agent's command. */
export type RtpTarget = Omit<Extract<MediaCommand, { readonly type: 'rtpConnect' }>, 'type' | 'session'>;

/** What a session needs of its surroundings. */
export interface RtpSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly ports: PortRange;
  readonly pool: Datagrams;
  /** Filled with the time from a board frame to the packet that carries it. */
  readonly delays: Delays;
  /** Where everything that is said can be watched. */
  readonly tap?: MediaTap;
  onDigit(session: string, digit: string): void;
  /** A key was pressed at the other end of a joined session, whose far end takes no events: it is pressed as a tone. */
  onUntaken(session: RtpSession, digit: string): void;
  /** A session that takes no word of silence is joined to one that tells of it: a level in dBov, undefined at the next sound. */
  onQuiet(session: RtpSession, levelDbov: number | undefined): void;
  /** Keys were heard in the sound of a session that is joined to this one, which takes events. */
  onKeyed(session: RtpSession, keyed: Keyed): void;
  onFaxTone(session: string, from: 'line' | 'network', tone: FaxTone): void;
}
