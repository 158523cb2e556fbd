import type { StunAddress } from '../../lib/net/stun.ts';
import { badRow, goodRow, type NetRow, skippedRow } from './net-row.ts';

/** What STUN said of one socket of ours. */
export interface NatSeen {
  readonly local: StunAddress;
  /** As the service saw it on its first and on its second port; undefined where no answer came. */
  readonly first: StunAddress | undefined;
  readonly second: StunAddress | undefined;
  /** Whether an answer from the other port came, which nothing had been sent to. */
  readonly strangersPass: boolean;
}

/** Behaviour towards UDP, in the words of RFC 4787. */
export type NatKind = 'blocked' | 'none' | 'easy' | 'hard' | 'severalWays';

/** What kind of NAT it is. */
export function natKind({ local, first, second }: NatSeen): NatKind {
  const one = first ?? second;
  const other = second ?? first;
  if (one === undefined || other === undefined) return 'blocked';
  if (one.host !== other.host) return 'severalWays';
  if (one.port !== other.port) return 'hard';
  return one.host === local.host && one.port === local.port ? 'none' : 'easy';
}

/** The row about UDP and NAT. */
export function natRow(seen: NatSeen, tried: string): NetRow {
  const kind = natKind(seen);
  const { first, second, local, strangersPass } = seen;
  const mapped = first ?? second;
  const filtering = strangersPass ? 'lets others in' : 'lets nobody else in';
  const figures = {
    kind,
    local: `${local.host}:${local.port}`,
    mapped: mapped === undefined ? null : `${mapped.host}:${mapped.port}`,
    keepsPort: mapped?.port === local.port,
    strangersPass,
  };
  switch (kind) {
    case 'blocked':
      return badRow('nat', 'FAIL', 'E-NET-401', `No answer over UDP from ${tried}.`, figures);
    case 'none':
      return goodRow('nat', `none, ${local.host} is seen as it is`, figures);
    case 'easy': {
      const ports = figures.keepsPort ? ', keeps ports' : '';
      return goodRow(
        'nat',
        `easy: seen as ${mapped?.host ?? ''}, one port for all${ports}, ${filtering}`,
        figures,
      );
    }
    case 'hard':
      return badRow(
        'nat',
        'WARN',
        'E-NET-402',
        `Hard NAT: ${first?.host ?? ''} gives every destination another port.`,
        figures,
      );
    case 'severalWays': {
      const say = `Seen as ${first?.host ?? ''} and as ${second?.host ?? ''}: the office has several ways out.`;
      return badRow('nat', 'WARN', 'E-NET-403', say, figures);
    }
  }
}

/** Whether an answer still came after a silence of so long. */
export interface Silence {
  readonly seconds: number;
  readonly came: boolean;
}

/** Calls on hold are silent for the time between two RTCP reports, and reports get lost. */
const LIFE_WANTED_S = 20;

/** How long the NAT remembers a silent way, from silences of several lengths that were tried side by side. */
export function lifeRow(silences: readonly Silence[]): NetRow {
  const name = 'nat memory';
  const sorted = [...silences].sort((one, other) => one.seconds - other.seconds);
  const lost = sorted.find(({ came }) => !came);
  // What came after the first that was lost came by luck: another packet may have kept the way open.
  const kept = sorted.filter(
    ({ came, seconds }) => came && seconds < (lost?.seconds ?? Number.POSITIVE_INFINITY),
  );
  const longest = kept.at(-1)?.seconds ?? 0;
  const figures = { atLeastS: longest, lessThanS: lost?.seconds ?? null };
  if (sorted.length === 0) return skippedRow(name, 'not measured');
  if (lost === undefined) return goodRow(name, `answers still come after ${longest} s of silence`, figures);
  const say = `A silent way is forgotten after ${longest} to ${lost.seconds} s.`;
  if (lost.seconds > LIFE_WANTED_S) return goodRow(name, say, figures);
  return badRow(name, 'WARN', 'E-NET-411', say, figures);
}
