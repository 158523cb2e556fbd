import { createReadStream } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { type JsonLine, JsonLineReader } from '../../lib/base/json-lines.ts';
import { whoMay } from './who-may.ts';

/** Why the agent did not answer. */
export interface ApiFailure {
  readonly code: 'cli.notRunning' | 'cli.notPermitted' | 'cli.silent' | 'cli.strange' | 'cli.refused';
  readonly say: string;
  /** The agent's own code, when it refused. */
  readonly refusal?: string;
}

export type ApiResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ApiFailure };

const ANSWER_LIMIT_MS = 5_000;
const PUT_LIMIT_MS = 120_000;
const ANSWER_LIMIT_BYTES = 4 * 1_048_576;
/** The stream has a pulse every 10 s: three missed ones mean that the agent hangs. */
const STREAM_LIMIT_MS = 35_000;

const AGENT_GONE: ApiFailure = { code: 'cli.notRunning', say: 'The agent went away.' };

/** One `POST` to the local API; as {@link getJson}. `limitMs` is how long the agent may take. */
export function postJson<Value extends { readonly v: 1 }>(
  socketPath: string,
  path: string,
  body: object,
  limitMs: number = ANSWER_LIMIT_MS,
): Promise<ApiResult<Value>> {
  return ask(socketPath, { path, method: 'POST', body: JSON.stringify(body), limitMs }, read<Value>);
}

/** Hands a file to the agent, piece by piece; a stick and a disk take their time. */
export function putFile(
  socketPath: string,
  path: string,
  file: string,
  sizeBytes: number,
): Promise<ApiResult<{ readonly v: 1 }>> {
  return new Promise((resolve) => {
    const headers = { 'content-length': sizeBytes, 'content-type': 'application/octet-stream' };
    const wish = { socketPath, path, headers, method: 'PUT', timeout: PUT_LIMIT_MS, agent: false };
    const pieces = createReadStream(file);
    const sent = request(wish, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        if (chunks.length < 64) chunks.push(chunk);
      });
      response.on('error', (error) => resolve(fail(explain(error, socketPath))));
      response.on('end', () => {
        // A refusal comes before the last piece has gone.
        pieces.destroy();
        resolve(read(response, Buffer.concat(chunks)));
      });
    });
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    sent.on('error', (error) => {
      pieces.destroy();
      resolve(fail(explain(error, socketPath)));
    });
    pieces.on('error', (error) => {
      sent.destroy();
      resolve(fail({ code: 'cli.refused', say: `The file cannot be read: ${error.message}.` }));
    });
    pieces.pipe(sent);
  });
}

/** A file that the agent hands out, or undefined when it is not ready yet. */
export function getFile(
  socketPath: string,
  path: string,
  limitBytes?: number,
): Promise<ApiResult<Buffer | undefined>> {
  const wish = { path, method: 'GET' as const, limitMs: ANSWER_LIMIT_MS, limitBytes };
  return ask(socketPath, wish, (response, body) => {
    if (response.statusCode === 202) return { ok: true, value: undefined };
    if (response.statusCode === 200) return { ok: true, value: body };
    const refused = read<{ readonly v: 1 }>(response, body);
    return refused.ok ? fail({ code: 'cli.strange', say: 'What answers is not the agent.' }) : refused;
  });
}

/** One `GET` to the local API. The answer is known to be a JSON object of version 1; its fields are the agent's word. */
export function getJson<Value extends { readonly v: 1 }>(
  socketPath: string,
  path: string,
): Promise<ApiResult<Value>> {
  return ask(socketPath, { path, method: 'GET', limitMs: ANSWER_LIMIT_MS }, read<Value>);
}

function ask<Value>(
  socketPath: string,
  wish: {
    path: string;
    method: 'GET' | 'POST';
    body?: string;
    limitMs: number;
    limitBytes?: number | undefined;
  },
  take: (response: IncomingMessage, body: Buffer) => ApiResult<Value>,
): Promise<ApiResult<Value>> {
  const { path, method, body, limitMs, limitBytes = ANSWER_LIMIT_BYTES } = wish;
  return new Promise((resolve) => {
    const sent = request({ socketPath, path, method, timeout: limitMs, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limitBytes) response.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      response.on('error', (error) => resolve(fail(explain(error, socketPath))));
      response.on('end', () => resolve(take(response, Buffer.concat(chunks))));
    });
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    sent.on('error', (error) => resolve(fail(explain(error, socketPath))));
    sent.end(body);
  });
}

/**
 * Follows a stream of JSON lines until `signal` or until the other side ends it. Resolves with nothing when it was
 * `signal`, with the reason otherwise. `take` returns false to stop.
 */
export function followJson(
  socketPath: string,
  path: string,
  signal: AbortSignal,
  take: (line: unknown) => boolean,
): Promise<ApiFailure | undefined> {
  return new Promise((resolve) => {
    const gone = (error: Error): void => resolve(signal.aborted ? undefined : explain(error, socketPath));
    const sent = request({ socketPath, path, signal, timeout: STREAM_LIMIT_MS, agent: false }, (response) => {
      if (response.statusCode !== 200) {
        readRefusal(response, resolve);
        return;
      }
      const reader = new JsonLineReader();
      response.on('data', (chunk: Buffer) => {
        const stop = reader.push(chunk).some((line: JsonLine) => line.kind === 'value' && !take(line.value));
        if (!stop) return;
        resolve(undefined);
        sent.destroy();
      });
      // Cut or ended in order: either way it is the agent that went away.
      const over = (): void => resolve(signal.aborted ? undefined : AGENT_GONE);
      response.on('error', over);
      response.on('end', over);
    });
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    sent.on('error', gone);
    sent.end();
  });
}

/** What stands in an answer that is no stream. */
function readRefusal(response: IncomingMessage, resolve: (failure: ApiFailure) => void): void {
  const say = `The agent refuses the stream (HTTP ${response.statusCode}).`;
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= ANSWER_LIMIT_BYTES) chunks.push(chunk);
  });
  response.on('error', () => resolve({ code: 'cli.refused', say }));
  response.on('end', () => {
    const refused = read<unknown>(response, Buffer.concat(chunks));
    resolve(refused.ok ? { code: 'cli.refused', say } : refused.error);
  });
}

function read<Value>(response: IncomingMessage, body: Buffer): ApiResult<Value> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return fail({ code: 'cli.strange', say: 'What answers on the socket is not the agent.' });
  }
  if (response.statusCode !== 200) {
    const say = hasText(value, 'say') ? value.say : `HTTP ${response.statusCode}`;
    const refusal = hasText(value, 'code') ? { refusal: value.code } : {};
    return fail({ code: 'cli.refused', say: `The agent refuses: ${say}`, ...refusal });
  }
  if (typeof value !== 'object' || value === null || !('v' in value) || value.v !== 1) {
    return fail({ code: 'cli.strange', say: 'The agent speaks another version than this command.' });
  }
  return { ok: true, value: value as Value };
}

function hasText<Name extends string>(value: unknown, name: Name): value is Record<Name, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, name) &&
    typeof Reflect.get(value, name) === 'string'
  );
}

function fail(error: ApiFailure): { readonly ok: false; readonly error: ApiFailure } {
  return { ok: false, error };
}

function explain(error: Error & { code?: unknown }, socketPath: string): ApiFailure {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return { code: 'cli.notRunning', say: `The agent is not running: nobody answers on ${socketPath}.` };
    case 'EACCES':
    case 'EPERM':
      return { code: 'cli.notPermitted', say: whoMay(socketPath) };
    case 'ETIMEDOUT':
      return { code: 'cli.silent', say: 'The agent took the connection and does not answer.' };
    default:
      return { code: 'cli.notRunning', say: `The agent cannot be asked: ${error.message}.` };
  }
}
