import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { ConfigAnswer, ServiceAnswer, ServicePlace } from '../local-api/index.ts';
import { type ApiFailure, getJson } from './api-client.ts';
import { checkConfig, checkEnrolment, isClosed } from './doctor/files.ts';
import type { BoxPaths } from './paths.ts';

/** What a box knows of its service. */
export interface ServiceKnown {
  readonly place: ServicePlace | undefined;
  readonly trunk: SiteConfig['trunk'] | undefined;
}

/**
 * From the files of the box, which are there without an agent; where they are closed to whoever asks, as at the console of an
 * appliance, from the agent. A failure when that does not answer either.
 */
export async function serviceKnown(paths: BoxPaths, socket: string): Promise<ServiceKnown | ApiFailure> {
  if (!isClosed(paths)) {
    const { enrolment } = checkEnrolment(paths);
    const { config } = checkConfig(paths, enrolment?.gateway);
    return { place: enrolment, trunk: config?.trunk };
  }
  const [service, config] = await Promise.all([
    getJson<ServiceAnswer>(socket, '/v1/service'),
    getJson<ConfigAnswer>(socket, '/v1/config'),
  ]);
  if (!service.ok) return service.error;
  if (!config.ok) return config.error;
  return { place: service.value.service ?? undefined, trunk: config.value.config?.trunk };
}
