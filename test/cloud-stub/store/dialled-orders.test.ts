import { describe, expect, it } from 'vitest';
import type { CallRequest, Decision } from '../../../cloud-stub/routing/types.ts';
import { withDialledOrders } from '../../../cloud-stub/store/dialled-orders.ts';
import type { OrderRequest, Orders } from '../../../cloud-stub/store/orders.ts';
import type { Directory } from '../../../cloud-stub/switch/ports.ts';
import { dial, officeOn, withTollFree } from '../routing/outgoing-office.ts';
import { BASE, CALL, CONTRACT, MAIN } from '../routing/world.ts';

const FREE = '0120555010';
const office = withTollFree(officeOn('deskPhone'), FREE, true, ['tollFree.presentNumber']);

/** What happens to a call that one ID makes: lines of the log, and orders. */
async function call(dialled: string, answer: () => ReturnType<Orders['apply']>) {
  const orders: OrderRequest[] = [];
  const told: string[] = [];
  const directory: Directory = {
    ha1: async () => undefined,
    device: () => 'deskPhone',
    decide: (request: CallRequest): Decision =>
      dial(office, request.direction === 'out' ? request.dialled : ''),
  };
  const apply: Orders['apply'] = (request) => {
    orders.push(request);
    return answer();
  };
  const tell = (_: unknown, text?: string) => void told.push(text ?? '');
  const log = { info: tell, warn: tell } as never;
  const request = { call: CALL, direction: 'out', id: BASE, dialled } as const;
  const live = { busyChannels: () => 0, reachable: () => true };
  const decision = withDialledOrders(directory, { apply }, log).decide(request, live);
  await new Promise((resolve) => setImmediate(resolve));
  return { decision, orders, told };
}

const refusal = { code: 'order.tooEarly', fault: 'caller', say: 'no' } as const;

describe('an order that a caller dials', () => {
  it('is 135 and 1 or 0: the ID shows the toll-free number, or the contract number again [S2-015]', async () => {
    for (const [dialled, presents] of [
      ['1351', FREE],
      ['1350', MAIN],
    ] as const) {
      const { decision, orders } = await call(dialled, async () => ({ ok: false, error: refusal }));
      expect(decision.plan.verb).toBe('play');
      expect(orders).toEqual([
        {
          contract: CONTRACT,
          order: { kind: 'changeId', id: BASE, presents },
          orderId: `dialled-${CALL}`,
          by: BASE,
        },
      ]);
    }
  });

  it('keeps nobody waiting, whatever becomes of it', async () => {
    const refused = await call('1351', async () => ({ ok: false, error: refusal }));
    expect(refused.told).toEqual(['a dialled order was refused']);
    const failed = await call('1351', () => Promise.reject(new Error('away')));
    expect(failed.told).toEqual(['a dialled order failed']);
  });

  it('is none for any other call', async () => {
    const { orders } = await call('0312345678', async () => ({ ok: false, error: refusal }));
    expect(orders).toEqual([]);
  });
});

it('a directory that takes dialled orders still knows how many channels there are [S0-059]', () => {
  const directory: Directory = {
    ha1: async () => undefined,
    device: () => 'deskPhone',
    decide: () => dial(office, '117'),
    channels: (contract) => (contract === CONTRACT ? 2 : undefined),
  };
  const wrapped = withDialledOrders(
    directory,
    { apply: () => Promise.reject(new Error('unused')) },
    {} as never,
  );
  expect(wrapped.channels?.(CONTRACT)).toBe(2);
});
