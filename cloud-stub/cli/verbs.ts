import type { CodedError, Result } from '../../lib/base/errors.ts';

/** Asks the service and writes its answer, as text or as JSON. */
export type Ask = (
  method: 'GET' | 'POST',
  path: string,
  body: unknown,
  render: (value: unknown) => string,
) => Promise<void>;

/** Writes an answer, or why there is none, and leaves with the code that fits. */
export type Tell = <Value>(
  answer: Result<Value, CodedError>,
  render: (value: Value) => string,
  alwaysJson?: boolean,
) => void;
