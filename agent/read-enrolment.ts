import { readFileSync } from 'node:fs';
import { StartupError } from '../lib/base/errors.ts';
import { type Enrolment, enrolment } from '../lib/contract/enrolment.ts';

/** Largest enrolment file that is read. */
const LIMIT_BYTES = 65_536;

/** Reads what the gateway was given at its enrolment. Throws a `StartupError` that says what to do. */
export function readEnrolment(path: string): Enrolment {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw refusal(
      'enrolment.missing',
      `There is no readable enrolment at ${path}: claim this box first: engawa setup.`,
    );
  }
  if (text.length > LIMIT_BYTES) throw damaged(path, 'it is too large');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(path, 'it is not JSON');
  }
  const parsed = enrolment.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw damaged(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}`);
}

function damaged(path: string, what: string): StartupError {
  return refusal(
    'enrolment.damaged',
    `The enrolment at ${path} cannot be used (${what}): claim this box again: engawa reset --enrolment, engawa setup.`,
  );
}

function refusal(code: string, say: string): StartupError {
  return new StartupError({ code, fault: 'environment', say });
}
