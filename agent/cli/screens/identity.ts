import { spokenFingerprint } from '../../../lib/contract/key-fingerprint.ts';
import type { IdentityAnswer } from '../../local-api/index.ts';
import { type Look, rowLines, spoken, type Verdict } from '../screen.ts';

/** `engawa identity`: who the box is, to be compared with what the operator sees. */
export function identityScreen({ identity }: IdentityAnswer, look: Look): readonly string[] {
  const { gateway, serialNumber, fingerprint, say } = identity;
  const [first = 'no key', ...more] = spokenFingerprint(fingerprint ?? '');
  const box = gateway ?? (identity.at === 'unclaimed' ? 'not claimed' : 'enrolment lost');
  const rows = [
    { verdict: identityVerdict({ v: 1, identity }), name: 'box', say: box },
    { verdict: '' as const, name: 'serial', say: serialNumber ?? 'unknown' },
    { verdict: '' as const, name: 'key', say: first },
    ...more.map((line) => ({ verdict: '' as const, name: '', say: line })),
    ...(say === '' ? [] : [{ verdict: '' as const, name: '', say }]),
  ];
  return [
    ...rows.flatMap((row) => rowLines(row, look)),
    spoken(
      identity.at === 'claimed'
        ? `The operator sees the same key: engawa-cloud gateways ${gateway ?? ''}`
        : 'Claim it with the code on its order: engawa setup',
      look,
    ),
  ];
}

export function identityVerdict({ identity }: IdentityAnswer): Verdict {
  return identity.at === 'claimed' ? 'OK' : identity.at === 'unclaimed' ? 'WARN' : 'FAIL';
}
