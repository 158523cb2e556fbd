/** Who is at fault: the other side, whoever called us, ourselves, or the machine and network around us. */
export type Fault = 'peer' | 'caller' | 'us' | 'environment';

/** What every error of ours carries. Unions of these are discriminated by `code`. */
export interface CodedError {
  readonly code: string;
  readonly fault: Fault;
  /** A sentence for a person: what was wrong, where, what to do. */
  readonly say: string;
}

/** A result that is either good or a coded refusal. */
export type Result<Value, Refusal extends CodedError = CodedError> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Refusal };

/** A good result. */
export function ok<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

/** A refusal. */
export function refuse<Refusal extends CodedError>(
  error: Refusal,
): { readonly ok: false; readonly error: Refusal } {
  return { ok: false, error };
}

/** Stops a program at start-up with one clear sentence; thrown only by shells, caught by `runMain`. */
export class StartupError extends Error {
  readonly coded: CodedError;

  constructor(coded: CodedError) {
    super(coded.say);
    this.coded = coded;
  }
}

/** For the branch that the compiler has proved impossible. */
export function unreachable(value: never): never {
  throw new Error(`impossible value: ${JSON.stringify(value)}`);
}
