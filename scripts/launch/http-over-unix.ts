import { request } from 'node:http';

/** On a busy machine thirty orders at once take a while. */
const LIMIT_MS = 30_000;

/** One HTTP request over a unix socket; the answer's JSON, or an error that names the path and the status. */
export function requestJson(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const outgoing = request({ socketPath, method, path, headers, timeout: LIMIT_MS }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const status = answer.statusCode ?? 0;
        if (status >= 300) reject(new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`));
        else resolve(text === '' ? undefined : (JSON.parse(text) as unknown));
      });
    });
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`${method} ${path}: no answer in ${LIMIT_MS / 1_000} s`)),
    );
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
