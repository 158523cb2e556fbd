import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { Enrolment } from '../../../lib/contract/enrolment.ts';
import { japanTime } from '../text.ts';
import { bad, type Finding, good, skipped } from './finding.ts';

const CONNECT_LIMIT_MS = 5_000;
const DAY_MS = 86_400_000;
/** A certificate is renewed long before: less is a fault of the renewal. */
const CERTIFICATE_WARN_MS = 14 * DAY_MS;
/** This software is younger than that. */
const EARLIEST_CLOCK = Date.UTC(2026, 0, 1);
const LATEST_CLOCK = Date.UTC(2090, 0, 1);

/** Something that is reached over TLS. */
export interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  /** What the firewall of the office must let through. */
  readonly purpose: string;
}

/** Whether the clock of the box can be right: certificates and call records depend on it. */
export function checkClock(nowMs: number, configIssuedAt: number | undefined): Finding {
  const name = 'clock';
  const todo = {
    code: 'E-DOC-301',
    remedy: 'Set the clock: with a wrong one no certificate is valid and call records have wrong times.',
    command: 'timedatectl status',
  };
  const said = `${japanTime(nowMs)} JST`;
  if (nowMs < EARLIEST_CLOCK || nowMs > LATEST_CLOCK) {
    return bad(name, 'FAIL', `The clock shows ${said}, which cannot be.`, todo);
  }
  if (configIssuedAt !== undefined && nowMs + DAY_MS < configIssuedAt) {
    const issued = japanTime(configIssuedAt);
    return bad(
      name,
      'FAIL',
      `The clock shows ${said}, but the configuration was signed on ${issued} JST.`,
      todo,
    );
  }
  return good(name, said);
}

/** The authority in the enrolment file. */
export function checkAuthority(enrolled: Enrolment | undefined, nowMs: number): Finding {
  const name = 'certificate';
  if (enrolled === undefined) return skipped(name, 'not checked: no enrolment');
  const failed = (verdict: 'WARN' | 'FAIL', say: string): Finding =>
    bad(name, verdict, say, {
      code: 'E-DOC-311',
      remedy: 'Check the clock first; then let the operator enrol this gateway again.',
      command: 'engawa doctor',
    });
  try {
    const authority = new X509Certificate(enrolled.caPem);
    const from = Date.parse(authority.validFrom);
    const to = Date.parse(authority.validTo);
    if (nowMs < from) return failed('FAIL', `The authority is valid only from ${japanTime(from)} JST.`);
    if (nowMs > to) return failed('FAIL', `The authority ended on ${japanTime(to)} JST.`);
    if (to - nowMs < CERTIFICATE_WARN_MS)
      return failed('WARN', `The authority ends on ${japanTime(to)} JST.`);
    return good(name, `authority valid until ${japanTime(to).slice(0, 10)}`);
  } catch {
    return failed('FAIL', 'The authority in the enrolment file is not a certificate.');
  }
}

type Reached =
  | { readonly at: 'ok'; readonly tookMs: number; readonly validTo: number }
  | { readonly at: 'no'; readonly why: string; readonly certificate: boolean };

/** Opens a TLS connection and closes it again; nothing is said on it. */
export async function checkTarget(
  target: Target,
  caPem: string,
  nowMs: number,
  elapsed: () => number,
): Promise<Finding> {
  const where = `${target.host}:${target.port}`;
  const reached = await reach(target, caPem, elapsed);
  if (reached.at === 'no') {
    const say = reached.certificate
      ? `${where} shows a certificate that is not trusted: ${reached.why}`
      : `${where} cannot be reached: ${reached.why}`;
    return bad(target.name, 'FAIL', say, {
      code: reached.certificate ? 'E-DOC-322' : 'E-DOC-321',
      remedy: reached.certificate
        ? 'Check the clock; a firewall that opens TLS must let this name through untouched.'
        : `Ask for outbound TCP to ${target.host} port ${target.port} (${target.purpose}).`,
      command: reached.certificate ? 'timedatectl status' : 'ip route',
    });
  }
  const until = japanTime(reached.validTo).slice(0, 10);
  if (reached.validTo - nowMs < CERTIFICATE_WARN_MS) {
    return bad(target.name, 'WARN', `${where} answers, its certificate ends on ${until}`, {
      code: 'E-DOC-323',
      remedy: 'Nothing to do at the office: tell the operator of the service.',
      command: 'engawa doctor',
    });
  }
  return good(target.name, `${where}  ${Math.round(reached.tookMs)} ms, certificate ok until ${until}`);
}

function reach(target: Target, caPem: string, elapsed: () => number): Promise<Reached> {
  return new Promise((resolve) => {
    const from = elapsed();
    const { host, port, serverName: servername } = target;
    let done = false;
    const finish = (reached: Reached): void => {
      if (done) return;
      done = true;
      socket.destroy();
      resolve(reached);
    };
    const no = (why: string, certificate: boolean): void => finish({ at: 'no', why, certificate });
    const socket = connect({ host, port, servername, ca: caPem, rejectUnauthorized: false });
    socket.setTimeout(CONNECT_LIMIT_MS, () => no(`no answer in ${CONNECT_LIMIT_MS / 1000} s`, false));
    socket.on('error', (error) => no(error.message, false));
    socket.on('close', () => no('the connection was closed', false));
    socket.on('secureConnect', () => {
      if (!socket.authorized) return no(String(socket.authorizationError), true);
      const validTo = Date.parse(socket.getPeerCertificate().valid_to);
      finish({ at: 'ok', tookMs: elapsed() - from, validTo });
    });
  });
}
