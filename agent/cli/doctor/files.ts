import { accessSync, constants, readFileSync, statfsSync, statSync } from 'node:fs';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { type Enrolment, enrolment } from '../../../lib/contract/enrolment.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import type { AgentStatus } from '../../status.ts';
import { inspectConfig, inspectStore } from '../../store/index.ts';
import type { BoxPaths } from '../paths.ts';
import { megabytes } from '../text.ts';
import { bad, type Finding, good, skipped } from './finding.ts';

const START = 'scripts/start';
/** Less than this is trouble within days: the store, the logs and an update need room. */
const LEAST_FREE_BYTES = 200 * 1_048_576;

/** The state folder: there, ours, not open to everybody, with room. */
export function checkFolder(paths: BoxPaths): Finding {
  const name = 'state folder';
  const folder = statSync(paths.agentFolder, { throwIfNoEntry: false });
  if (folder === undefined) {
    return bad(name, 'FAIL', `${paths.agentFolder} does not exist: this box was never started.`, {
      code: 'E-DOC-101',
      remedy: 'Start the box once, or name its folder with --state.',
      command: START,
    });
  }
  try {
    accessSync(paths.agentFolder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return bad(name, 'FAIL', `${paths.agentFolder} may not be read or written by this user.`, {
      code: 'E-DOC-102',
      remedy: 'Run the command as the user of the agent, or with sudo.',
      command: 'sudo engawa doctor',
    });
  }
  if ((folder.mode & 0o007) !== 0) {
    return bad(name, 'WARN', `${paths.agentFolder} is open to every user of this machine.`, {
      code: 'E-DOC-103',
      remedy: 'It holds the passwords of the office: close it.',
      command: `chmod 700 ${paths.agentFolder}`,
    });
  }
  const disk = statfsSync(paths.agentFolder);
  const free = disk.bavail * disk.bsize;
  if (free < LEAST_FREE_BYTES) {
    return bad(name, 'FAIL', `Only ${megabytes(free)} are free on the disk of ${paths.agentFolder}.`, {
      code: 'E-DOC-104',
      remedy: 'Free space: call records cannot be kept on a full disk.',
      command: `du -sh ${paths.state}/*`,
    });
  }
  return good(name, `${paths.agentFolder}, ${megabytes(free)} free`);
}

/**
 * What stands in the place of these looks for somebody who may ask the agent and not look into its folder: a technician at the
 * console. Undefined for everybody else.
 */
export function closedToUs(paths: BoxPaths, agent: AgentStatus | undefined): readonly Finding[] | undefined {
  if (agent === undefined || !isClosed(paths)) return undefined;
  const { at, gateway, say } = agent.identity;
  return [
    skipped('state folder', 'only the agent itself may look into it'),
    at === 'claimed' ? good('enrolment', `${gateway}, as the agent says`) : skipped('enrolment', say),
    skipped('store', 'only the agent itself may look into it'),
    skipped('last config', 'only the agent itself may look into it'),
  ];
}

/** Whether whoever asks may not look into the folder of the agent. */
export function isClosed({ agentFolder }: BoxPaths): boolean {
  try {
    accessSync(agentFolder, constants.R_OK | constants.X_OK);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES';
  }
}

/** The enrolment file, and what is in it when it is good. */
export function checkEnrolment(paths: BoxPaths): { finding: Finding; enrolment: Enrolment | undefined } {
  const name = 'enrolment';
  const failed = (code: string, say: string): { finding: Finding; enrolment: undefined } => ({
    finding: bad(name, 'FAIL', say, {
      code,
      remedy: 'Claim the box with the code on its order; the operator makes a new one where it was used.',
      command: 'engawa setup',
    }),
    enrolment: undefined,
  });
  let file: ReturnType<typeof statSync>;
  try {
    file = statSync(paths.enrolment, { throwIfNoEntry: false });
  } catch (error) {
    return failed('E-DOC-112', `${paths.enrolment} cannot be read: ${sentence(error)}`);
  }
  if (file === undefined)
    return failed('E-DOC-111', `${paths.enrolment} is missing: the box has no identity.`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(paths.enrolment, 'utf8'));
  } catch (error) {
    return failed('E-DOC-112', `${paths.enrolment} cannot be read: ${sentence(error)}`);
  }
  const parsed = enrolment.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') || 'a field';
    return failed('E-DOC-113', `${paths.enrolment} is not an enrolment: ${where} is wrong.`);
  }
  if ((file.mode & 0o077) !== 0) {
    const finding = bad(name, 'WARN', `${paths.enrolment} may be read by others than the agent.`, {
      code: 'E-DOC-114',
      remedy: 'It holds the password of the gateway: close it.',
      command: `chmod 600 ${paths.enrolment}`,
    });
    return { finding, enrolment: parsed.data };
  }
  return { finding: good(name, `${parsed.data.gateway}, file is private`), enrolment: parsed.data };
}

/** The store of call records. `held` is the good case while the agent runs. */
export function checkStore(paths: BoxPaths, agentRuns: boolean): Finding {
  const name = 'store';
  const found = inspectStore(paths.store);
  switch (found.kind) {
    case 'none':
      return agentRuns
        ? bad(name, 'WARN', `The agent runs, but not on ${paths.store}.`, {
            code: 'E-DOC-121',
            remedy: 'Name the folder of the running agent with --state.',
            command: 'engawa doctor --state DIR',
          })
        : skipped(name, 'no store yet: the agent makes it at its first start');
    case 'held':
      return good(name, 'in use by the running agent');
    case 'damaged':
      return bad(name, 'FAIL', `${paths.store} is damaged: ${found.say}`, {
        code: 'E-DOC-122',
        remedy: 'The agent moves it aside at its next start; keep that file for support.',
        command: START,
      });
    case 'good':
      if (found.aside.length > 0) {
        return bad(name, 'WARN', `A damaged store was moved aside: ${found.aside[0]}`, {
          code: 'E-DOC-123',
          remedy: 'Send it to support, unsent call records may be in it; then delete it.',
          command: `ls ${paths.agentFolder}`,
        });
      }
      return good(name, `whole, ${found.records} records to send, ${found.openLegs} calls open`);
  }
}

/** The last good configuration on disk. */
export function checkConfig(
  paths: BoxPaths,
  gateway: string | undefined,
): { finding: Finding; config: SiteConfig | undefined } {
  const name = 'last config';
  const { current, previous } = inspectConfig(paths.agentFolder, gateway as GatewayId | undefined);
  if (current.kind === 'good') {
    const { rev, config } = current.kept;
    return { finding: good(name, `revision ${rev}, ${config.office}, ${config.lines.length} lines`), config };
  }
  const spare = previous.kind === 'good' ? previous.kept : undefined;
  if (current.kind === 'none' && spare === undefined) {
    const finding = bad(name, 'FAIL', 'No configuration is stored: the box does not know its lines.', {
      code: 'E-DOC-131',
      remedy: 'It comes by itself once the service has been reached.',
      command: 'engawa status',
    });
    return { finding, config: undefined };
  }
  const why = current.kind === 'damaged' ? current.say : 'The last configuration is missing.';
  const finding = bad(name, spare === undefined ? 'FAIL' : 'WARN', why, {
    code: spare === undefined ? 'E-DOC-132' : 'E-DOC-133',
    remedy:
      spare === undefined
        ? 'It comes again once the service has been reached.'
        : `Revision ${spare.rev} before it is used instead; the right one comes from the service.`,
    command: 'engawa status',
  });
  return { finding, config: spare?.config };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
