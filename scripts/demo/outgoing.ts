import { allNear, isMelody, isTone, notesHeard, shareOfTone } from './hearing.ts';
import type { Stage } from './stage.ts';
import { pause, type Storyteller } from './story.ts';

const NUMBER = '0355550123';
const VOICE_HZ = 620;
const TALK_MS = 10_000;

/** Phone 1 calls a fixed line, talks and hangs up. */
export async function outgoingCall(stage: Stage, teller: Storyteller): Promise<void> {
  let call = '';
  await teller.step('phone 1 goes off hook and hears dial tone', async () => {
    await stage.phones.lift(1);
    await pause(200);
    const windows = await stage.hear(1, 1_000);
    const share = shareOfTone(windows, 400);
    return { ok: share >= 0.9, detail: `400 Hz in ${Math.round(share * 100)} % of 1 s` };
  });
  const answered = await teller.step(`phone 1 dials ${NUMBER} in DTMF and the carrier answers`, async () => {
    await stage.phones.dial(1, NUMBER, 'dtmf');
    const dialledAt = performance.now();
    const found = await stage.answeredCall(NUMBER, 10_000);
    if (found === undefined) return { ok: false, detail: 'the carrier saw no such call' };
    call = found.call;
    const tookS = ((performance.now() - dialledAt) / 1000).toFixed(1);
    return { ok: true, detail: `answered ${tookS} s after the last digit, presenting ${found.from}` };
  });
  if (answered) await talk(stage, teller, call);
  await teller.step('phone 1 hangs up and the far side is released', async () => {
    await stage.phones.hangUp(1);
    if (call === '') return { ok: false, detail: 'there was no call' };
    const ended = await stage.carrier.wait(call, 'ended', 3_000);
    return { ok: ended.endedBy === 'trunk', detail: `released by ${ended.endedBy}` };
  });
}

async function talk(stage: Stage, teller: Storyteller, call: string): Promise<void> {
  const from = performance.now();
  await teller.step("phone 1 hears the carrier's melody", async () => {
    const notes = notesHeard(await stage.hear(1, 3_500));
    return { ok: isMelody(notes), detail: `notes ${notes.map((hz) => Math.round(hz)).join(' ')} Hz` };
  });
  await teller.step('the carrier hears phone 1', async () => {
    await stage.phones.speak(1, VOICE_HZ);
    await stage.connected((ms) => stage.carrierHears(call, ms), VOICE_HZ);
    const share = shareOfTone(await stage.carrierHears(call, 2_000), VOICE_HZ);
    return { ok: share >= 0.95, detail: `${VOICE_HZ} Hz in ${Math.round(share * 100)} % of 2 s` };
  });
  await teller.step('they talk for 10 s without a gap', async () => {
    const leftMs = Math.max(1_000, TALK_MS - (performance.now() - from));
    const [there, here] = await Promise.all([
      stage.carrierHears(call, Math.floor(leftMs / 100) * 100),
      stage.hear(1, Math.floor(leftMs / 100) * 100),
    ]);
    const gaps = there.filter((window) => !isTone(window, VOICE_HZ)).length;
    const melody = isMelody(notesHeard(here));
    const talkedMs = Math.round(performance.now() - from);
    return {
      ok: gaps <= 1 && melody && allNear([talkedMs], TALK_MS, 1_500),
      detail: `${(talkedMs / 1000).toFixed(1)} s, ${gaps} of ${there.length} windows without the voice, melody ${melody ? 'whole' : 'broken'}`,
    };
  });
  await stage.phones.speak(1, null);
}
