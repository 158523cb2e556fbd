import { spokenFingerprint } from '../../lib/contract/key-fingerprint.ts';
import type { CallLine } from '../api/index.ts';
import type { GatewayRow, Store } from '../store/index.ts';
import { inJapan } from './when.ts';

/** A gateway as the operator's API lists it. */
export type GatewayLine = Omit<GatewayRow, 'gateway'> & { readonly id: string };

/** A fax as the operator's API lists it. */
export type FaxLine = Awaited<ReturnType<Store['faxes']>>[number];

/** An alert as the operator's API lists it. */
export type AlertLine = Awaited<ReturnType<Store['alerts']>>[number];

const MICRO_YEN = 1_000_000;

/** One call a line: when, which way, between whom, how long, how it ended, what it costs; disagreements last. */
export function callLines(calls: readonly CallLine[]): string {
  if (calls.length === 0) return 'no calls\n';
  const rows = calls.map((call) =>
    [
      inJapan(call.startedAt),
      call.direction.padEnd(8),
      `${call.from || '(withheld)'} -> ${call.to}`.padEnd(26),
      `${(call.talkMs / 1000).toFixed(1)} s`.padStart(9),
      (call.amountMicroYen === null ? '-' : `${call.amountMicroYen / MICRO_YEN} yen`).padStart(9),
      call.end ?? 'up',
    ].join('  '),
  );
  const odd = calls.flatMap((call) => call.discrepancies.map((text) => `WARN  ${call.call}: ${text}`));
  return `${[...rows, ...odd].join('\n')}\n`;
}

/** One fax a line: when, which way, between whom, how many pages, how fast, how it ended. */
export function faxLines(faxes: readonly FaxLine[]): string {
  if (faxes.length === 0) return 'no faxes\n';
  return faxes
    .map((fax) =>
      [
        inJapan(fax.startedAt),
        (fax.direction ?? 'unknown').padEnd(8),
        `${fax.from || '(withheld)'} -> ${fax.to}`.padEnd(26),
        `${fax.pages} pages`.padStart(9),
        (fax.bitRate === null ? '-' : `${fax.bitRate} bit/s`).padStart(12),
        fax.path.padEnd(11),
        `${fax.result}: ${fax.say}`,
      ].join('  '),
    )
    .join('\n')
    .concat('\n');
}

/** One alert a line, newest first, with its facts. */
export function alertLines(alerts: readonly AlertLine[]): string {
  if (alerts.length === 0) return 'no alerts\n';
  return alerts
    .map(({ at, about, say, facts }) => {
      const when = inJapan(at);
      return `${when}  ${about.padEnd(22)}  ${say}${facts.map((fact) => ` [${fact}]`).join('')}\n`;
    })
    .join('');
}

/** One gateway a line: whether it is there, and whether it runs what it should. */
export function gatewayLines(gateways: readonly GatewayLine[]): string {
  if (gateways.length === 0) return 'no gateways\n';
  return `${gateways.map(gatewayLine).join('\n')}\n`;
}

/** Who one gateway is, to be compared with what stands on its console. */
export function identityLines(gateway: GatewayLine): string {
  const [first = 'none that is good', ...more] = spokenFingerprint(gateway.keyFingerprint ?? '');
  return [
    gatewayLine(gateway),
    `      serial number  ${gateway.serialNumber ?? 'none yet'}`,
    `      key (SHA-256)  ${first}`,
    ...more.map((line) => `                     ${line}`),
    '',
  ].join('\n');
}

function gatewayLine({ id, contract, enrolledAt, online, desiredRev, reported }: GatewayLine): string {
  if (enrolledAt === null) return `--    ${id}  ${contract}  never enrolled`;
  const runs = reported?.appliedRev ?? 0;
  const state = `${online ? 'online' : 'offline'}, runs revision ${runs} of ${desiredRev}`;
  const became = reported?.state === 'rolledBack' ? 'taken back' : 'refused';
  const refused = reported?.refusal == null ? '' : `, ${became}: ${reported.refusal.say}`;
  return `${online && runs === desiredRev ? 'OK  ' : 'WARN'}  ${id}  ${contract}  ${state}${refused}`;
}
