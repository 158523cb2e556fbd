import { existsSync } from 'node:fs';
import type { AgentStatus } from '../../status.ts';
import { failed, good, leftOut, type SetupStep } from './step.ts';
import { Unasked } from './world.ts';

/** Whether the box itself is sound: agent, media process, board. */
export const boxStep: SetupStep = {
  name: 'box',
  about: 'Looks whether the box itself works: agent, media process, board.',
  async run(world) {
    const answer = await world.get<AgentStatus>('/v1/status');
    if (!answer.ok) {
      if (answer.error.code !== 'cli.notRunning') throw new Unasked(answer.error);
      if (existsSync(world.paths.enrolment)) throw new Unasked(answer.error);
      return leftOut('the agent does not run; the box can be claimed without it');
    }
    const { board, media, version } = answer.value;
    if (!board.up || board.identity === null) {
      return failed(
        `no board: ${board.say || 'it does not answer'}`,
        'Check that the board is seated and powered; then engawa setup again.',
        'What is wrong: engawa doctor',
      );
    }
    if (!media.connected) {
      return failed(
        'the media process does not answer',
        'Wait a minute: it is started again by itself. Then: engawa doctor',
      );
    }
    const { model, firmware, ports } = board.identity;
    return good(`agent v${version}`, `board ${model}, firmware ${firmware}, ${ports} ports`);
  },
};
