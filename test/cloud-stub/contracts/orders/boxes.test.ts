import { describe, expect, it } from 'vitest';
import type { Application, IdOrder, Order } from '../../../../cloud-stub/contracts/orders/types.ts';
import type { GatewayId, PortNumber } from '../../../../lib/base/ids.ts';
import { application, Desk, id, MAIN } from './desk.ts';

/** Two IDs on two adapters of one gateway, and one on an app. */
function office(
  first: Partial<IdOrder> = {},
  second: Partial<IdOrder> = {},
  more: Partial<Application> = {},
): Application {
  const plain = application(3, [MAIN]);
  const gateway = 'gw-000001' as GatewayId;
  const changes = [
    { device: 'adapter-1', port: 1 as PortNumber, ...first },
    { device: 'adapter-2', port: 2 as PortNumber, ...second },
  ];
  return {
    ...plain,
    ids: plain.ids.map((one, index) => ({ ...one, ...changes[index] })),
    devices: [
      { id: 'adapter-1', model: 'adapter', gateway },
      { id: 'adapter-2', model: 'adapter', gateway },
      { id: 'app-3', model: 'app' },
    ],
    ...more,
  };
}

function port(number: number): { readonly port: PortNumber } {
  return { port: number as PortNumber };
}

const refusal = (order: Application): string => new Desk().refuses(order);

describe('what a box must take', () => {
  it.each(['011', '0', '123456', '', '1a', '110', '118', '119'])(
    '[S0-062] refuses the extension "%s"',
    (extension) => {
      expect(refusal(office({ extension }))).toBe('contract.extension S0-062');
      const order: Order = { kind: 'changeId', id: id(3), extension };
      expect(Desk.with(office()).refuses(order)).toBe('contract.extension S0-062');
    },
  );

  it.each(['1', '11', '111', '99999'])('[S0-062] takes the extension "%s"', (extension) => {
    expect(refusal(office({ extension }, { extension: '50' }))).toBe('accepted');
  });

  it('[S0-179] [S0-062] a port is one of 1 to 8 of an adapter', () => {
    const rule = 'contract.port S0-179 S0-062';
    expect([0, 1, 8, 9, 64].map((number) => refusal(office(port(number))))).toEqual([
      rule,
      'accepted',
      'accepted',
      rule,
      rule,
    ]);
    expect(refusal(office({ device: 'app-3' }))).toBe(rule);
    const moves: Order = { kind: 'moveId', id: id(3), device: 'adapter-1', ...port(9) };
    expect(Desk.with(office()).refuses(moves)).toBe(rule);
  });

  it('[S0-179] [S0-062] a port carries one line, whichever adapter of the gateway it is called by', () => {
    expect(refusal(office(port(1), port(1)))).toBe('contract.port S0-179 S0-062');
    const apart = office(port(1), port(1), {
      devices: [
        { id: 'adapter-1', model: 'adapter', gateway: 'gw-000001' as GatewayId },
        { id: 'adapter-2', model: 'adapter', gateway: 'gw-000002' as GatewayId },
        { id: 'app-3', model: 'app' },
      ],
    });
    expect(refusal(apart)).toBe('accepted');
    const desk = Desk.with(office());
    desk.takes({ kind: 'cancelId', id: id(2) });
    desk.takes({ kind: 'moveId', id: id(1), device: 'adapter-1', ...port(2) });
  });

  it('[S0-179] names that a box shows are short and plain', () => {
    const rule = 'contract.boxText S0-179';
    expect(refusal(office({ label: 'x'.repeat(40) }))).toBe('accepted');
    for (const label of ['x'.repeat(41), 'a\nb', 'a\u0085b']) expect(refusal(office({ label }))).toBe(rule);
    const named = (ja: string, en: string) => refusal(office({}, {}, { name: { ja, en } }));
    expect(named('縁'.repeat(40), 'x'.repeat(37))).toBe('accepted');
    expect([named('縁'.repeat(40), 'x'.repeat(38)), named('縁\t側', 'x')]).toEqual([rule, rule]);
    const apps = application(1, [MAIN], { name: { ja: '縁'.repeat(90), en: 'x' } });
    expect(refusal(apps)).toBe('accepted');
  });

  it('[S0-056] an analog line is rung by at most 16 numbers', () => {
    const ip050 = (count: number): Application =>
      office(
        {},
        {},
        {
          product: 'ip050',
          business: true,
          numbers: Array.from({ length: count }, (_, n) => ({
            number: `0501234${String(1_000 + n)}`,
            kind: 'ip050' as const,
          })),
        },
      );
    expect([16, 17].map((count) => refusal(ip050(count)))).toEqual([
      'accepted',
      'contract.boxNumbers S0-056',
    ]);
  });
});
