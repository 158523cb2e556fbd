import { until } from '../../scripts/demo/story.ts';
import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { boxStatus, serving } from '../lab/claim.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import { boardIsReset, lampsFollow } from '../lab/signals.ts';
import type { Figures, Story } from '../lab/story.ts';
import { callExtension, callIn, callOut, hangUp } from '../lab/talks.ts';

const RECORD_LIMIT_MS = 60_000;
const MIB = 1024 * 1024;

export const story: Story = {
  name: 'call',
  about:
    'calls out, in and to an extension through the emulated box; lamps and the board reset line move; the service has the records',
  order: 10,
  async run(lab: Lab): Promise<Figures> {
    const box = await lab.claimed();
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    const sinceMs = Date.now();
    await lampsFollow(box);
    const out = await callOut(lab);
    await hangUp(lab, out);
    const back = await callIn(lab);
    await hangUp(lab, back);
    await callExtension(box, 1, 2);
    await recordsOf(lab, sinceMs);
    await boardIsReset(box);
    const status = await boxStatus(box);
    const counters = (await box.board.state()).counters;
    return {
      callOutMs: out.setupMs,
      callInMs: back.setupMs,
      agentMiB: Math.round((status?.memory.agentBytes ?? 0) / MIB),
      mediaMiB: Math.round((status?.memory.mediaBytes ?? 0) / MIB),
      ...lossesOf(counters),
    };
  },
};

/** One call each: out and in as the service and the box have it, the extension as the box alone has it. */
async function recordsOf(lab: Lab, sinceMs: number): Promise<void> {
  let seen = '';
  const wanted = ['in', 'internal', 'out'].join(' ');
  const found = await until(RECORD_LIMIT_MS, async () => {
    const records = await lab.cloud.records(sinceMs);
    const ended = records.every((record) => record.switch === null || record.switch.endedAt !== null);
    const directions = new Set(records.flatMap(({ boxes }) => boxes.map(({ direction }) => direction)));
    seen = [...directions].sort().join(' ');
    return ended && seen === wanted ? true : undefined;
  });
  if (found === undefined)
    throw new LabError(`the service has records of the box for: ${seen || 'nothing'}; wanted: ${wanted}`);
}

/** Bytes and frames of the board's line that did not arrive whole. */
function lossesOf(counters: object): Figures {
  const wrong = Object.entries(counters).filter(
    ([name, value]) => /crc|bad|lost|gap/i.test(name) && typeof value === 'number',
  );
  return Object.fromEntries(wrong) as Figures;
}
