import type { Logger } from '../../lib/base/log.ts';
import type { CallRequest, Decision } from '../routing/types.ts';
import type { Directory, LiveState } from '../switch/ports.ts';
import type { Orders } from './orders.ts';

/**
 * A directory that also makes the orders that callers dial: 135 and 1 or 0. The order is named after the call, so that
 * it counts once; what it is told later is only logged, because the caller has heard by then that it was taken. [S2-015]
 */
export function withDialledOrders(
  directory: Directory,
  orders: Pick<Orders, 'apply'>,
  log: Pick<Logger, 'info' | 'warn'>,
): Directory {
  const take = ({ call }: CallRequest, change: NonNullable<Decision['change']>): void => {
    const { contract, id, presents } = change;
    const order = { kind: 'changeId', id, presents } as const;
    orders
      .apply({ contract, order, orderId: `dialled-${call}`, by: id })
      .then((done) => {
        if (done.ok) log.info({ event: 'order.dialled', call, contract, id, presents }, 'a dialled order');
        else log.warn({ call, contract, id, refusal: done.error }, 'a dialled order was refused');
      })
      .catch((error: unknown) => log.warn({ err: error, call, contract, id }, 'a dialled order failed'));
  };
  return {
    ha1: (user, realm, algorithm) => directory.ha1(user, realm, algorithm),
    device: (id) => directory.device(id),
    channels: (contract) => directory.channels?.(contract),
    decide(request: CallRequest, live: LiveState): Decision {
      const decision = directory.decide(request, live);
      if (decision.change !== undefined) take(request, decision.change);
      return decision;
    },
  };
}
