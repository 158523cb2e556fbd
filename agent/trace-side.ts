import { join } from 'node:path';
import type { Clock } from '../lib/base/clock.ts';
import type { Logger } from '../lib/base/log.ts';
import { isPhonePort, type OfficeShell, PHONE_SESSION_PREFIX } from './calls/index.ts';
import type { LanSide } from './lan-side.ts';
import type { LocalApiSource, MoreRoutes } from './local-api/index.ts';
import type { MediaClient } from './media/index.ts';
import {
  CaptureRecorder,
  captureRoutes,
  type Subjects,
  TraceRoom,
  traceRoutes,
  type Whose,
} from './trace/index.ts';
import { agentVersion } from './version.ts';

/** What traces and captures ask about the box; asked at every use, because most of it is made later. */
interface Around {
  readonly clock: Clock;
  readonly log: Logger;
  /** The agent's state folder. */
  readonly state: string;
  readonly gateway: string;
  readonly media: () => MediaClient;
  readonly office: () => OfficeShell;
  readonly lan: () => LanSide;
  readonly source: () => LocalApiSource;
}

/** What is spoken, for whoever watches: now (`trace`), or of the last minutes (`capture`). */
export class TraceSide {
  readonly room: TraceRoom;
  readonly recorder: CaptureRecorder;
  readonly #around: Around;

  constructor(around: Around) {
    const { clock, log, state, gateway, media, office, lan, source } = around;
    this.#around = around;
    this.room = new TraceRoom({
      clock,
      subjects: subjectsOf(office, lan),
      // A media process that is away is asked again when it comes back.
      order: (command) => void media().request(command),
    });
    this.recorder = new CaptureRecorder({
      ...{
        room: this.room,
        clock,
        log,
        folder: join(state, 'captures'),
        logFolder: join(state, '..', 'log'),
      },
      ...{ box: gateway, program: `engawa ${agentVersion()}` },
      documents: () => ({
        status: source().status(),
        calls: source().calls(),
        dhcp: source().dhcp(),
        phones: source().phones(),
      }),
    });
  }

  /** Its routes on the local API. */
  get routes(): readonly MoreRoutes[] {
    const { clock, office } = this.#around;
    return [
      { at: '/v1/trace', routes: traceRoutes(this.room, clock, () => lastCall(office())) },
      { at: '/v1/capture', routes: captureRoutes(this.recorder) },
    ];
  }
}

/** The call that began last, running or over. */
function lastCall(office: OfficeShell): string | undefined {
  return [...office.calls()].sort((one, other) => other.startedAt - one.startedAt)[0]?.call;
}

function subjectsOf(office: () => OfficeShell, lan: () => LanSide): Subjects {
  const portIs = (port: number): Whose | undefined => {
    const found = office().state.ports.get(port);
    if (found === undefined) return undefined;
    if (!isPhonePort(port)) return { line: port };
    return found.phone === undefined ? undefined : { phone: found.phone.mac };
  };
  return {
    userIs(user) {
      for (const [port, { config }] of office().state.ports) {
        if (config.serviceId === user || config.extension === user || config.sip.user === user) {
          return portIs(port);
        }
      }
      return undefined;
    },
    hostIs(host) {
      const mac = lan().deskPhones.find(({ source }) => source?.host === host)?.mac;
      return mac === undefined ? undefined : { phone: mac };
    },
    sessionIs(session) {
      const { legs } = office().state;
      if (session.startsWith(PHONE_SESSION_PREFIX)) {
        const port = Number(session.slice(PHONE_SESSION_PREFIX.length).split('-')[0]);
        const leg = [...legs.values()].find((each) => each.port === port || each.peerPort === port);
        return { ...portIs(port), ...(leg === undefined ? {} : { call: leg.call }) };
      }
      const leg = legs.get(session);
      return leg === undefined ? undefined : { ...portIs(leg.port), call: leg.call };
    },
  };
}
