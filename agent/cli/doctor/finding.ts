import type { Verdict } from '../screen.ts';

/** What one check of the doctor found. */
export interface Finding {
  /** First column after the verdict; stable, for programs. */
  readonly name: string;
  readonly verdict: Verdict;
  readonly say: string;
  /** Set when there is something to do. */
  readonly todo: { readonly code: string; readonly remedy: string; readonly command: string } | null;
}

export function good(name: string, say: string): Finding {
  return { name, verdict: 'OK', say, todo: null };
}

/** Could not be checked, or need not be; `say` tells why. */
export function skipped(name: string, say: string): Finding {
  return { name, verdict: '--', say, todo: null };
}

export function bad(
  name: string,
  verdict: 'WARN' | 'FAIL',
  say: string,
  todo: { readonly code: string; readonly remedy: string; readonly command: string },
): Finding {
  return { name, verdict, say, todo };
}
