import { existsSync, lstatSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import type { AgentStatus } from '../../status.ts';
import type { ApiResult } from '../api-client.ts';
import type { BoxPaths } from '../paths.ts';
import { bad, type Finding, good, skipped } from './finding.ts';

const START = 'scripts/start';
const PROBE_LIMIT_MS = 2_000;

/** The answer of the agent to `GET /v1/status`. */
export function checkAgent(answer: ApiResult<AgentStatus>): Finding {
  const name = 'agent';
  if (answer.ok) return good(name, `answers, v${answer.value.version}, gateway ${answer.value.gateway}`);
  const { code, say } = answer.error;
  return bad(name, 'FAIL', say, {
    code: code === 'cli.notPermitted' ? 'E-DOC-202' : code === 'cli.silent' ? 'E-DOC-203' : 'E-DOC-201',
    remedy:
      code === 'cli.notPermitted'
        ? 'Run the command as the user of the agent, or with sudo.'
        : 'Start the box; if the agent ends again by itself, its log says why.',
    command: code === 'cli.notPermitted' ? 'sudo engawa doctor' : START,
  });
}

/** The folder of the sockets. */
export function checkRunFolder(paths: BoxPaths): Finding {
  const name = 'run folder';
  if (statSync(paths.run, { throwIfNoEntry: false })?.isDirectory() === true) return good(name, paths.run);
  return bad(name, 'FAIL', `${paths.run} does not exist: nothing runs under this state folder.`, {
    code: 'E-DOC-211',
    remedy: 'Start the box, or name its folder with --state.',
    command: START,
  });
}

/**
 * The media process. While the agent runs its word is taken: a second connection to the media socket would replace the
 * agent's own.
 */
export async function checkMedia(paths: BoxPaths, agent: AgentStatus | undefined): Promise<Finding> {
  const name = 'media';
  const failed = (say: string): Finding =>
    bad(name, 'FAIL', say, {
      code: 'E-DOC-221',
      remedy: 'It is started together with the box; its log says why it ended.',
      command: START,
    });
  if (agent !== undefined) {
    return agent.media.connected
      ? good(name, `connected to the agent, RTP sessions ${agent.media.sessions}`)
      : failed('The agent has no connection to the media process.');
  }
  if (!existsSync(paths.mediaSocket)) return failed(`${paths.mediaSocket} does not exist.`);
  const error = await probe(paths.mediaSocket);
  return error === undefined ? good(name, 'answers') : failed(`The media process does not answer: ${error}.`);
}

/** The serial device of the FXS board. */
export function checkBoard(paths: BoxPaths, agent: AgentStatus | undefined): Finding {
  const name = 'board';
  const todo = {
    code: 'E-DOC-231',
    remedy: 'Check that the board is seated and powered; then start the box again.',
    command: START,
  };
  if (agent !== undefined) {
    const { up, identity, say } = agent.board;
    if (!up || identity === null) return bad(name, 'FAIL', say || 'The board does not answer.', todo);
    return good(name, `${identity.model} ${identity.serial}, firmware ${identity.firmware}`);
  }
  if (lstatSync(paths.device, { throwIfNoEntry: false }) === undefined) {
    return bad(name, 'FAIL', `The serial device ${paths.device} is missing.`, todo);
  }
  if (statSync(paths.device, { throwIfNoEntry: false })?.isCharacterDevice() !== true) {
    return bad(name, 'FAIL', `${paths.device} leads to no serial device.`, todo);
  }
  return skipped(name, `${paths.device} is there; only the agent can ask the board`);
}

function probe(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.setTimeout(PROBE_LIMIT_MS);
    const done = (why: string | undefined): void => {
      socket.destroy();
      resolve(why);
    };
    socket.on('connect', () => done(undefined));
    socket.on('timeout', () => done('no answer'));
    socket.on('error', (error) => done(error.message));
  });
}
