import type { Desk } from './desk.ts';
import { deskParty, hearEachOther, lineParty, outsideParty } from './party.ts';
import { FAX_PORT, OFFICE_NUMBER, type Stage } from './stage.ts';
import { pause, type Storyteller, until } from './story.ts';

const OUTSIDE = { number: '0355550150', hz: 700 };
/** Stands in the office's phone book, with this name. */
const CALLER = { number: '0312340001', name: '山田商店', hz: 880 };
const FAX_EXTENSION = '13';
const RING_LIMIT_MS = 8_000;
/** The key of the Panasonic phone that watches extension 21. */
const WATCH_KEY = 2;
const ON_HOOK_MS = 1_500;
const TONES = { counter: 540, store: 1_150, line: 830 };

/** One desk phone calls the other, and the key of a third party's lamp shows it. */
export async function deskToDesk(desk: Desk, teller: Storyteller): Promise<void> {
  const { counter, store } = desk;
  await teller.step('desk phone 21 calls 22, and a lamp of 22 shows that 21 is busy', async () => {
    await counter.phone.dial(store.kind.extension);
    await store.phone.wait('ringing', RING_LIMIT_MS);
    await store.phone.answer();
    await counter.phone.wait('talking', RING_LIMIT_MS);
    await store.phone.wait('lamp', RING_LIMIT_MS, { key: WATCH_KEY, lamp: 'red' });
    const key = (await store.phone.state()).keys.find((each) => each.key === WATCH_KEY);
    return { ok: key?.lamp === 'red', detail: `key ${WATCH_KEY} "${key?.label}" is ${key?.lamp}` };
  });
  await teller.step('the desk phones hear each other', () =>
    hearEachOther(
      deskParty(counter.name, counter.phone, TONES.counter),
      deskParty(store.name, store.phone, TONES.store),
    ),
  );
  await teller.step('desk phone 21 hangs up and its lamp goes out', async () => {
    await counter.phone.hangUp();
    await store.phone.wait('idle', RING_LIMIT_MS);
    await store.phone.wait('lamp', RING_LIMIT_MS, { key: WATCH_KEY, lamp: 'off' });
    return { ok: true, detail: `key ${WATCH_KEY} is off` };
  });
}

/** A desk phone calls outside, and is called from there. */
export async function deskAndOutside(desk: Desk, stage: Stage, teller: Storyteller): Promise<void> {
  const { counter, store } = desk;
  await teller.step(`desk phone 22 calls ${OUTSIDE.number} and they hear each other`, async () => {
    await store.phone.dial(OUTSIDE.number);
    const call = await stage.answeredCall(OUTSIDE.number, RING_LIMIT_MS);
    if (call === undefined) return { ok: false, detail: 'the carrier saw no such call' };
    await store.phone.wait('talking', RING_LIMIT_MS);
    const heard = await hearEachOther(
      deskParty(store.name, store.phone, TONES.store),
      outsideParty('the far side', stage, call.call, OUTSIDE.hz),
    );
    await store.phone.hangUp();
    const ended = await stage.carrier.wait(call.call, 'ended', 3_000);
    const ok = heard.ok && ended.endedBy === 'trunk';
    return { ok, detail: `presents ${call.from}; ${heard.detail}` };
  });
  await teller.step(
    `${CALLER.number} calls the office, desk phone 21 shows who it is and answers`,
    async () => {
      const call = await stage.carrier.call({ from: CALLER.number, to: OFFICE_NUMBER, hz: CALLER.hz });
      await counter.phone.wait('ringing', RING_LIMIT_MS);
      const ringing = (await counter.phone.state()).calls.find((each) => each.state === 'ringing');
      await counter.phone.answer();
      await stage.carrier.wait(call, 'answered', 3_000);
      const heard = await hearEachOther(
        deskParty(counter.name, counter.phone, TONES.counter),
        outsideParty('the caller', stage, call, CALLER.hz),
      );
      await stage.carrier.hangUp(call);
      await counter.phone.wait('idle', RING_LIMIT_MS);
      const ok = heard.ok && ringing?.number === CALLER.number && ringing.name === CALLER.name;
      return { ok, detail: `shown as "${ringing?.name}" ${ringing?.number}; ${heard.detail}` };
    },
  );
}

/** The line of the fax machine has a handset too: it and the desk phones call each other. */
export async function deskAndFaxLine(desk: Desk, stage: Stage, teller: Storyteller): Promise<void> {
  const { counter, store } = desk;
  const line = lineParty('the fax-and-phone line', stage, FAX_PORT, TONES.line);
  await teller.step(`desk phone 21 calls the fax-and-phone line as ${FAX_EXTENSION}`, async () => {
    // The fax machine has just hung up: a loop that opens for up to a second may be a hook flash.
    await pause(ON_HOOK_MS);
    await counter.phone.dial(FAX_EXTENSION);
    const rings = await until(RING_LIMIT_MS, async () =>
      (await stage.phones.ringing(FAX_PORT)).ringing ? true : undefined,
    );
    if (rings === undefined) return { ok: false, detail: 'the line does not ring' };
    await stage.phones.lift(FAX_PORT);
    await counter.phone.wait('talking', RING_LIMIT_MS);
    const heard = await hearEachOther(deskParty(counter.name, counter.phone, TONES.counter), line);
    await counter.phone.hangUp();
    await stage.phones.hangUp(FAX_PORT);
    return heard;
  });
  await teller.step('the fax-and-phone line calls desk phone 22', async () => {
    await pause(ON_HOOK_MS);
    await stage.phones.lift(FAX_PORT);
    await pause(600);
    await stage.phones.dial(FAX_PORT, store.kind.extension, 'dtmf');
    await store.phone.wait('ringing', RING_LIMIT_MS);
    await store.phone.answer();
    await store.phone.wait('talking', RING_LIMIT_MS);
    const heard = await hearEachOther(line, deskParty(store.name, store.phone, TONES.store));
    await stage.phones.hangUp(FAX_PORT);
    await store.phone.wait('idle', RING_LIMIT_MS);
    return heard;
  });
}
