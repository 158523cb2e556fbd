import { pause } from '../../scripts/demo/story.ts';
import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { serving } from '../lab/claim.ts';
import { stopProcessors } from '../lab/debugger.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Figures, Story } from '../lab/story.ts';
import { dialTone } from '../lab/talks.ts';

/** systemd feeds it for 30 s; it has two stages of that. */
const BITE_LIMIT_MS = 180_000;
const AGENT_LIMIT_MS = 240_000;

export const story: Story = {
  name: 'watchdog',
  about: 'an agent that hangs is started anew, and a box whose processors hang is reset; both serve again',
  order: 35,
  async run(lab: Lab): Promise<Figures> {
    const box = await lab.claimed();
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    const agentMs = await hangingAgent(lab);
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    const bite = box.qmp.event('WATCHDOG', BITE_LIMIT_MS);
    const reset = box.qmp.event('RESET', BITE_LIMIT_MS);
    for (const event of [bite, reset]) event.catch(() => undefined);
    const fromMs = performance.now();
    await stopProcessors(box.plugs.gdb);
    await bite;
    const biteMs = performance.now() - fromMs;
    await reset;
    await box.up();
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    await dialTone(box, 1);
    await box.board.hangUp(1);
    return {
      agentAgainS: seconds(agentMs),
      biteAfterS: seconds(biteMs),
      servesAfterS: seconds(performance.now() - fromMs),
    };
  },
};

/** The agent is stopped as it is: systemd hears nothing of it any more, and starts another. */
async function hangingAgent({ box }: Lab): Promise<number> {
  const pid = async () => (await box.root.get('systemctl show -p MainPID --value engawa-agent')).trim();
  const before = await pid();
  await box.root.get(`kill -STOP ${before}`);
  const fromMs = performance.now();
  while (performance.now() - fromMs < AGENT_LIMIT_MS) {
    await pause(3_000);
    const now = await pid();
    if (now !== before && now !== '0') return performance.now() - fromMs;
  }
  throw new LabError(`the agent hangs, and nobody started it anew in ${seconds(AGENT_LIMIT_MS)} s`);
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
