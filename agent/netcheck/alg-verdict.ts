import { badRow, goodRow, type NetRow } from './net-row.ts';

/** A SIP request as it left, and as the service says that it came; undefined when nothing came back. */
export interface Mirrored {
  readonly method: string;
  readonly sent: string;
  readonly came: string | undefined;
}

const SHOWN_MOST = 3;

/** Names of what differs: headers by their name, `start line`, `body`. Order is kept, each once. */
export function differences(sent: string, came: string): readonly string[] {
  const [one, other] = [partsOf(sent), partsOf(came)];
  const names: string[] = [];
  if (one.start !== other.start) names.push('start line');
  for (const name of new Set([...one.headers.keys(), ...other.headers.keys()])) {
    if (one.headers.get(name) !== other.headers.get(name)) names.push(name);
  }
  if (one.body !== other.body) names.push('body');
  return names;
}

/** The row about routers that rewrite SIP, from requests that were mirrored by the service. */
export function algRow(mirrored: readonly Mirrored[], port: number, udpWorks: boolean): NetRow {
  const name = 'sip alg';
  const answered = mirrored.filter(({ came }) => came !== undefined);
  const changed = [...new Set(answered.flatMap(({ sent, came }) => differences(sent, came ?? sent)))];
  const figures = { port, answered: answered.length, changed: changed.join(' ') };
  if (changed.length > 0) {
    const more = changed.length > SHOWN_MOST ? ` and ${changed.length - SHOWN_MOST} more` : '';
    const say = `A router rewrites SIP: ${changed.slice(0, SHOWN_MOST).join(', ')}${more} came changed.`;
    return badRow(name, 'WARN', 'E-NET-421', say, figures);
  }
  const silent = mirrored.filter(({ came }) => came === undefined).map(({ method }) => method);
  // Where UDP does not work at all, another row says so.
  if (silent.length > 0 && udpWorks) {
    const say = `SIP over UDP port ${port} is not answered: ${silent.join(', ')}.`;
    return badRow(name, 'WARN', 'E-NET-422', say, figures);
  }
  if (answered.length === 0)
    return { name, verdict: '--', say: 'not found out: no answer', todo: null, figures };
  return goodRow(name, `none: SIP over UDP port ${port} arrives as it was sent`, figures);
}

function partsOf(text: string): {
  readonly start: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
} {
  const blank = text.indexOf('\r\n\r\n');
  const head = blank < 0 ? text : text.slice(0, blank);
  const [start = '', ...lines] = head.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon).trim();
    // Several of one name stand one below the other.
    headers.set(name, `${headers.get(name) ?? ''}${line.slice(colon + 1).trim()}\n`);
  }
  return { start, headers, body: blank < 0 ? '' : text.slice(blank + 4) };
}
