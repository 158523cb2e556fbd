import { isIP } from 'node:net';
import type { Traced, TraceKind } from './traced.ts';

/** What a trace is to show. What is absent lets everything through; what is given must all be so. */
export interface TraceFilter {
  readonly kinds: readonly TraceKind[];
  /** Id of a call, or its Call-ID. */
  readonly call?: string | undefined;
  readonly line?: number | undefined;
  /** Twelve hexadecimal digits. */
  readonly phone?: string | undefined;
  /** An address, or an address with a port: `192.0.2.1`, `192.0.2.1:5061`, `[2001:db8::1]:5061`. */
  readonly peer?: string | undefined;
}

/** Whether a filter lets a message through. */
export function lets(filter: TraceFilter, traced: Traced): boolean {
  const { whose } = traced;
  if (!filter.kinds.includes(traced.kind)) return false;
  if (filter.line !== undefined && whose.line !== filter.line) return false;
  if (filter.phone !== undefined && whose.phone !== filter.phone) return false;
  if (filter.call !== undefined && !isOfCall(filter.call, traced)) return false;
  return filter.peer === undefined || isPeer(filter.peer, traced);
}

/** A message to the cloud belongs to a call when it names it. */
function isOfCall(call: string, { kind, whose, bytes }: Traced): boolean {
  if (whose.call === call || whose.callId === call) return true;
  return kind === 'mqtt' && bytes.includes(call);
}

function isPeer(peer: string, { remote }: Traced): boolean {
  const place = placeOf(peer);
  return place.host === remote.host && (place.port === undefined || place.port === remote.port);
}

/** Splits the port off, where there is one. */
export function placeOf(peer: string): { readonly host: string; readonly port?: number } {
  if (isIP(peer) !== 0) return { host: peer };
  const found = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(peer.slice(0, 200));
  if (found === null) return { host: peer.replace(/^\[|\]$/g, '') };
  return { host: found[1] ?? '', port: Number(found[2]) };
}
