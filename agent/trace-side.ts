import type { Clock } from '../lib/base/clock.ts';
import { isPhonePort, type OfficeShell, PHONE_SESSION_PREFIX } from './calls/index.ts';
import type { LanSide } from './lan-side.ts';
import type { MoreRoutes } from './local-api/index.ts';
import type { MediaClient } from './media/index.ts';
import { type Subjects, TraceRoom, traceRoutes, type Whose } from './trace/index.ts';

/** What a trace asks about the box. */
interface Around {
  readonly clock: Clock;
  readonly media: MediaClient;
  readonly office: () => OfficeShell;
  readonly lan: () => LanSide;
}

/** The room that shows what is spoken, with its order to the media process. */
export function createTrace({ clock, media, office, lan }: Around): TraceRoom {
  return new TraceRoom({
    clock,
    subjects: subjectsOf(office, lan),
    // A media process that is away is asked again when it comes back.
    order: (command) => void media.request(command),
  });
}

/** Its routes on the local API. */
export function traceRoutesOf(room: TraceRoom, clock: Clock, office: OfficeShell): readonly MoreRoutes[] {
  return [{ at: '/v1/trace', routes: traceRoutes(room, clock, () => lastCall(office)) }];
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
