/**
 * What was done with a packet, and why: every silence has a reason that `engawa why MAC` shows. `rule` is stable,
 * `say` is for people.
 */
export interface Verdict {
  readonly done: 'offered' | 'acknowledged' | 'refused' | 'noted' | 'silent' | 'probing';
  readonly rule: string;
  readonly say: string;
}

export function silent(rule: string, say: string): Verdict {
  return { done: 'silent', rule, say };
}
