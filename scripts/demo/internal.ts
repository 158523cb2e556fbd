import { shareOfTone } from './hearing.ts';
import type { Stage } from './stage.ts';
import { pause, type Storyteller, until } from './story.ts';

const EXTENSION = '12';
const FIRST_HZ = 540;
const SECOND_HZ = 1_150;

/** Phone 1 calls phone 2 as an extension; the call never leaves the box. */
export async function internalCall(stage: Stage, teller: Storyteller): Promise<void> {
  const before = await stage.voiceCalls();
  await teller.step(`phone 1 dials extension ${EXTENSION} and phone 2 rings`, async () => {
    // A loop that opens for up to a second may be a hook flash: only then is phone 2 known to be on hook again.
    await pause(1_500);
    await stage.phones.lift(1);
    await pause(600);
    await stage.phones.dial(1, EXTENSION, 'dtmf');
    const rings = await until(30_000, async () =>
      (await stage.phones.ringing(2)).ringing ? true : undefined,
    );
    return { ok: rings === true, detail: rings === true ? 'phone 2 rings' : 'phone 2 does not ring' };
  });
  await teller.step('the extensions hear each other', async () => {
    await stage.phones.lift(2);
    await stage.phones.speak(1, FIRST_HZ);
    await stage.phones.speak(2, SECOND_HZ);
    await stage.connected((ms) => stage.hear(1, ms), SECOND_HZ);
    await stage.connected((ms) => stage.hear(2, ms), FIRST_HZ);
    const [first, second] = await Promise.all([stage.hear(1, 2_000), stage.hear(2, 2_000)]);
    const shares = [shareOfTone(first, SECOND_HZ), shareOfTone(second, FIRST_HZ)];
    const percent = shares.map((share) => Math.round(share * 100));
    return {
      ok: shares.every((share) => share >= 0.95),
      detail: `phone 1 hears ${SECOND_HZ} Hz in ${percent[0]} %, phone 2 ${FIRST_HZ} Hz in ${percent[1]} % of 2 s`,
    };
  });
  await teller.step('the call stayed on the box', async () => {
    await stage.phones.speak(1, null);
    await stage.phones.speak(2, null);
    await stage.phones.hangUp(1);
    await stage.phones.hangUp(2);
    const outside = (await stage.voiceCalls()) - before;
    return { ok: outside === 0, detail: `${outside} calls reached the network` };
  });
}
