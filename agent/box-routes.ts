import type { LogLevelKeeper } from '../lib/base/log-level.ts';
import type { OfficeShell } from './calls/index.ts';
import {
  type LocalApiSource,
  logRoutes,
  type MoreRoutes,
  trialRoutes,
  whyCallRoutes,
  whyNumberRoutes,
} from './local-api/index.ts';
import type { MediaClient } from './media/index.ts';
import { logTools } from './technician/index.ts';
import type { TrialRoom } from './trial/index.ts';

/** What a technician's further tools are made of. */
interface BoxParts {
  readonly logLevel: LogLevelKeeper | undefined;
  readonly media: MediaClient;
  readonly source: LocalApiSource;
  readonly office: OfficeShell;
  readonly trials: TrialRoom;
}

/** Routes of the local API for the box as a whole. */
export function boxRoutes(parts: BoxParts): readonly MoreRoutes[] {
  const { logLevel, media, source, office, trials } = parts;
  const logs = logLevel === undefined ? [] : [logRoutes(logTools(logLevel, media))];
  return [
    ...logs.map((routes) => ({ at: '/v1/log-level', routes }) as const),
    { at: '/v1/why-call', routes: whyCallRoutes(source, office) },
    { at: '/v1/why-number', routes: whyNumberRoutes(source, office) },
    { at: '/v1/trial', routes: trialRoutes(trials) },
  ];
}
