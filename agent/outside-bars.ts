import { isPhonePort, type OfficeOptions, type OfficeState, phoneOf, placesOf } from './calls/index.ts';
import type { OutsideGuard } from './outside/index.ts';

/** The guard as the calls room asks it: by the line that calls. */
export function barsOf(
  guard: Pick<OutsideGuard, 'barOut' | 'barIn'>,
  state: () => OfficeState,
): Pick<OfficeOptions, 'barOf' | 'barIn'> {
  return {
    barOf: ({ number }, account) => {
      const serviceId = state().ports.get(account)?.config.serviceId;
      return serviceId === undefined ? guard.barIn() : guard.barOut(serviceId, number);
    },
    barIn: () => guard.barIn(),
  };
}

/** The lines that stand for desk phones in records, calls and warnings. */
export function phonePorts({ ports }: OfficeState): readonly number[] {
  return [...ports.keys()].filter((port) => isPhonePort(port) && placesOf(phoneOf(port))[0] === port);
}
