import { crc32 } from 'node:zlib';
import { formatIpv4, type Ipv4, parseIpv4 } from '../../lib/net/ipv4.ts';
import { parseMac } from '../../lib/net/mac-address.ts';
import type { LeaseChange } from './effects.ts';
import type { ClientKey } from './lease.ts';

/** Longest line that is read back. */
const LINE_LIMIT = 2_048;

/**
 * One change as one line: CRC-32 of the rest in eight hex digits, a space, JSON with the wall time of the change. A line
 * that a power cut has torn is known by its sum.
 */
export function journalLine(change: LeaseChange, atMs: number): string {
  const json = JSON.stringify({ ...change, address: formatIpv4(change.address), atMs });
  return `${sum(json)} ${json}\n`;
}

/** A change with the wall time at which it was written. */
export interface JournalEntry {
  readonly change: LeaseChange;
  readonly atMs: number;
}

/** What a journal holds: the latest entry of every address, and how many lines could not be read. */
export interface JournalContent {
  readonly entries: readonly JournalEntry[];
  readonly lines: number;
  readonly damaged: number;
}

/** Reads a whole journal. Takes any text and never throws; damaged lines are passed over and counted. */
export function readJournal(text: string): JournalContent {
  const latest = new Map<Ipv4, JournalEntry>();
  let [lines, damaged] = [0, 0];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    lines++;
    const entry = readLine(line);
    if (entry === undefined) damaged++;
    else {
      // Deleted first, so that the order is that of the last writing.
      latest.delete(entry.change.address);
      latest.set(entry.change.address, entry);
    }
  }
  return { entries: [...latest.values()], lines, damaged };
}

function readLine(line: string): JournalEntry | undefined {
  if (line.length > LINE_LIMIT || line[8] !== ' ') return undefined;
  const json = line.slice(9);
  if (line.slice(0, 8) !== sum(json)) return undefined;
  try {
    return entryOf(JSON.parse(json) as Readonly<Record<string, unknown>>);
  } catch {
    return undefined;
  }
}

function entryOf(fields: Readonly<Record<string, unknown>>): JournalEntry | undefined {
  const { atMs, change, client, forMs, because, traits } = fields;
  const address = typeof fields['address'] === 'string' ? parseIpv4(fields['address']) : undefined;
  if (address === undefined || typeof atMs !== 'number') return undefined;
  if (change === 'released') return { atMs, change: { change, address } };
  if (typeof forMs !== 'number') return undefined;
  if (change === 'quarantined' && (because === 'probe' || because === 'declined')) {
    return { atMs, change: { change, address, because, forMs } };
  }
  if (change !== 'bound' || typeof client !== 'string') return undefined;
  const { mac, hostName, vendorClass } = (traits ?? {}) as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    atMs,
    change: {
      change,
      address,
      client: client as ClientKey,
      forMs,
      traits: {
        mac: (typeof mac === 'string' ? parseMac(mac) : undefined) ?? null,
        hostName: text(hostName),
        vendorClass: text(vendorClass),
      },
    },
  };
}

/**
 * What is left of every entry at wall time `nowMs`. A clock that stands before the journal's last line was not set yet (no
 * RTC): then nothing has run out, because a lease that is believed too long hurts nobody, one too short gives an address twice.
 */
export function remaining(entries: readonly JournalEntry[], nowMs: number): LeaseChange[] {
  const latestMs = entries.reduce((latest, entry) => Math.max(latest, entry.atMs), 0);
  const clockIsSet = nowMs >= latestMs;
  return entries.map(({ change, atMs }) => {
    if (change.change === 'released') return change;
    return { ...change, forMs: clockIsSet ? Math.max(0, change.forMs - (nowMs - atMs)) : change.forMs };
  });
}

function sum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
