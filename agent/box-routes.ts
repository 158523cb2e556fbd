import type { LogLevelKeeper } from '../lib/base/log-level.ts';
import { logRoutes, type MoreRoutes } from './local-api/index.ts';
import type { MediaClient } from './media/index.ts';
import { logTools } from './technician/index.ts';

/** What a technician's further tools are made of. */
interface BoxParts {
  readonly logLevel: LogLevelKeeper | undefined;
  readonly media: MediaClient;
}

/** Routes of the local API for the box as a whole. */
export function boxRoutes({ logLevel, media }: BoxParts): readonly MoreRoutes[] {
  if (logLevel === undefined) return [];
  return [{ at: '/v1/log-level', routes: logRoutes(logTools(logLevel, media)) }];
}
