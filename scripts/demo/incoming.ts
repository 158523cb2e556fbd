import { allNear, cadenceOf, ringLengths, shareOfTone } from './hearing.ts';
import { OFFICE_NUMBER, type Stage } from './stage.ts';
import { pause, type Storyteller, until } from './story.ts';

const CALLER = '0312340001';
const CALLER_HZ = 880;
const VOICE_HZ = 660;

/** An outside caller rings both phones; phone 2 answers, they talk, the caller hangs up. */
export async function incomingCall(stage: Stage, teller: Storyteller): Promise<void> {
  const call = await stage.carrier.call({ from: CALLER, to: OFFICE_NUMBER, hz: CALLER_HZ });
  await teller.step('both phones ring with the Japanese cadence', () => ringsInJapanese(stage));
  const answered = await teller.step('phone 2 answers and phone 1 stops ringing', async () => {
    await stage.phones.lift(2);
    await stage.carrier.wait(call, 'answered', 3_000);
    const quiet = await until(30_000, async () =>
      (await stage.phones.ringing(1)).ringing ? undefined : true,
    );
    return {
      ok: quiet === true,
      detail: quiet === true ? 'the caller is through to phone 2' : 'phone 1 rings on',
    };
  });
  if (answered) await talk(stage, teller, call);
  await teller.step('the caller hangs up and phone 2 hears busy tone', async () => {
    await stage.carrier.hangUp(call);
    await pause(300);
    const { onMs, offMs } = cadenceOf(await stage.hear(2, 3_500), 400);
    const ok = allNear(onMs, 500, 100) && allNear(offMs, 500, 100);
    return { ok, detail: `400 Hz, on ${onMs.join(' ')} ms, off ${offMs.join(' ')} ms` };
  });
  await stage.phones.hangUp(2);
}

async function ringsInJapanese(stage: Stage): Promise<{ ok: boolean; detail: string }> {
  const heard = await until(30_000, async () => {
    const rings = [await stage.phones.ringing(1), await stage.phones.ringing(2)].map((ring) =>
      ringLengths(ring.history),
    );
    return rings.every((ring) => ring.onMs.length >= 2 && ring.offMs.length >= 1) ? rings : undefined;
  });
  if (heard === undefined) return { ok: false, detail: 'not both phones rang twice' };
  const ok = heard.every(({ onMs, offMs }) => allNear(onMs, 1_000, 60) && allNear(offMs, 2_000, 60));
  const words = heard.map(
    ({ onMs, offMs }, index) => `phone ${index + 1} on ${inMs(onMs)} off ${inMs(offMs)} ms`,
  );
  return { ok, detail: words.join('; ') };
}

function inMs(lengths: readonly number[]): string {
  return lengths.map((length) => Math.round(length)).join(' ');
}

async function talk(stage: Stage, teller: Storyteller, call: string): Promise<void> {
  await teller.step('phone 2 and the caller hear each other', async () => {
    await stage.phones.speak(2, VOICE_HZ);
    await stage.connected((ms) => stage.carrierHears(call, ms), VOICE_HZ);
    await stage.connected((ms) => stage.hear(2, ms), CALLER_HZ);
    const [here, there] = await Promise.all([stage.hear(2, 3_000), stage.carrierHears(call, 3_000)]);
    const shares = [shareOfTone(here, CALLER_HZ), shareOfTone(there, VOICE_HZ)];
    const percent = shares.map((share) => Math.round(share * 100));
    return {
      ok: shares.every((share) => share >= 0.95),
      detail: `phone 2 hears ${CALLER_HZ} Hz in ${percent[0]} %, the caller ${VOICE_HZ} Hz in ${percent[1]} % of 3 s`,
    };
  });
  await stage.phones.speak(2, null);
}
