import type { CarrierCallView } from '../../cloud-stub/carrier/index.ts';
import { everyWindow, shareOfTone, type Window } from '../../scripts/demo/hearing.ts';
import { pause, until } from '../../scripts/demo/story.ts';
import type { Box } from './box.ts';
import type { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';

/** Numbers of the example office and of the telephone network behind the service. */
export const OFFICE_NUMBER = '0355550100';
/** Answers at once and says a steady tone. */
const STEADY_NUMBER = '0355550150';
const STEADY_HZ = 700;
const VOICE_HZ = 620;
const CALLER = '0312340001';
const CALLER_HZ = 880;
const DIAL_TONE_HZ = 400;

/**
 * An emulated processor is late now and then, and the sound with it: a tone is heard when most of some stretch carries it.
 * What a machine of its own must do is measured elsewhere.
 */
const STRETCH_MS = 1_000;
const ENOUGH = 0.6;
const HEAR_LIMIT_MS = 60_000;
/** The system of a box is up before its programs are. */
const DIAL_TONE_LIMIT_MS = 240_000;
const SETUP_LIMIT_MS = 60_000;

/** A call that is up. */
export interface TalkingCall {
  /** Its name at the telephone network. */
  readonly call: string;
  readonly port: number;
  /** What was seen and heard, for people. */
  readonly said: readonly string[];
  /** From the last digit, or from the first ring, to the answer. */
  readonly setupMs: number;
}

/** Lifts a phone and waits for dial tone. Rejects when none comes. */
export async function dialTone(box: Box, port: number, limitMs = DIAL_TONE_LIMIT_MS): Promise<void> {
  await box.board.lift(port);
  await hears(`phone ${port}`, DIAL_TONE_HZ, earOf(box, port), limitMs);
}

/** Phone 1 calls somebody outside; both hear each other. */
export async function callOut(lab: Lab, port = 1): Promise<TalkingCall> {
  const { box } = lab;
  await dialTone(box, port);
  const known = new Set((await lab.cloud.carrier.calls()).map(({ call }) => call));
  await box.board.dial(port, STEADY_NUMBER);
  const fromMs = performance.now();
  const found = await until(SETUP_LIMIT_MS, async () =>
    (await lab.cloud.carrier.calls()).find(
      (call: CarrierCallView) =>
        call.to === STEADY_NUMBER && call.state === 'answered' && !known.has(call.call),
    ),
  );
  if (found === undefined)
    throw new LabError(`phone ${port} dialled ${STEADY_NUMBER}, and nobody was called`);
  const setupMs = Math.round(performance.now() - fromMs);
  const heard = await talk(lab, port, found.call, STEADY_HZ);
  return {
    ...{ call: found.call, port, setupMs },
    said: [
      `phone ${port} lifted, heard dial tone, dialled ${STEADY_NUMBER}; answered after ${(setupMs / 1_000).toFixed(1)} s`,
      heard,
    ],
  };
}

/** Somebody outside calls the office; a phone rings and answers; both hear each other. */
export async function callIn(lab: Lab, port = 2): Promise<TalkingCall> {
  const { box, cloud } = lab;
  const fromMs = performance.now();
  const call = await cloud.carrier.call({ from: CALLER, to: OFFICE_NUMBER, hz: CALLER_HZ });
  const rang = await until(SETUP_LIMIT_MS, async () =>
    (await box.board.ringing(port)).ringing ? performance.now() : undefined,
  );
  if (rang === undefined) throw new LabError(`${OFFICE_NUMBER} was called, and phone ${port} does not ring`);
  await box.board.lift(port);
  await cloud.carrier.wait(call, 'answered', SETUP_LIMIT_MS);
  const heard = await talk(lab, port, call, CALLER_HZ);
  const rangMs = Math.round(rang - fromMs);
  return {
    ...{ call, port, setupMs: rangMs },
    said: [
      `${CALLER} called the office; phone ${port} rang after ${(rangMs / 1_000).toFixed(1)} s and answered`,
      heard,
    ],
  };
}

/** The phone of a call hangs up, and the far side is let go. */
export async function hangUp(lab: Lab, { port, call }: TalkingCall): Promise<void> {
  await lab.box.board.speak(port, null);
  await lab.box.board.hangUp(port);
  await lab.cloud.carrier.wait(call, 'ended', SETUP_LIMIT_MS);
}

/** One phone calls the other inside the box; both hear each other, and hang up. */
export async function callExtension(box: Box, from: number, to: number): Promise<string> {
  await dialTone(box, from);
  await box.board.dial(from, `1${to}`);
  const rang = await until(SETUP_LIMIT_MS, async () =>
    (await box.board.ringing(to)).ringing ? true : undefined,
  );
  if (rang === undefined) throw new LabError(`phone ${from} dialled 1${to}, and phone ${to} does not ring`);
  await box.board.lift(to);
  await Promise.all([box.board.speak(from, VOICE_HZ), box.board.speak(to, CALLER_HZ)]);
  await hears(`phone ${to}`, VOICE_HZ, earOf(box, to));
  await hears(`phone ${from}`, CALLER_HZ, earOf(box, from));
  for (const port of [from, to]) {
    await box.board.speak(port, null);
    await box.board.hangUp(port);
  }
  await pause(1_000);
  return `phone ${from} called extension 1${to}: both heard each other`;
}

async function talk(lab: Lab, port: number, call: string, farHz: number): Promise<string> {
  const { box, cloud } = lab;
  await box.board.speak(port, VOICE_HZ);
  await hears(`phone ${port}`, farHz, earOf(box, port));
  await hears('the far end', VOICE_HZ, async (ms) =>
    everyWindow((await cloud.carrier.hear(call, ms)).windows, ms),
  );
  return `phone ${port} hears ${farHz} Hz, the far end hears ${VOICE_HZ} Hz`;
}

/** Somebody's ear: what it hears in the next `ms`. */
type Ear = (ms: number) => Promise<readonly Window[]>;

function earOf(box: Box, port: number): Ear {
  return async (ms) => everyWindow((await box.board.hear(port, ms)).windows, ms);
}

/** Waits until a stretch carries the tone. Rejects with what was heard instead. */
async function hears(who: string, hz: number, ear: Ear, limitMs = HEAR_LIMIT_MS): Promise<void> {
  let heard: readonly Window[] = [];
  const found = await until(limitMs, async () => {
    heard = await ear(STRETCH_MS);
    return shareOfTone(heard, hz) >= ENOUGH ? true : undefined;
  });
  if (found === true) return;
  const instead = heard.map((window) => (window.dbm0 > -45 ? Math.round(window.hz) : 0)).join(' ');
  throw new LabError(`${who} does not hear ${hz} Hz within ${limitMs / 1_000} s, at the end: ${instead}`);
}
