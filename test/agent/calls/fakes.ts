import { type MediaPort, OfficeShell } from '../../../agent/calls/index.ts';
import type { CallJournal, LegEnd, LegStart, UnfinishedLeg } from '../../../agent/calls/journal.ts';
import type { MediaValue } from '../../../agent/media/index.ts';
import type { LineSettings, MediaCommand } from '../../../agent/media/protocol.ts';
import type { Instant } from '../../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../../lib/base/errors.ts';
import type { FactId } from '../../../lib/base/ids.ts';
import { createLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type {
  DialogSnapshot,
  InviteFacts,
  InviteOptions,
  RegisterOptions,
  Session,
  SessionEvent,
  SipReason,
} from '../../../lib/voice/sip/api.ts';
import { plainSdp } from './office-world.ts';

/** Everything that was done, in the order in which it was done. */
export type Deed = readonly [verb: string, ...details: unknown[]];

export class FakeSession implements Session {
  readonly direction;
  readonly invite: InviteFacts;
  readonly #deeds: Deed[];
  #listener: (event: SessionEvent) => void = () => {};
  dialog: DialogSnapshot | undefined;

  constructor(direction: 'in' | 'out', invite: InviteFacts, deeds: Deed[]) {
    this.direction = direction;
    this.invite = invite;
    this.#deeds = deeds;
  }

  /** The far end does something. */
  event(event: SessionEvent): void {
    this.#listener(event);
  }

  listen(listener: (event: SessionEvent) => void): void {
    this.#listener = listener;
  }
  progress(status: number): void {
    this.#deeds.push(['sip.progress', status]);
  }
  answer(sdp: string): void {
    this.#deeds.push(['sip.answer', sdp]);
  }
  reject(status: number, reason?: SipReason): void {
    this.#deeds.push(['sip.reject', status, reason?.cause]);
  }
  reinvite(): void {
    this.#deeds.push(['sip.reinvite']);
  }
  hangUp(reason?: SipReason): void {
    this.#deeds.push(['sip.hangUp', reason?.cause]);
  }
  snapshot(): DialogSnapshot | undefined {
    return this.dialog;
  }
}

export function inviteFacts(
  change: Partial<InviteFacts> & { headers?: Record<string, string> } = {},
): InviteFacts {
  const { headers = {}, ...rest } = change;
  return {
    callId: 'x@cloud',
    source: { transport: 'tls', host: '127.54.0.10', port: 5061 },
    requestUri: 'sip:id-000001-1@127.54.0.1:5061',
    toUser: 'id-000001-1',
    fromUser: '09012345678',
    fromDisplay: '',
    header: (name) => {
      const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
      return value === undefined ? [] : [value];
    },
    sdp: '127.54.0.10:30000',
    ...rest,
  };
}

/** The calls room with everything around it faked, on a virtual clock. */
export class ShellBench {
  /** What the shell logs. */
  readonly log: string[] = [];
  readonly clock = new VirtualClock();
  readonly deeds: Deed[] = [];
  readonly warnings = new Set<string>();
  readonly settings = new Map<number, LineSettings>();
  readonly sessions: FakeSession[] = [];
  readonly registers: RegisterOptions[] = [];
  unfinished: UnfinishedLeg[] = [];
  /** Media commands are refused while true. */
  mediaAway = false;
  readonly shell: OfficeShell;
  #facts = 0;
  #port = 20_000;

  constructor() {
    this.shell = new OfficeShell({
      clock: this.clock,
      random: seededRandom(7),
      log: createLog('agent', 'info', { write: (line) => this.log.push(String(JSON.parse(line).msg)) }),
      host: '127.54.0.1',
      journal: this.#journal(),
      faxes: { write: (entry) => void this.deeds.push(['faxes.write', entry]) },
      media: this.#media(),
      sip: {
        invite: (options) => this.#invite(options),
        register: (options) => {
          this.registers.push(options);
          return {
            stop: async () => {
              this.deeds.push(['sip.unregister', options.credentials.user]);
            },
            hurry: () => this.deeds.push(['sip.hurry', options.credentials.user]),
          };
        },
        adopt: (dialog) => {
          this.deeds.push(['sip.adopt', dialog.callId, dialog.localSequence]);
          const session = this.session('out', inviteFacts());
          session.dialog = dialog;
          return session;
        },
      },
      sdp: plainSdp,
      health: { raise: (code) => this.warnings.add(code), clear: (code) => void this.warnings.delete(code) },
    });
  }

  session(direction: 'in' | 'out', invite: InviteFacts): FakeSession {
    const session = new FakeSession(direction, invite, this.deeds);
    this.sessions.push(session);
    return session;
  }

  /** Lets what was promised come true. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }

  verbs(): string[] {
    return this.deeds.map(([verb]) => verb);
  }

  #invite(options: InviteOptions): Session {
    this.deeds.push(['sip.invite', options]);
    return this.session('out', inviteFacts({ requestUri: options.requestUri }));
  }

  #media(): MediaPort {
    const request = async (command: MediaCommand): Promise<Result<unknown>> => {
      if (this.mediaAway) return refuse({ code: 'media.lost', fault: 'environment', say: 'gone' });
      // How lines are set up is told at every connection; it is a matter of its own.
      if (command.type === 'lineSettings') this.settings.set(command.port, command.settings);
      else if (command.type !== 'overlay') this.deeds.push([`media.${command.type}`, command]);
      if (command.type === 'rtpOpen') return ok({ localPort: this.#port++ });
      const figures = { packetsSent: 9, packetsReceived: 8, packetsLost: 1, packetsLate: 0, jitterMs: 1.5 };
      return ok(command.type === 'rtpClose' ? { ...figures, concealedMs: 20 } : null);
    };
    return {
      request: <Command extends MediaCommand>(command: Command) =>
        request(command) as Promise<Result<MediaValue<Command>>>,
    };
  }

  #journal(): CallJournal {
    const done = (verb: string, ...details: unknown[]): void =>
      void this.deeds.push([`journal.${verb}`, ...details]);
    return {
      begin: (start: LegStart) => {
        const id = `gw-000001/00000000/${++this.#facts}` as FactId;
        done('begin', id, start);
        return id;
      },
      answered: (id: FactId, at: Instant) => done('answered', id, at),
      keep: (id, adoptable) => done('keep', id, JSON.parse(JSON.stringify(adoptable))),
      end: (id: FactId, end: LegEnd) => done('end', id, end),
      heartbeat: (at) => done('heartbeat', at),
      unfinished: () => this.unfinished,
    };
  }
}
