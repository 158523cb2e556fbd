import type { SiteConfig } from '../../lib/contract/site-config.ts';
import { Rehearsal, type Standing } from '../calls/index.ts';
import type { DrillCheck } from './types.ts';

/** What the rehearsal is made of. */
export interface Stage {
  readonly config: SiteConfig;
  readonly standing: Standing;
  readonly nowMs: number;
  /** The state that a lamp for an extension or parking place shows. */
  lampOf(state: Rehearsal['state'], watched: string): string | undefined;
}

type Outcome = Pick<DrillCheck, 'verdict' | 'say'>;

const ok = (say: string): Outcome => ({ verdict: 'OK', say });
const fail = (say: string): Outcome => ({ verdict: 'FAIL', say });
const none = (say: string): Outcome => ({ verdict: '--', say });

/** Dialled on paper only: a number of the kind that everybody calls, and an emergency call. */
const OUTSIDE = '0312345678';
const EMERGENCY = '110';

/**
 * Every feature of the office, played on paper with its own configuration and with the trunks as they stand now. Pure; nobody's phone
 * rings.
 */
export function rehearse(stage: Stage): readonly DrillCheck[] {
  const features: readonly (readonly [DrillCheck['feature'], (play: Rehearsal, stage: Stage) => Outcome])[] =
    [
      ['extensions', extensions],
      ['lamps', lamps],
      ['park', park],
      ['pickup', pickUp],
      ['groups', groups],
      ['night', night],
      ['outside', outside],
      ['emergency', emergency],
    ];
  const checks = features.map(([feature, run]): DrillCheck => {
    const play = new Rehearsal(stage.config, stage.standing, stage.nowMs);
    const found = run(play, stage);
    if (found.verdict === 'OK' && !play.settled()) {
      return { feature, ...fail('a call was left over, or a record was not ended exactly once') };
    }
    return { feature, ...found };
  });
  return checks;
}

function extensions(play: Rehearsal): Outcome {
  const [caller, called] = play.parties();
  if (caller === undefined || called === undefined) return none('the office has no two phones');
  play.call(caller.port, called.extension);
  if (!play.rings(called.port)) return fail(`extension ${called.extension} does not ring`);
  play.lift(called.port);
  const joined =
    play.hears(caller.port) === `line ${called.port}` && play.hears(called.port) === `line ${caller.port}`;
  if (!joined) return fail(`extensions ${caller.extension} and ${called.extension} do not hear each other`);
  return ok(`${caller.extension} calls ${called.extension}, and they hear each other`);
}

function lamps(play: Rehearsal, { lampOf }: Stage): Outcome {
  const [caller, called] = play.parties();
  if (caller === undefined || called === undefined) return none('the office has no two phones');
  const shown = (): string | undefined => lampOf(play.state, called.extension);
  const before = shown();
  play.call(caller.port, called.extension);
  const rings = shown();
  play.lift(called.port);
  const talks = shown();
  const states = `${before ?? 'dark'}, ${rings ?? 'dark'}, ${talks ?? 'dark'}`;
  const right = before === undefined && rings === 'early' && talks === 'confirmed';
  return right ? ok('a lamp is dark, blinks, and is lit') : fail(`a lamp showed ${states}`);
}

function park(play: Rehearsal, { config, lampOf }: Stage): Outcome {
  const [caller, called] = play.parties();
  if (caller === undefined || called === undefined) return none('the office has no two phones');
  const place = `${config.features.park}9`;
  play.call(caller.port, called.extension);
  play.lift(called.port);
  play.flash(caller.port);
  play.dial(caller.port, place);
  if (lampOf(play.state, place) === undefined) return fail(`${place} did not park the call`);
  play.hangUp(caller.port);
  play.call(caller.port, place);
  const back = play.hears(called.port) === `line ${caller.port}`;
  return back ? ok(`a call is parked and taken with ${place}`) : fail(`${place} did not give the call back`);
}

function pickUp(play: Rehearsal, { config }: Stage): Outcome {
  const [caller, called, third] = play.parties();
  if (caller === undefined || called === undefined || third === undefined)
    return none('the office has no three phones');
  play.call(caller.port, called.extension);
  play.call(third.port, `${config.features.pickup}${called.extension}`);
  const taken = play.hears(third.port) === `line ${caller.port}`;
  if (!taken) return fail(`${config.features.pickup}${called.extension} did not take the call`);
  return ok(`${third.extension} takes what rings at ${called.extension}`);
}

function groups(play: Rehearsal, { config }: Stage): Outcome {
  const all = config.groups ?? [];
  if (all.length === 0) return none('the office has no ring groups');
  const parties = play.parties();
  for (const group of all) {
    const caller = parties.find(({ extension }) => !group.members.includes(extension));
    const members = parties.filter(
      ({ extension }) => group.members.includes(extension) && extension !== caller?.extension,
    );
    if (caller === undefined || members.length === 0) continue;
    play.call(caller.port, group.extension);
    play.pass(group.deskFirstMs + 100);
    const first = members.find(({ port }) => play.rings(port));
    if (first === undefined) return fail(`nobody of group ${group.extension} rings`);
    play.lift(first.port);
    if (play.hears(caller.port) !== `line ${first.port}`)
      return fail(`group ${group.extension} cannot be answered`);
    play.hangUp(first.port);
    play.hangUp(caller.port);
  }
  return ok(`${all.length} ring group${all.length === 1 ? '' : 's'} can be called and answered`);
}

function night(play: Rehearsal, { config, lampOf }: Stage): Outcome {
  if (config.night === undefined) return none('the office has no night switch');
  const { code, rings } = config.night;
  const members = config.groups?.find(({ extension }) => extension === rings)?.members ?? [rings];
  const parties = play.parties();
  const [caller] = parties;
  const called = parties.find(({ extension }) => !members.includes(extension));
  if (caller === undefined || called === undefined) return none('every phone of the office rings at night');
  play.call(caller.port, `${code}1`);
  play.hangUp(caller.port);
  if (lampOf(play.state, code) === undefined) return fail(`${code}1 did not switch to night`);
  play.calledFromOutside(called.port);
  const rung = parties.some(({ port, extension }) => members.includes(extension) && play.rings(port));
  if (!rung || play.rings(called.port)) return fail(`a call from outside does not ring at ${rings}`);
  play.pass(config.calls.ringForMs + 1_000);
  play.call(caller.port, `${code}0`);
  play.hangUp(caller.port);
  const day = lampOf(play.state, code) === undefined;
  return day
    ? ok(`${code}1 lets calls ring at ${rings}, ${code}0 ends it`)
    : fail(`${code}0 did not end the night`);
}

function outside(play: Rehearsal, { config }: Stage): Outcome {
  const [caller] = play.parties();
  if (caller === undefined) return none('the office has no phone');
  play.call(caller.port, OUTSIDE);
  const trunk = play.asked.at(-1)?.trunk;
  if (trunk === 1) return ok('calls go out over the second trunk');
  if (trunk === 0) {
    // Not known yet to be away: the call is tried, and nothing answers.
    play.trunkFails(408);
    if (play.asked.at(-1)?.trunk === 1) return ok('calls go out over the second trunk');
  }
  const said = play.hears(caller.port);
  if (said !== 'guideAway') return fail(`the caller hears ${said} instead of guidance`);
  const second = config.secondTrunk === undefined ? '' : '; the second trunk is away too';
  return ok(`the caller is told in words that no call is possible${second}`);
}

function emergency(play: Rehearsal, { config }: Stage): Outcome {
  const [caller] = play.parties();
  if (caller === undefined) return none('the office has no phone');
  play.call(caller.port, EMERGENCY);
  if (config.dialPlan.emergency === 'refused') {
    const said = play.hears(caller.port);
    if (said !== 'guideEmergencyRefused') return fail(`the caller of ${EMERGENCY} hears ${said}`);
    return ok(`${EMERGENCY} is not offered here, and the caller is told so`);
  }
  const trunks = config.secondTrunk === undefined ? 1 : 2;
  for (let tried = 0; tried < trunks; tried++) play.trunkFails(503);
  const asked = new Set(play.asked.map(({ trunk }) => trunk)).size;
  if (asked !== trunks) return fail(`an emergency call asked ${asked} of ${trunks} trunks`);
  const said = play.hears(caller.port);
  if (said !== 'guideNoEmergency') return fail(`the caller of ${EMERGENCY} hears ${said}`);
  return ok(
    `${EMERGENCY} tries ${trunks === 1 ? 'the trunk' : 'both trunks'}, then says to take a mobile phone`,
  );
}
