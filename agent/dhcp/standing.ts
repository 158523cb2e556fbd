import { unreachable } from '../../lib/base/errors.ts';
import type { Ipv4 } from '../../lib/net/ipv4.ts';
import type { DhcpMode } from './settings.ts';

/** What the server may do at this moment. */
export type Standing =
  /** `off` and `detect`: nothing is ever answered. */
  | { readonly at: 'mute' }
  /** INFORM is answered with options; nobody gets an address. */
  | { readonly at: 'optionsOnly' }
  /**
   * To become the only server, once a round of looking has found no other. Whoever has an address from us keeps it
   * meanwhile.
   */
  | { readonly at: 'looking' }
  /** Beside the customer's router: phones only, never a NAK. */
  | { readonly at: 'phonesOnly' }
  /** The only server of the LAN: everybody is served, and wrong addresses are refused (authoritative). */
  | { readonly at: 'serving' }
  /**
   * Another server was heard. Whoever has an address from us keeps it, nobody new gets one, nothing is refused: the
   * other server is never fought.
   */
  | {
      readonly at: 'steppedDown';
      readonly foreign: Ipv4;
      readonly lastHeardMs: number;
      readonly evidence: ForeignEvidence;
    };

/**
 * `answer`: a message of the other server itself was heard. `hint`: a client asked for a server that is not us, which
 * anybody can write; looking around decides.
 */
export type ForeignEvidence = 'answer' | 'hint';

/** Time without a sign of another server after which serving goes on. Longer than six rounds of looking. */
export const RESUME_AFTER_MS = 3_900_000;

/** Where a mode begins. */
export function standingOf(mode: DhcpMode): Standing {
  switch (mode) {
    case 'off':
    case 'detect':
      return { at: 'mute' };
    case 'optionOnly':
      return { at: 'optionsOnly' };
    case 'phonesOnly':
      return { at: 'phonesOnly' };
    case 'serve':
      return { at: 'looking' };
    default:
      return unreachable(mode);
  }
}

/** Another server was heard: only one that serves everybody steps down; the others expect a server beside them. */
export function heardForeign(
  standing: Standing,
  foreign: Ipv4,
  evidence: ForeignEvidence,
  nowMs: number,
): Standing {
  if (standing.at === 'mute' || standing.at === 'optionsOnly' || standing.at === 'phonesOnly')
    return standing;
  const sure = evidence === 'answer' || (standing.at === 'steppedDown' && standing.evidence === 'answer');
  if (sure && evidence === 'hint') return standing;
  return { at: 'steppedDown', foreign, lastHeardMs: nowMs, evidence };
}

/** A round of looking has found nobody: a mere hint is forgotten, a server that was really heard is waited out. */
export function foundNobody(standing: Standing, nowMs: number): Standing {
  if (standing.at === 'looking') return { at: 'serving' };
  if (standing.at !== 'steppedDown') return standing;
  const waited = nowMs - standing.lastHeardMs >= RESUME_AFTER_MS;
  return standing.evidence === 'hint' || waited ? { at: 'serving' } : standing;
}
