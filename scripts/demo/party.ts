import type { PhoneClient } from '../lab/phone-client.ts';
import { everyWindow, shareOfTone, type Window } from './hearing.ts';
import type { Stage } from './stage.ts';
import { type Finding, until } from './story.ts';

/** Somebody who talks: what one says as a tone, and what one hears. */
export interface Party {
  readonly name: string;
  /** The tone with which this one speaks. */
  readonly hz: number;
  speak(hz: number | null): Promise<void>;
  hear(ms: number): Promise<readonly Window[]>;
}

/** A talk is judged over this long. */
const JUDGED_MS = 2_000;
const CONNECT_LIMIT_MS = 4_000;
const ENOUGH = 0.9;

/** A desk phone. */
export function deskParty(name: string, phone: PhoneClient, hz: number): Party {
  return {
    name,
    hz,
    speak: (tone) => phone.speak(tone),
    hear: async (ms) => everyWindow(await phone.hear(ms), ms),
  };
}

/** A phone on the board. */
export function lineParty(name: string, stage: Stage, port: number, hz: number): Party {
  return {
    name,
    hz,
    speak: (tone) => stage.phones.speak(port, tone),
    hear: (ms) => stage.hear(port, ms),
  };
}

/** Somebody outside, who says `hz` of his own accord. */
export function outsideParty(name: string, stage: Stage, call: string, hz: number): Party {
  return { name, hz, speak: async () => {}, hear: (ms) => stage.carrierHears(call, ms) };
}

/** Both speak, and each must hear the other's tone. */
export async function hearEachOther(one: Party, other: Party): Promise<Finding> {
  await Promise.all([one.speak(one.hz), other.speak(other.hz)]);
  await Promise.all([connected(one, other.hz), connected(other, one.hz)]);
  const [here, there] = await Promise.all([one.hear(JUDGED_MS), other.hear(JUDGED_MS)]);
  const shares = [shareOfTone(here, other.hz), shareOfTone(there, one.hz)];
  const percent = shares.map((share) => Math.round(share * 100));
  await Promise.all([one.speak(null), other.speak(null)]);
  return {
    ok: shares.every((share) => share >= ENOUGH),
    detail:
      `${one.name} hears ${other.hz} Hz in ${percent[0]} %, ${other.name} ${one.hz} Hz in ${percent[1]} % ` +
      `of ${JUDGED_MS / 1_000} s`,
  };
}

/** A connection through takes a moment, and what counts is what comes after it. */
async function connected(party: Party, hz: number): Promise<void> {
  await until(CONNECT_LIMIT_MS, async () =>
    shareOfTone(await party.hear(200), hz) === 1 ? true : undefined,
  );
}
