import { describe, expect, it } from 'vitest';
import { lineSettings } from '../../../../cloud-stub/contracts/index.ts';
import type { LineChange, LineSettings } from '../../../../cloud-stub/contracts/line.ts';
import type { Application, Order } from '../../../../cloud-stub/contracts/orders/types.ts';
import type { PortNumber } from '../../../../lib/base/ids.ts';
import { LINE_HABITS } from '../../../../lib/contract/site-config.ts';
import { application, Desk, id, MAIN, SECOND, THIRD } from './desk.ts';

const change = (one: LineChange, index = 1): Order => ({ kind: 'changeLine', id: id(index), change: one });

/** Two IDs on the ports of an adapter and one on an app; two numbers ring all of them. */
function office(line?: LineChange): Application {
  const plain = application(3, [MAIN, SECOND]);
  const ids = plain.ids.map((one, index) =>
    index === 2
      ? one
      : {
          ...one,
          device: 'adapter',
          port: (index + 1) as PortNumber,
          ...(index === 0 && line !== undefined ? { line } : {}),
        },
  );
  return {
    ...plain,
    ids,
    devices: [
      { id: 'adapter', model: 'adapter' },
      { id: 'app-3', model: 'app' },
    ],
  };
}

function lineOf(desk: Desk, index = 1): LineSettings {
  return lineSettings(desk.contract.ids.find((one) => one.id === id(index))?.features?.line);
}

describe('the analog line of an ID', () => {
  it('is as usual until something is said, and keeps what was said before', () => {
    const desk = Desk.with(office({ numberDisplay: { on: true } }));
    expect(lineOf(desk, 2)).toEqual({ ring: 'normal', ...LINE_HABITS });
    desk.takes(change({ gains: { earDb: -6 }, fax: { t38: false } }), change({ gains: { microphoneDb: 3 } }));
    expect(lineOf(desk)).toMatchObject({
      numberDisplay: { on: true, dialledNumber: false },
      gains: { earDb: -6, microphoneDb: 3 },
      fax: { ...LINE_HABITS.fax, t38: false },
    });
    expect(lineOf(desk, 2)).toEqual({ ring: 'normal', ...LINE_HABITS });
  });

  it('[S0-056] has a ringing of its own for numbers that ring it, and one for each', () => {
    const desk = Desk.with(office()).takes(change({ rings: [{ number: SECOND, ring: 'double' }] }));
    expect(lineOf(desk).rings).toEqual([{ number: SECOND, ring: 'double' }]);
    const foreign = change({ rings: [{ number: THIRD, ring: 'double' }] });
    expect(desk.refuses(foreign)).toBe('contract.distinctRing S0-056');
    const twice = change({ rings: (['double', 'long'] as const).map((ring) => ({ number: SECOND, ring })) });
    expect(desk.refuses(twice)).toBe('contract.distinctRing S0-056');
    const away: Order = { kind: 'changeNumber', number: SECOND, rings: [id(2), id(3)] };
    expect(desk.refuses(away)).toBe('contract.distinctRing S0-056');
    desk.takes(change({ rings: [] }), away);
  });

  it('[S0-089] offers numbers of the contract for single calls, and no others', () => {
    const desk = Desk.with(office()).takes(change({ presentable: [SECOND, MAIN] }));
    expect(desk.refuses(change({ presentable: [THIRD] }))).toBe('contract.presentsForeignNumber S0-089');
    expect(lineOf(desk).presentable).toEqual([SECOND, MAIN]);
  });

  it('[A-04] follows a number that is ported in or cancelled', () => {
    const rings = [{ number: MAIN, ring: 'long' } as const, { number: SECOND, ring: 'short' } as const];
    const desk = Desk.with(office({ rings, presentable: [SECOND, MAIN] }));
    desk.takes({ kind: 'portIn', number: THIRD, replaces: MAIN }, { kind: 'cancelNumber', number: SECOND });
    expect(lineOf(desk)).toMatchObject({ rings: [{ number: THIRD, ring: 'long' }], presentable: [THIRD] });
  });

  it('[S0-179] [S0-062] belongs to an ID on a port of an adapter, and does not go along to an app', () => {
    const desk = Desk.with(office({ impedance: '600' }));
    expect(desk.refuses(change({ echo: false }, 3))).toBe('contract.lineSettings S0-179 S0-062');
    expect(desk.refuses(change({ echo: false }, 9))).toBe('order.unknown S0-062');
    desk.takes({ kind: 'moveId', id: id(1), device: 'adapter', port: 3 as PortNumber });
    expect(lineOf(desk).impedance).toBe('600');
    desk.takes({ kind: 'moveId', id: id(1), device: 'app-3' });
    expect(desk.notes).toMatchObject([{ facts: ['S0-179'] }]);
    expect(lineOf(desk).impedance).toBe('japan');
  });

  it('takes only what a box takes', () => {
    const desk = Desk.with(office());
    for (const wrong of [
      { gains: { earDb: 20 } },
      { flash: { leastMs: 500, mostMs: 200 } },
      { presentable: Array.from({ length: 10 }, () => MAIN) },
    ]) {
      expect(desk.refuses(change(wrong))).toBe('contract.lineSettings S0-179 S0-062');
    }
  });
});
