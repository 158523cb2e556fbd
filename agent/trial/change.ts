import { z } from 'zod';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { LineConfig, SiteConfig } from '../../lib/contract/site-config.ts';

const ipv4 = z.ipv4();
const port = z.int().min(1).max(8);

/** Something of the configuration that is made otherwise on the spot. */
export const localChange = z.discriminatedUnion('set', [
  /** What the box does with DHCP on the LAN. */
  z.strictObject({
    set: z.literal('lan'),
    mode: z.enum(['off', 'detect', 'optionOnly', 'phonesOnly', 'serve']),
    pool: z.strictObject({ first: ipv4, last: ipv4 }).optional(),
    router: ipv4.optional(),
  }),
  /** The line with this extension is on this port; who was there changes places with it. */
  z.strictObject({ set: z.literal('port'), extension: z.string().regex(/^[1-9][0-9]{0,4}$/), port }),
  z.strictObject({
    set: z.literal('line'),
    port,
    earDb: z.int().min(-12).max(6).optional(),
    microphoneDb: z.int().min(-12).max(6).optional(),
    impedance: z.enum(['japan', '600', '900']).optional(),
    echo: z.boolean().optional(),
    numberDisplay: z.boolean().optional(),
    callWaiting: z.boolean().optional(),
    t38: z.boolean().optional(),
  }),
]);
export type LocalChange = z.infer<typeof localChange>;

/** Changes at once, at most. */
export const CHANGES_MOST = 16;

/** What two changes have in common that are about the same thing: the later one counts. */
function keyOf(change: LocalChange): string {
  switch (change.set) {
    case 'lan':
      return 'lan';
    case 'port':
      return `port ${change.extension}`;
    case 'line':
      return `line ${change.port}`;
  }
}

/** Earlier and later changes as one list. */
export function merged(
  earlier: readonly LocalChange[],
  later: readonly LocalChange[],
): readonly LocalChange[] {
  const byKey = new Map<string, LocalChange>();
  for (const change of [...earlier, ...later]) {
    const key = keyOf(change);
    const before = byKey.get(key);
    const both = before?.set === 'line' && change.set === 'line' ? { ...before, ...change } : change;
    // Later ones stand behind: ports change places in the order in which they were asked for.
    byKey.delete(key);
    byKey.set(key, both);
  }
  return [...byKey.values()];
}

/** The configuration with the changes in it. Refused where it has no such line; all of them or none. */
export function withChanges(
  config: SiteConfig,
  changes: readonly LocalChange[],
  by: string,
): Result<SiteConfig> {
  let changed = config;
  for (const change of changes) {
    const next = withChange(changed, change, by);
    if (!next.ok) return next;
    changed = next.value;
  }
  return ok(changed);
}

function withChange(config: SiteConfig, change: LocalChange, by: string): Result<SiteConfig> {
  switch (change.set) {
    case 'lan': {
      const { dhcp } = config.lan;
      const gives = change.mode === 'serve' || change.mode === 'phonesOnly';
      return ok({
        ...config,
        lan: {
          ...config.lan,
          dhcp: {
            ...dhcp,
            mode: change.mode,
            // Who changes it here has looked at the LAN.
            confirmedBy: gives ? (dhcp.confirmedBy ?? by.slice(0, 40)) : dhcp.confirmedBy,
            pool: change.pool ?? dhcp.pool,
            router: change.router ?? dhcp.router,
          },
        },
      });
    }
    case 'port':
      return moved(config, change.extension, change.port);
    case 'line': {
      if (!config.lines.some((line) => line.port === change.port)) return noLine(`on port ${change.port}`);
      const lines = config.lines.map((line) =>
        line.port === change.port ? changedLine(line, change) : line,
      );
      return ok({ ...config, lines });
    }
  }
}

function moved(config: SiteConfig, extension: string, to: number): Result<SiteConfig> {
  const line = config.lines.find((each) => each.extension === extension);
  if (line === undefined) return noLine(`with extension ${extension}`);
  const lines = config.lines.map((each) => {
    if (each === line) return { ...each, port: to };
    return each.port === to ? { ...each, port: line.port } : each;
  });
  return ok({ ...config, lines });
}

function changedLine(line: LineConfig, change: Extract<LocalChange, { readonly set: 'line' }>): LineConfig {
  const { gains, numberDisplay, fax } = line;
  return {
    ...line,
    gains: {
      earDb: change.earDb ?? gains.earDb,
      microphoneDb: change.microphoneDb ?? gains.microphoneDb,
    },
    impedance: change.impedance ?? line.impedance,
    echo: change.echo ?? line.echo,
    numberDisplay: { ...numberDisplay, on: change.numberDisplay ?? numberDisplay.on },
    callWaiting: change.callWaiting ?? line.callWaiting,
    fax: { ...fax, t38: change.t38 ?? fax.t38 },
  };
}

function noLine(which: string) {
  return refuse({ code: 'trial.noLine', fault: 'caller', say: `This box has no line ${which}.` } as const);
}

/** A change in words. */
export function sayChange(change: LocalChange): string {
  switch (change.set) {
    case 'lan': {
      const pool = change.pool === undefined ? '' : `, addresses ${change.pool.first} to ${change.pool.last}`;
      const router = change.router === undefined ? '' : `, router ${change.router}`;
      return `LAN mode ${change.mode}${pool}${router}`;
    }
    case 'port':
      return `extension ${change.extension} on port ${change.port}`;
    case 'line': {
      const { set: _set, port: line, ...rest } = change;
      const values = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
      return `line ${line}: ${values.join(', ')}`;
    }
  }
}
