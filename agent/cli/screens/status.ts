import { spokenFingerprint } from '../../../lib/contract/key-fingerprint.ts';
import type { AgentStatus, LineStatus } from '../../status.ts';
import {
  headLine,
  type Look,
  type Row,
  rowLines,
  spoken,
  todoLines,
  type Verdict,
  verdictOf,
  warningTodos,
  worst,
} from '../screen.ts';
import { duration, japanTime, megabytes } from '../text.ts';
import { nextCommand } from './next-command.ts';
import { lineWord } from './words.ts';

/** A row of its own, with a verdict. */
export type JudgedRow = Row & { readonly verdict: Verdict };

/** `engawa status`: the whole box on one screen. */
export function statusScreen(status: AgentStatus, look: Look): readonly string[] {
  const todos = warningTodos(status.warnings, nextCommand);
  return [
    headLine(`ENGAWA ${titleOf(status)}`, `${japanTime(status.now)} JST`, look),
    ...statusRows(status).flatMap((row) => rowLines(row, look)),
    ...(todos.length === 0 ? ['', spoken('Nothing to do.', look)] : todoLines(todos, look)),
  ];
}

function titleOf({ gateway, identity, office }: AgentStatus): string {
  if (identity.at === 'claimed') return `${gateway}  ${office ?? '(no office yet)'}`;
  return identity.at === 'unclaimed' ? '(not claimed)' : `(enrolment lost)  ${office ?? ''}`.trimEnd();
}

/** The worst thing on the screen. */
export function statusVerdict(status: AgentStatus): Verdict {
  return worst([
    ...statusRows(status).map((row) => row.verdict),
    ...status.warnings.map((warning) => verdictOf(warning.severity)),
  ]);
}

function statusRows(status: AgentStatus): readonly JudgedRow[] {
  return [
    identityRow(status),
    serviceRow(status),
    configRow(status),
    boardRow(status),
    mediaRow(status),
    linesRow(status),
    callsRow(status),
    systemRow(status),
  ];
}

/** Who the box is; a technician compares the key with what the operator sees. */
function identityRow({ identity }: AgentStatus): JudgedRow {
  const { at, serialNumber, fingerprint } = identity;
  const key = fingerprint === null ? 'no key' : `key ${spokenFingerprint(fingerprint)[0]?.slice(0, 19)} ...`;
  const claimed = { claimed: '', unclaimed: 'not claimed, ', damaged: 'enrolment lost, ' }[at];
  return {
    verdict: at === 'claimed' ? 'OK' : at === 'unclaimed' ? 'WARN' : 'FAIL',
    name: 'identity',
    say: `${claimed}serial number ${serialNumber ?? 'unknown'}, ${key}`,
  };
}

/** The connection to the service and what waits for it. */
export function serviceRow(status: AgentStatus): JudgedRow {
  const { connected, sinceMs, outbox, oldestMs } = status.cloud;
  const since = duration(status.now - sinceMs);
  const waiting = outbox === 0 ? 'outbox 0' : `outbox ${outbox}, oldest ${duration(oldestMs)}`;
  return {
    verdict: connected ? 'OK' : 'WARN',
    name: 'service',
    say: `${connected ? `connected ${since}` : `not connected for ${since}`}, ${waiting}`,
  };
}

/** Which configuration runs. */
export function configRow(status: AgentStatus): JudgedRow {
  const { state, appliedRev, desiredRev, refusal } = status.config;
  switch (state) {
    case 'none':
      return { verdict: 'FAIL', name: 'config', say: 'none yet' };
    case 'applied':
      return { verdict: 'OK', name: 'config', say: `revision ${appliedRev} runs` };
    case 'rejected': {
      const runs = appliedRev === 0 ? 'none runs' : `revision ${appliedRev} runs`;
      const why = refusal?.code ?? 'unknown reason';
      return {
        verdict: appliedRev === 0 ? 'FAIL' : 'WARN',
        name: 'config',
        say: `${runs}, revision ${desiredRev} refused: ${why}`,
      };
    }
    case 'rolledBack':
      return {
        verdict: 'WARN',
        name: 'config',
        say: `revision ${appliedRev} runs, revision ${desiredRev} taken back: ${refusal?.code ?? 'unknown reason'}`,
      };
  }
}

function boardRow(status: AgentStatus): JudgedRow {
  const { up, identity, say } = status.board;
  if (!up || identity === null) return { verdict: 'FAIL', name: 'board', say: say || 'does not answer' };
  const { model, firmware, ports } = identity;
  return { verdict: 'OK', name: 'board', say: `${model}, firmware ${firmware}, ${ports} ports` };
}

function mediaRow(status: AgentStatus): JudgedRow {
  const { connected, sessions } = status.media;
  return connected
    ? { verdict: 'OK', name: 'media', say: `connected, RTP sessions ${sessions}` }
    : { verdict: 'FAIL', name: 'media', say: 'the media process does not answer' };
}

function linesRow(status: AgentStatus): JudgedRow {
  const { lines, config } = status;
  if (config.state === 'none' && lines.length > 0) {
    const each = lines.map((line) => `${line.port} ${lineWord(line.state)}`).join(', ');
    return { verdict: 'WARN', name: 'lines', say: `none configured; ports of the board: ${each}` };
  }
  if (lines.length === 0) return { verdict: 'WARN', name: 'lines', say: 'none configured' };
  const registered = lines.filter(isRegistered).length;
  const each = lines.map((line) => `${line.port} ${lineWord(line.state)}`).join(', ');
  const verdict: Verdict = registered === lines.length ? 'OK' : 'FAIL';
  return { verdict, name: 'lines', say: `${registered} of ${lines.length} registered: ${each}` };
}

function callsRow(status: AgentStatus): JudgedRow {
  const { now, limit } = status.calls;
  return { verdict: 'OK', name: 'calls', say: `${now} of ${limit} now` };
}

function systemRow(status: AgentStatus): JudgedRow {
  const { agentBytes, mediaBytes } = status.memory;
  // A media process that has told no figures yet, or is away, has no size that we know.
  const media = mediaBytes === 0 ? '--' : megabytes(mediaBytes);
  const memory = `memory agent ${megabytes(agentBytes)}, media ${media}`;
  return { verdict: 'OK', name: 'system', say: `v${status.version}, up ${duration(status.upMs)}, ${memory}` };
}

/** Whether the line's account is registered at the service. */
export function isRegistered(line: LineStatus): boolean {
  return line.registration.at === 'registered';
}
