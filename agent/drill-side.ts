import { join } from 'node:path';
import type { Clock } from '../lib/base/clock.ts';
import type { Logger } from '../lib/base/log.ts';
import type { OwnHost } from '../lib/base/own-host.ts';
import { realSockets } from '../lib/voice/sip/core.ts';
import type { OfficeShell } from './calls/index.ts';
import { lampsOf } from './desk/index.ts';
import { DrillRoom, drillFile, Links } from './drill/index.ts';
import type { Ground } from './ground.ts';
import type { LanSide } from './lan-side.ts';
import { drillRoutes, type MoreRoutes } from './local-api/index.ts';
import type { MediaClient } from './media/index.ts';
import type { Health } from './ports.ts';
import { openWire, type Sync } from './sync/index.ts';

/** The rooms that a drill looks at. */
interface Around {
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: OwnHost;
  readonly state: string;
  readonly health: Health;
  readonly ground: Ground;
  readonly media: MediaClient;
  office(): OfficeShell;
  sync(): Sync;
  lan(): LanSide;
}

/** Outage drills, and the links that they cut. */
export class DrillSide {
  readonly room: DrillRoom;
  readonly sockets: ReturnType<Links['sockets']>;
  readonly openWire: ReturnType<Links['wires']>;
  readonly #clock: Clock;
  readonly #links: Links;

  constructor({ clock, log, host, state, health, ground, media, office, sync, lan }: Around) {
    const links = new Links();
    this.#clock = clock;
    this.#links = links;
    this.sockets = links.sockets(ground.sip ?? realSockets);
    this.openWire = links.wires(ground.openWire ?? openWire);
    const keeper = drillFile(join(state, 'drill.json'), (say) => log.warn({ say }, 'the file of the drills'));
    this.room = new DrillRoom({
      ...{ clock, log, host, links, keeper, health, media, office },
      emergencyUp: () => office().emergencyUp(),
      cloud: () => sync().cloud(),
      phones: () => lan().deskPhones.filter(({ source }) => source !== null).length,
      lampOf: (shown, watched) => lampsOf(shown).get(watched)?.[0]?.state,
    });
  }

  /** Both links to the service are begun anew: what hung on an address that the box no longer has would be missed only much later. */
  reconnect(): void {
    if (this.#links.isCut) return;
    this.#links.cut();
    this.#links.mend();
  }

  get routes(): readonly MoreRoutes[] {
    return [{ at: '/v1/drill', routes: drillRoutes(this.room, () => this.#clock.now()) }];
  }
}
