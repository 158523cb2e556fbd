import type { BoxOrder } from './box.ts';
import { BOOT_LIMIT_MS } from './box.ts';
import { claimBox } from './claim.ts';
import { Lab, type LabOrder } from './lab.ts';
import { LabError } from './lab-error.ts';
import { boardIsReset, lampsFollow } from './signals.ts';
import { callOut, hangUp } from './talks.ts';
import { whyNoLab } from './why-no-lab.ts';

/** What is shown. */
export interface ShowOrder {
  /** Ends after the call instead of staying. */
  readonly once: boolean;
  /** The box has a second network port. */
  readonly wan: boolean;
}

/** Starts the built box with everything around it, makes a call, and leaves it to the person in front of it. */
export async function showBox(order: LabOrder, show: ShowOrder, signal: AbortSignal): Promise<number> {
  const why = whyNoLab();
  if (why !== undefined) throw new LabError(`the box cannot be emulated here: ${why}`);
  const lab = await Lab.open(order);
  const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  try {
    const shown = await Promise.race([perform(lab, show), ended.then(() => false)]);
    if (!shown) return 130;
    if (show.once) return 0;
    lab.box.releaseConsoles();
    process.stdout.write(directions(lab));
    await Promise.race([ended, lab.box.off]);
    return 0;
  } finally {
    order.say('ending everything');
    await lab.close();
  }
}

async function perform(lab: Lab, { wan }: ShowOrder): Promise<boolean> {
  const { say } = lab.order;
  const order: BoxOrder = { wan };
  say('switching the box on; it takes a minute or two');
  const box = await lab.boot({ disk: 'factory', ...order });
  say(`its system is up ${seconds(box.upMs)} s after the power`);
  for (const line of box.console.tail(8).split('\n')) say(line.trim());
  say('claiming it with the code from the order');
  await claimBox(box, lab.cloud, BOOT_LIMIT_MS);
  say('calling from phone 1');
  const call = await callOut(lab);
  for (const line of call.said) say(line);
  await hangUp(lab, call);
  await lampsFollow(box);
  say('its lamps burn: power, service, and line while a phone is lifted');
  await boardIsReset(box);
  say('its board was silent, was reset by its line, and has dial tone again');
  return true;
}

function directions(lab: Lab): string {
  const { plugs } = lab.box;
  return [
    '',
    'The box runs. From another terminal, as root:',
    `  its console           socat -,raw,echo=0,escape=0x1d UNIX-CONNECT:${plugs.console}`,
    `  its root shell        socat -,raw,echo=0,escape=0x1d UNIX-CONNECT:${plugs.root}   (Ctrl-] leaves either)`,
    `  its phones            echo '{"id":1,"op":"lift","port":1}' | socat - UNIX-CONNECT:${lab.box.phones}`,
    `  the service           npx engawa-cloud --api ${lab.cloud.api}`,
    `  a computer on the LAN ${lab.network.at('laptop').join(' ')} bash`,
    `  a debugger            gdb-multiarch -ex 'target remote ${plugs.gdb}'`,
    `  QEMU's monitor        socat - UNIX-CONNECT:${plugs.qmp}   (QMP, after scripts/image run ends with it)`,
    'Ctrl-C ends everything.',
    '',
  ].join('\n');
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(0);
}
