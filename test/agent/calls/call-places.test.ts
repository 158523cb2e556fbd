import { beforeEach, describe, expect, it } from 'vitest';
import { callStatuses } from '../../../agent/calls/status.ts';
import { callIn, flash, openOffice, talkInside, talkOutside, world } from './feature-office.ts';

beforeEach(() => openOffice());

/** Where every running call is, as the technician is told. */
function places(): (string | undefined)[] {
  return callStatuses(world.state)
    .filter((call) => call.state !== 'ended')
    .map((call) => (call.slot === undefined ? call.place : `${call.place} ${call.slot}`));
}

describe('the list of calls tells where a call is', () => {
  it('at the ear, on hold, and at the ear again', () => {
    talkOutside(1);
    expect(places()).toEqual([undefined]);
    flash(1);
    expect(places()).toEqual(['held']);
    world.clock.advance(5_000);
    flash(1);
    expect(places()).toEqual([undefined]);
  });

  it('waiting behind another one', () => {
    talkOutside(1);
    callIn(1);
    expect(places()).toEqual([undefined, 'waiting']);
  });

  it('parked, with its slot [S0-081]', () => {
    talkInside(1, 2);
    flash(1);
    world.dial(1, '*71');
    expect(places()).toContain('parked 1');
  });
});
