import { request } from 'node:http';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';

/** Closing a large month takes a while. */
const ANSWER_LIMIT_MS = 600_000;
const ANSWER_LIMIT_BYTES = 64 * 1_048_576;

/** Asks the service over its operator socket. Refusals are the service's own, or say why it cannot be asked. */
export function askService(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<Result<unknown>> {
  return new Promise((resolve) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const asked = request({ socketPath, method, path, headers, timeout: ANSWER_LIMIT_MS }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_LIMIT_BYTES) answer.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      answer.on('error', (error) => resolve(refuse(unreachable(socketPath, error))));
      answer.on('end', () => resolve(read(answer.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'))));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in 10 minutes')));
    asked.on('error', (error) => resolve(refuse(unreachable(socketPath, error))));
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function read(status: number, text: string): Result<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse({
      code: 'operator.strange',
      fault: 'peer',
      say: `The service answered ${status} without JSON.`,
    });
  }
  if (status < 300) return ok(value);
  const { code, fault, say } = value as Partial<CodedError>;
  return refuse({
    code: code ?? 'operator.refused',
    fault: fault ?? 'peer',
    say: say ?? `The service refused: ${status}.`,
  });
}

function unreachable(socketPath: string, error: NodeJS.ErrnoException): CodedError {
  const gone = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
  const forbidden = error.code === 'EACCES' || error.code === 'EPERM';
  const say = gone
    ? `The service is not running: nobody answers on ${socketPath}. Start it with scripts/start, or name its socket with --api.`
    : forbidden
      ? `You may not use ${socketPath}: the operator's socket belongs to the user that runs the service.`
      : `The service does not answer on ${socketPath}: ${error.message}.`;
  return { code: gone ? 'operator.notRunning' : 'operator.unreachable', fault: 'environment', say };
}
