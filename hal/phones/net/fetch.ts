import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../../../lib/base/clock.ts';
import { type Random, randomHex } from '../../../lib/base/random.ts';
import type { FileAnswer } from '../boot/chain.ts';

export interface FetchOptions {
  readonly url: string;
  readonly userAgent: string;
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly clock: Clock;
  readonly random: Random;
  /** Longest file that is taken. */
  readonly bytesMost?: number;
}

const BYTES_MOST = 1_048_576;
const TIMEOUT_MS = 8_000;
const REDIRECTS_MOST = 3;

/** GET as a desk phone does: any certificate will do, redirects are followed, a digest challenge is answered. Never rejects. */
export async function fetchFile(options: FetchOptions): Promise<FileAnswer> {
  let { url } = options;
  let authorization: string | undefined;
  for (let turn = 0; turn <= REDIRECTS_MOST; turn++) {
    const { answer, headers } = await get(url, authorization, options);
    const { location } = headers;
    const challenge = headers['www-authenticate'];
    if (
      answer.status === 401 &&
      options.login !== null &&
      challenge !== undefined &&
      authorization === undefined
    ) {
      authorization = credentials(challenge, url, options.login, options.random);
    } else if (
      [301, 302, 303, 307, 308].includes(answer.status) &&
      location !== undefined &&
      URL.canParse(location, url)
    ) {
      url = new URL(location, url).href;
    } else return answer;
  }
  return NOTHING;
}

const NOTHING: FileAnswer = { status: 0, body: Buffer.alloc(0) };

function get(
  url: string,
  authorization: string | undefined,
  options: FetchOptions,
): Promise<{ readonly answer: FileAnswer; readonly headers: IncomingMessage['headers'] }> {
  return new Promise((resolve) => {
    const none = (): void => resolve({ answer: NOTHING, headers: {} });
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return none();
    const headers = {
      'User-Agent': options.userAgent,
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    };
    const secure = url.startsWith('https:');
    // What a person typed in a path goes out as it stands, two slashes and all.
    const { hostname, port, pathname, search, username, password } = new URL(url);
    const common = {
      host: hostname,
      port: port === '' ? (secure ? 443 : 80) : Number(port),
      path: `${pathname}${search}`,
      headers,
      agent: false as const,
      ...(username === '' ? {} : { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
    };
    const asked = secure ? httpsRequest({ ...common, rejectUnauthorized: false }) : httpRequest(common);
    const limit = options.clock.after(TIMEOUT_MS, 'phone fetches', () => asked.destroy());
    asked.on('error', () => {
      limit.cancel();
      none();
    });
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > (options.bytesMost ?? BYTES_MOST)) asked.destroy();
        else chunks.push(chunk);
      });
      response.on('error', none);
      response.on('close', () => {
        limit.cancel();
        // A file that was cut off is no file.
        if (!response.complete) return none();
        resolve({
          answer: { status: response.statusCode ?? 0, body: Buffer.concat(chunks) },
          headers: response.headers,
        });
      });
    });
    asked.end();
  });
}

/** RFC 7616 with MD5, as phones have it. */
function credentials(
  challenge: string,
  url: string,
  login: { readonly user: string; readonly password: string },
  random: Random,
): string {
  const part = (name: string): string => new RegExp(`${name}="?([^",]*)`, 'i').exec(challenge)?.[1] ?? '';
  if (/^basic/i.test(challenge))
    return `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const { pathname, search } = new URL(url);
  const uri = `${pathname}${search}`;
  const [realm, nonce, cnonce, nc] = [part('realm'), part('nonce'), randomHex(random, 8), '00000001'];
  const qop = part('qop')
    .split(',')
    .map((each) => each.trim())
    .includes('auth');
  const secret = md5(`${login.user}:${realm}:${login.password}`);
  const target = md5(`GET:${uri}`);
  const response = md5(
    qop ? `${secret}:${nonce}:${nc}:${cnonce}:auth:${target}` : `${secret}:${nonce}:${target}`,
  );
  const opaque = part('opaque');
  return [
    `Digest username="${login.user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}"`,
    ...(qop ? [`qop=auth, nc=${nc}, cnonce="${cnonce}"`] : []),
    ...(opaque === '' ? [] : [`opaque="${opaque}"`]),
  ].join(', ');
}
