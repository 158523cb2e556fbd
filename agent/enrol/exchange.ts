import type { X509Certificate } from 'node:crypto';
import { type RequestOptions, request } from 'node:https';
import { connect } from 'node:tls';
import type { z } from 'zod';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import { authorityDigest } from '../../lib/contract/claim-code.ts';
import { type EnrolmentAnswer, enrolmentAnswer, enrolmentRefusal } from '../../lib/contract/enrolment.ts';

/** One exchange takes no longer; a service that stays silent is away. */
const LIMIT_MS = 15_000;
const ANSWER_LIMIT_BYTES = 65_536;
/** A chain of ours has two links. */
const CHAIN_LIMIT = 5;

/** Where the service's enrolment desk is. */
export interface DeskAddress {
  readonly host: string;
  readonly port: number;
}

/** What the connection is checked by, and what it shows of itself. */
export interface DeskTrust {
  readonly caPem: string;
  readonly serverName: string;
  /** The certificate that runs; none when the box has none yet. */
  readonly device?: { readonly certificatePem: string; readonly privateKeyPem: string };
}

/**
 * Finds the authority of the service at an address by its slow digest: the one that the claim code names, or nobody.
 * Nothing is told to the other side, which is not trusted by this connection.
 */
export async function findAuthority(
  at: DeskAddress,
  serverName: string,
  digest: string,
): Promise<Result<string>> {
  const chain = await chainOf(at, serverName);
  if (!chain.ok) return chain;
  for (const certificate of chain.value) {
    if ((await authorityDigest(certificate.raw)) === digest) return ok(certificate.toString());
  }
  return refuse({
    code: 'claim.notTrusted',
    fault: 'environment',
    say: `Whoever answers at ${at.host} port ${at.port} is not the service that printed this code; the code was not sent. Check the address of the service, and what stands between.`,
  });
}

/** The authorities that the other side shows of itself: certificates that have signed themselves. */
function chainOf(at: DeskAddress, servername: string): Promise<Result<readonly X509Certificate[]>> {
  return new Promise((resolve) => {
    const socket = connect({ host: at.host, port: at.port, servername, rejectUnauthorized: false });
    const finish = (result: Result<readonly X509Certificate[]>): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(LIMIT_MS, () => finish(refuse(away(at, `no answer in ${LIMIT_MS / 1_000} s`))));
    socket.on('error', (error) => finish(refuse(away(at, error.message))));
    socket.on('close', () => finish(refuse(away(at, 'the connection was closed'))));
    socket.on('secureConnect', () => {
      const found: X509Certificate[] = [];
      let link = socket.getPeerX509Certificate();
      for (let length = 0; link !== undefined && length < CHAIN_LIMIT; length++) {
        if (link.ca) found.push(link);
        link = link.issuerCertificate;
      }
      finish(ok(found));
    });
  });
}

/** Posts JSON and reads the answer. Never throws: what goes wrong has a code and a sentence. */
export async function askDesk(
  at: DeskAddress,
  path: string,
  body: unknown,
  trust: DeskTrust,
): Promise<Result<EnrolmentAnswer>> {
  return askDeskFor(enrolmentAnswer, at, path, body, trust);
}

/** As {@link askDesk}, for another answer. */
export async function askDeskFor<Answer>(
  shape: z.ZodType<Answer>,
  at: DeskAddress,
  path: string,
  body: unknown,
  trust: DeskTrust,
): Promise<Result<Answer>> {
  try {
    const { status, text } = await post(at, path, JSON.stringify(body), trust);
    const answer = parse(text);
    if (status === 200) {
      const read = shape.safeParse(answer);
      if (read.success) return ok(read.data);
    }
    const refused = enrolmentRefusal.safeParse(answer);
    if (refused.success) return refuse({ ...refused.data, fault: 'peer' });
    const say = `The service at ${at.host} port ${at.port} answers what cannot be read (status ${status}). Is it the enrolment desk?`;
    return refuse({ code: 'claim.answer', fault: 'peer', say });
  } catch (error) {
    return refuse(away(at, error instanceof Error ? error.message : String(error)));
  }
}

function post(
  at: DeskAddress,
  path: string,
  body: string,
  trust: DeskTrust,
): Promise<{ readonly status: number; readonly text: string }> {
  const options: RequestOptions = {
    ...{ host: at.host, port: at.port, path, method: 'POST', agent: false },
    ...{ ca: trust.caPem, servername: trust.serverName, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    ...(trust.device === undefined
      ? {}
      : { cert: trust.device.certificatePem, key: trust.device.privateKeyPem }),
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    signal: AbortSignal.timeout(LIMIT_MS),
  };
  return new Promise((resolve, reject) => {
    const asked = request(options, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_LIMIT_BYTES) return void asked.destroy(new Error('the answer is too large'));
        chunks.push(chunk);
      });
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function away(at: DeskAddress, why: string): CodedError {
  const say = `The service at ${at.host} port ${at.port} cannot be reached: ${why}. Check the network and the address, then try again.`;
  return { code: 'claim.away', fault: 'environment', say };
}
