import type { GatewayId } from '../../../lib/base/ids.ts';
import type { Enrolment } from '../../../lib/contract/enrolment.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import type { AgentStatus } from '../../status.ts';
import { inspectConfig } from '../../store/index.ts';
import { getJson } from '../api-client.ts';
import type { BoxPaths } from '../paths.ts';
import {
  type Look,
  rowLines,
  spoken,
  type Todo,
  todoLines,
  type Verdict,
  verdictOf,
  worst,
} from '../screen.ts';
import { nextCommand } from '../screens/next-command.ts';
import { checkConfig, checkEnrolment, checkFolder, checkStore, closedToUs } from './files.ts';
import { bad, type Finding, skipped } from './finding.ts';
import { checkAuthority, checkClock, checkTarget } from './network.ts';
import { checkAgent, checkBoard, checkMedia, checkRunFolder } from './sockets.ts';
import { trunkPlace } from './trunk-place.ts';

/** What `engawa doctor --json` prints. */
export interface DoctorReport {
  readonly v: 1;
  readonly verdict: Verdict;
  readonly state: string;
  readonly findings: readonly Finding[];
}

/** Looks at everything that can be looked at, with or without a running agent, and changes nothing. */
export async function examine(
  paths: BoxPaths,
  socket: string,
  time: { readonly nowMs: number; readonly elapsed: () => number },
): Promise<DoctorReport> {
  const answer = await getJson<AgentStatus>(socket, '/v1/status');
  const agent = answer.ok ? answer.value : undefined;
  const closed = closedToUs(paths, agent);
  const enrolled = closed === undefined ? checkEnrolment(paths) : undefined;
  const gateway = enrolled?.enrolment?.gateway;
  const config = checkConfig(paths, gateway);
  const findings: Finding[] = [...(closed ?? [])];
  if (enrolled !== undefined) {
    findings.push(
      guarded('state folder', () => checkFolder(paths)),
      enrolled.finding,
      guarded('store', () => checkStore(paths, agent !== undefined)),
      config.finding,
    );
  }
  findings.push(
    guarded('run folder', () => checkRunFolder(paths)),
    checkAgent(answer),
  );
  findings.push(await checkMedia(paths, agent));
  findings.push(guarded('board', () => checkBoard(paths, agent)));
  findings.push(checkClock(time.nowMs, issuedAt(paths, gateway)));
  findings.push(checkAuthority(enrolled?.enrolment, time.nowMs));
  findings.push(...(await checkNetwork(enrolled?.enrolment, config.config, time)));
  if (agent !== undefined) findings.push(...agentWarnings(agent));
  return { v: 1, verdict: worst(findings.map((finding) => finding.verdict)), state: paths.state, findings };
}

/** The report as a screen. */
export function doctorScreen(report: DoctorReport, look: Look): readonly string[] {
  const todos: Todo[] = report.findings.flatMap(({ say, todo }) => (todo === null ? [] : [{ say, ...todo }]));
  const rows = report.findings.map((finding) => ({
    ...finding,
    // The sentence stands once, at the bottom, beside what to do about it.
    say: finding.todo === null ? finding.say : `see ${finding.todo.code} below`,
  }));
  const end = todos.length === 0 ? ['', spoken('Nothing to do.', look)] : todoLines(todos, look);
  return [...rows.flatMap((row) => rowLines(row, look)), ...end];
}

async function checkNetwork(
  enrolled: Enrolment | undefined,
  config: SiteConfig | undefined,
  time: { readonly nowMs: number; readonly elapsed: () => number },
): Promise<readonly Finding[]> {
  if (enrolled === undefined) {
    return [
      skipped('service', 'not checked: no enrolment'),
      skipped('sip trunk', 'not checked: no enrolment'),
    ];
  }
  const { caPem, mqtt } = enrolled;
  const service = { name: 'service', purpose: 'MQTT over TLS', ...mqtt };
  const trunk = config && {
    ...{ name: 'sip trunk', purpose: 'SIP over TLS', serverName: config.trunk.serverName },
    ...(await trunkPlace(config.trunk)),
  };
  return Promise.all([
    checkTarget(service, caPem, time.nowMs, time.elapsed),
    trunk === undefined
      ? skipped('sip trunk', 'not checked: no configuration')
      : checkTarget(trunk, caPem, time.nowMs, time.elapsed),
  ]);
}

/** What the running agent itself complains about. */
function agentWarnings(agent: AgentStatus): readonly Finding[] {
  return agent.warnings.map((warning): Finding => {
    const verdict = verdictOf(warning.severity);
    if (verdict !== 'WARN' && verdict !== 'FAIL') return skipped('warning', warning.say);
    const { code, remedy } = warning;
    return bad('warning', verdict, warning.say, { code, remedy, command: nextCommand(code) });
  });
}

function issuedAt(paths: BoxPaths, gateway: string | undefined): number | undefined {
  const { current } = inspectConfig(paths.agentFolder, gateway as GatewayId | undefined);
  return current.kind === 'good' ? current.kept.issuedAt : undefined;
}

/** A check that the machine does not even allow is a finding, not the end of the examination. */
function guarded(name: string, check: () => Finding): Finding {
  try {
    return check();
  } catch (error) {
    return bad(
      name,
      'FAIL',
      `Could not be checked: ${error instanceof Error ? error.message : String(error)}`,
      {
        code: 'E-DOC-901',
        remedy: 'Run the command as the user of the agent, or with sudo.',
        command: 'sudo engawa doctor',
      },
    );
  }
}
