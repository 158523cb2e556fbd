import { describe, expect, it } from 'vitest';
import {
  type Contract,
  emptyFeatures,
  exampleOffice,
  routingSnapshot,
} from '../../../cloud-stub/contracts/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../../lib/base/ids.ts';

const NUMBER = '0355550100';
const ID = 'id-000001-2' as ServiceId;
const CONTRACT = 'c-000001' as ContractId;
const [main] = exampleOffice.numbers;
const [base, second] = exampleOffice.ids;
if (main === undefined || base === undefined || second === undefined)
  throw new Error('example office is not whole');

/** The second ID is held from 2,000 until 4,000, voicemail from 3,000 until 5,000; the rest from 1,000 on. */
const office: Contract = {
  ...exampleOffice,
  numbers: [{ ...main, held: { from: instant(1_000), until: null } }],
  ids: [
    { ...base, held: { from: instant(1_000), until: null } },
    { ...second, held: { from: instant(2_000), until: instant(4_000) } },
  ],
  options: [
    { items: ['option.voicemail'], on: NUMBER, held: { from: instant(3_000), until: instant(5_000) } },
  ],
};
const list = [office];

function seenAt(at: number, list_: readonly Contract[] = list) {
  const live = { busyChannels: () => at % 7, reachable: () => at % 2 === 0 };
  const snapshot = routingSnapshot(list_, live, instant(at));
  return {
    channels: snapshot.contract(CONTRACT)?.channels,
    busy: snapshot.contract(CONTRACT)?.busyChannels,
    number: snapshot.number(NUMBER)?.options,
    id: snapshot.id(ID)?.reachable,
    extension: snapshot.extension?.(CONTRACT, second?.extension ?? ''),
  };
}

describe('what routing sees of a contract', () => {
  it('changes at the moment when something begins or ends, however often and in which order it is asked', () => {
    const moments = [999, 1_000, 1_999, 2_000, 2_999, 3_000, 3_999, 4_000, 4_999, 5_000, 9_999];
    const alone = moments.map((at) => seenAt(at, [{ ...office }]));
    for (const order of [moments, [...moments].reverse(), [...moments, ...moments]]) {
      for (const at of order) expect(seenAt(at)).toEqual(alone[moments.indexOf(at)]);
    }
    expect(alone.map((one) => one.channels)).toEqual([0, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1]);
    expect(alone.map((one) => one.number?.length)).toEqual([undefined, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0]);
    expect(alone.map((one) => one.extension !== undefined)).toEqual(alone.map((one) => one.id !== undefined));
  });

  it('asks for channels and reachability every time', () => {
    expect(seenAt(3_000)).toMatchObject({ busy: 4, id: true });
    expect(seenAt(3_001)).toMatchObject({ busy: 5, id: false });
  });

  it.each([
    ['contract', ['option.fax'], [], true],
    ['contract', [], ['option.fax'], true],
    ['contract', [], [], false],
    ['additional', ['option.fax'], [], false],
    ['additional', [], ['option.fax'], false],
    ['additional', ['option.fax'], ['option.fax'], true],
  ] as const)(
    '[A-12] says whether the %s number with %j on it and %j on an ID takes faxes',
    (role, onNumber, onId, yes) => {
      const features = { ...emptyFeatures(), fax: { use: 'faxOnly' as const, relayTo: null } };
      const held = { from: instant(0), until: null };
      const contract: Contract = {
        ...exampleOffice,
        numbers: [{ ...main, role, features }],
        options: [
          { items: onNumber, on: NUMBER, held },
          { items: onId, on: ID, held },
        ],
      };
      const live = { busyChannels: () => 0, reachable: () => true };
      const snapshot = routingSnapshot([contract], live, instant(Date.UTC(2026, 10, 24)));
      expect(snapshot.number(NUMBER)?.faxEntitled).toBe(yes);
    },
  );
});
