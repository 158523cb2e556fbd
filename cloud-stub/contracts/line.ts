import { LINE_HABITS, type LineConfig } from '../../lib/contract/site-config.ts';

/** How an analog line behaves; ranges are those of the box's configuration. [S0-056] [S0-179] */
export type LineSettings = Readonly<Pick<LineConfig, 'ring' | keyof typeof LINE_HABITS>>;

type Grouped = 'numberDisplay' | 'gains' | 'flash' | 'fax';

/** What is said about a line; the rest is as usual. Within a group each setting stands by itself. */
export type LineChange = Partial<Omit<LineSettings, Grouped>> & {
  readonly [Group in Grouped]?: Partial<LineSettings[Group]>;
};

/** A line about which nothing was ever said. */
const USUAL_LINE: LineSettings = { ring: 'normal', ...LINE_HABITS };

/** What was said before and what is said now; the later word counts. */
export function withLineChange(before: LineChange, change: LineChange): LineChange {
  const next: Record<string, unknown> = { ...before, ...change };
  for (const group of ['numberDisplay', 'gains', 'flash', 'fax'] as const) {
    if (change[group] !== undefined) next[group] = { ...before[group], ...change[group] };
  }
  return next;
}

/** All settings of a line. */
export function lineSettings(said: LineChange | undefined): LineSettings {
  return withLineChange(USUAL_LINE, said ?? {}) as LineSettings;
}

/** What of a line or a desk phone names numbers. */
interface Numbered {
  readonly rings?: readonly { readonly number: string }[] | undefined;
  readonly presentable?: readonly string[] | undefined;
}

/** The same for other numbers: `rename` gives the new name, or null for a number that is gone. */
export function withOtherNumbers<Said extends Numbered>(
  said: Said,
  rename: (number: string) => string | null,
): Said {
  const { rings, presentable } = said;
  return {
    ...said,
    ...(rings === undefined
      ? {}
      : {
          rings: rings.flatMap((one) => {
            const number = rename(one.number);
            return number === null ? [] : [{ ...one, number }];
          }),
        }),
    ...(presentable === undefined ? {} : { presentable: presentable.flatMap((one) => rename(one) ?? []) }),
  };
}
