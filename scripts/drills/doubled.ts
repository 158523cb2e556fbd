import type { CallView } from '../../cloud-stub/store/index.ts';

/** What is on record more than once, in words: a leg, or two legs of one line in one call. */
export function doubled(records: readonly CallView[]): string[] {
  const legs = records.flatMap(({ boxes }) => boxes.map(({ record }) => record));
  const twice = new Set(legs.filter((leg, index) => legs.indexOf(leg) !== index));
  const sameLine = records.filter(
    ({ boxes }) => new Set(boxes.map(({ line }) => line)).size !== boxes.length,
  );
  return [
    ...[...twice].map((leg) => `box record ${leg} stands twice`),
    ...sameLine.map(({ call }) => `call ${call} has two box records of one line`),
  ];
}
