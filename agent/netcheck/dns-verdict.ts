import { badRow, goodRow, type NetRow, skippedRow } from './net-row.ts';

/** What a name server did. */
export interface NameServerSeen {
  readonly server: string;
  /** Until it answered; undefined when it did not. */
  readonly tookMs: number | undefined;
  /** It gave an address to a name that cannot exist (RFC 6761: `.invalid`). */
  readonly lies: boolean;
}

/** The row about names. `needed`: the service is known by name, not by address. */
export function dnsRow(seen: readonly NameServerSeen[], needed: boolean): NetRow {
  const name = 'dns';
  const verdict = needed ? 'FAIL' : 'WARN';
  if (seen.length === 0) return badRow(name, verdict, 'E-NET-201', 'No name server is set.');
  const answered = seen.filter(({ tookMs }) => tookMs !== undefined);
  const figures = { servers: seen.length, answered: answered.length };
  if (answered.length === 0) {
    const say = `No name server answers: ${seen.map(({ server }) => server).join(', ')}.`;
    return badRow(name, verdict, 'E-NET-201', say, figures);
  }
  const liars = answered.filter(({ lies }) => lies).map(({ server }) => server);
  if (liars.length > 0) {
    return badRow(
      name,
      'WARN',
      'E-NET-202',
      `${liars.join(', ')} answers for names that do not exist.`,
      figures,
    );
  }
  const best = Math.min(...answered.map(({ tookMs }) => tookMs ?? Number.POSITIVE_INFINITY));
  const say = `${answered.length} of ${seen.length} servers answer, ${Math.round(best)} ms`;
  if (answered.length === seen.length) return goodRow(name, say, figures);
  const dead = seen.filter(({ tookMs }) => tookMs === undefined).map(({ server }) => server);
  return badRow(name, 'WARN', 'E-NET-201', `${say}; silent: ${dead.join(', ')}.`, figures);
}

/** Name servers of a `resolv.conf` (resolv.conf(5)). */
export function nameServersIn(text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) => /^\s*nameserver\s+([0-9a-fA-F.:]+)/.exec(line)?.[1] ?? [])
    .slice(0, 3);
}

/** What a time server said. */
export interface TimeServerSeen {
  readonly server: string;
  /** Its clock against ours; undefined when it did not answer. */
  readonly offsetMs: number | undefined;
}

const OFFSET_WARN_MS = 1_000;

/** The row about time servers. */
export function ntpRow(seen: readonly TimeServerSeen[]): NetRow {
  const name = 'ntp';
  if (seen.length === 0) return skippedRow(name, 'no time server is set on this machine');
  const answered = seen.filter(({ offsetMs }) => offsetMs !== undefined);
  const [first] = answered;
  if (first?.offsetMs === undefined) {
    const say = `No time server answers: ${seen.map(({ server }) => server).join(', ')}.`;
    return badRow(name, 'WARN', 'E-NET-302', say, { servers: seen.length, answered: 0 });
  }
  const figures = { servers: seen.length, answered: answered.length, offsetMs: Math.round(first.offsetMs) };
  const said = `${first.server}, ${Math.round(first.offsetMs)} ms`;
  if (Math.abs(first.offsetMs) < OFFSET_WARN_MS) return goodRow(name, said, figures);
  return badRow(
    name,
    'WARN',
    'E-NET-301',
    `The clock is wrong by ${Math.round(first.offsetMs)} ms (${first.server}).`,
    figures,
  );
}

/** Time servers of systemd-timesyncd, chrony or ntpd, as their files name them. */
export function timeServersIn(text: string): readonly string[] {
  const found = text.split('\n').flatMap((line) => {
    const own = /^\s*(?:Fallback)?NTP\s*=\s*(.+)$/.exec(line)?.[1]?.trim().split(/\s+/) ?? [];
    const other = /^\s*(?:server|pool|peer)\s+([\w.:-]+)/.exec(line)?.[1];
    return [...own, ...(other === undefined ? [] : [other])];
  });
  return [...new Set(found)];
}
