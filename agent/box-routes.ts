import { dirname } from 'node:path';
import type { Clock } from '../lib/base/clock.ts';
import type { Result } from '../lib/base/errors.ts';
import type { Logger } from '../lib/base/log.ts';
import type { LogLevelKeeper } from '../lib/base/log-level.ts';
import type { OfficeShell } from './calls/index.ts';
import { configDiffOf } from './config-diff-of.ts';
import {
  configDiffRoutes,
  type LocalApiSource,
  logRoutes,
  type MoreRoutes,
  resetRoutes,
  trialRoutes,
  whyCallRoutes,
  whyNumberRoutes,
} from './local-api/index.ts';
import type { MediaClient } from './media/index.ts';
import { orderWipe, resetTools } from './reset/index.ts';
import type { BoxIdentity } from './status.ts';
import type { ConfigStore, Outbox } from './store/index.ts';
import { logTools } from './technician/index.ts';
import type { TrialRoom } from './trial/index.ts';

/** What a technician's further tools are made of. */
interface BoxParts {
  /** As the agent was started. */
  readonly options: {
    readonly state: string;
    readonly api: string;
    readonly logLevel?: LogLevelKeeper;
    readonly restart?: (() => void) | undefined;
    readonly clock: Clock;
    readonly log: Logger;
  };
  readonly who: () => BoxIdentity;
  /** Gives the identity back; undefined where there is none. */
  readonly leave: () => Promise<Result<void>> | undefined;
  readonly media: MediaClient;
  readonly source: LocalApiSource;
  readonly office: OfficeShell;
  readonly outbox: Outbox;
  readonly config: ConfigStore;
  readonly trials: TrialRoom;
}

/** Routes of the local API for the box as a whole. */
export function boxRoutes(parts: BoxParts): readonly MoreRoutes[] {
  const { who, media, source, office, outbox, trials } = parts;
  const { api, state, logLevel, restart, clock, log } = parts.options;
  const logs = logLevel === undefined ? [] : [logRoutes(logTools(logLevel, media))];
  const resets = resetTools({
    ...{ folder: state, restart, clock, log: log.child({ room: 'reset' }), leave: parts.leave },
    orderWipe: () => orderWipe(dirname(api), nameOf(who())),
    view: () => ({ gateway: nameOf(who()), calls: office.callsNow(), records: outbox.size() }),
  });
  return [
    ...logs.map((routes) => ({ at: '/v1/log-level', routes }) as const),
    { at: '/v1/why-call', routes: whyCallRoutes(source, office) },
    { at: '/v1/why-number', routes: whyNumberRoutes(source, office) },
    { at: '/v1/config-diff', routes: configDiffRoutes(() => configDiffOf(parts.config)) },
    { at: '/v1/trial', routes: trialRoutes(trials) },
    { at: '/v1/reset', routes: resetRoutes(resets) },
  ];
}

/** What a person types who means this box. */
function nameOf({ gateway, serialNumber }: BoxIdentity): string {
  return gateway ?? serialNumber ?? 'reset';
}
