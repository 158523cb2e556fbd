import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSyncEvent, checkSyncOutcome } from '../../../agent/desk/check-sync.ts';
import { dialogInfo, messageSummary } from '../../../agent/desk/dialog-info.ts';
import { Guard } from '../../../agent/desk/guard.ts';
import { canBeTaken, lampsOf } from '../../../agent/desk/lamps.ts';
import { dialledOf, readReferTo } from '../../../agent/desk/refer-target.ts';
import { phoneConfig } from '../../../lib/contract/lan-config.ts';
import { exampleConfig, OfficeWorld } from '../calls/office-world.ts';

/** Two lines (11, 12) and two desk phones (21, 22), registered. */
function officeWithPhones(
  change: { readonly callWaiting?: boolean; readonly reachable?: boolean } = {},
): OfficeWorld {
  const { callWaiting = true, reachable = true } = change;
  const config = exampleConfig({ channels: 4 });
  const phones = [1, 2].map((index) =>
    phoneConfig.parse({
      mac: `c074ad00000${index}`,
      ...{ vendor: 'grandstream', model: 'GRP2614', label: `desk ${index}`, callWaiting },
      serviceId: `id-000001-${index + 4}`,
      extension: String(20 + index),
      sip: { user: `id-000001-${index + 4}`, password: 'not-a-secret-at-all' },
      presents: '0355550100',
      ringsFor: ['0355550100'],
    }),
  );
  const world = new OfficeWorld();
  world.open({ ...config, lan: { ...config.lan, phones } });
  if (reachable) for (const phone of [1, 2]) world.input({ type: 'phone', phone, reachable: true });
  return world;
}

function call(world: OfficeWorld, port: number, digits: string): void {
  world.lift(port);
  world.dial(port, digits);
}

const flash = (world: OfficeWorld, port: number): void =>
  world.line(port, { type: 'flash', durationMs: 300 });

describe('desk phones as lines of the office', () => {
  it('call a line and are recorded as line 101', () => {
    const world = officeWithPhones();
    // 110 begins like this: `#` says that nothing more comes.
    call(world, 101, '11#');
    expect(world.at(1)).toBe('ringing');
    world.lift(1);
    expect(world.sounds.get(1)).toEqual({ to: 'line', port: 101 });
    expect([...world.rows.values()][0]?.start).toMatchObject({ line: 101, serviceId: 'id-000001-5' });
    world.hangUp(101);
    expect(world.faults).toEqual([]);
  });

  it('that are not registered are not rung', () => {
    const world = officeWithPhones({ reachable: false });
    call(world, 1, '21');
    expect(world.at(1)).toBe('congestion');
    expect(world.lastEnd()?.end).toBe('unreachable');
  });

  it.each([
    [true, 'ringing'],
    [false, 'onHook'],
  ])('with call waiting %s a second caller finds the next place %s', (callWaiting, second) => {
    const world = officeWithPhones({ callWaiting });
    call(world, 101, '12');
    world.lift(2);
    call(world, 1, '21');
    expect(world.at(201)).toBe(second);
    if (!callWaiting) expect(world.at(1)).toBe('busyTone');
  });

  it('pass a caller on without asking: hold, dial, gone', () => {
    const world = officeWithPhones();
    call(world, 1, '21');
    world.lift(101);
    flash(world, 101);
    world.dial(101, '12');
    world.hangUp(101);
    world.lift(2);
    expect(world.sounds.get(1)).toEqual({ to: 'line', port: 2 });
    expect(world.state.legs.size).toBe(1);
  });

  it('join the calls of two places and leave both', () => {
    const world = officeWithPhones();
    call(world, 1, '21');
    world.lift(101);
    flash(world, 101);
    call(world, 201, '12');
    world.lift(2);
    world.input({ type: 'joinCalls', port: 101, other: 201 });
    expect(world.sounds.get(1)).toEqual({ to: 'line', port: 2 });
    expect(world.sounds.get(2)).toEqual({ to: 'line', port: 1 });
    expect(world.at(101)).toBe('onHook');
    world.hangUp(1);
    world.hangUp(201);
    expect(world.state.legs.size).toBe(0);
    expect(world.faults).toEqual([]);
  });

  it('refuse a call: the caller hears busy', () => {
    const world = officeWithPhones();
    call(world, 1, '21');
    world.input({ type: 'decline', port: 101, status: 486 });
    expect(world.at(1)).toBe('busyTone');
    expect(world.at(101)).toBe('onHook');
  });

  it('go on when the board is lost', () => {
    const world = officeWithPhones();
    call(world, 101, '22');
    world.lift(102);
    world.input({ type: 'board', up: false, ports: undefined, say: 'gone' });
    expect(world.at(101)).toBe('talking');
  });

  it('park a call, whose lamp shows it, and a line takes it [S0-081]', () => {
    const world = officeWithPhones();
    call(world, 1, '21');
    expect(lampsOf(world.state).get('21')).toMatchObject([
      { direction: 'recipient', state: 'early', remote: '11' },
    ]);
    expect(canBeTaken(world.state, world.leg())).toBe(true);
    world.lift(101);
    flash(world, 101);
    world.dial(101, '*74');
    expect(lampsOf(world.state).get('*74')).toMatchObject([{ state: 'confirmed' }]);
    expect(canBeTaken(world.state, world.leg())).toBe(true);
    world.hangUp(101);
    call(world, 2, '*74');
    expect(world.sounds.get(1)).toEqual({ to: 'line', port: 2 });
    expect(lampsOf(world.state).get('*74')).toEqual([]);
  });
});

describe('Refer-To', () => {
  it('names a number, a code, or a call', () => {
    expect(readReferTo('<sip:12@box>')).toEqual({ to: 'number', digits: '12' });
    expect(readReferTo('"Somebody" <sip:*71@box;user=phone>')).toEqual({ to: 'number', digits: '*71' });
    expect(readReferTo('sip:0355550123@box')).toEqual({ to: 'number', digits: '0355550123' });
    expect(readReferTo('<sip:12@box?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>')).toEqual({
      to: 'call',
      replaces: { callId: 'a@b', tags: ['1', '2'] },
    });
    expect(readReferTo('<sip:nobody@box>')).toBeUndefined();
    expect(dialledOf('tel:03-5555-0123')).toBe('0355550123');
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void readReferTo(text)));
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), (text) => void readReferTo(`<sip:${text}?Replaces=${text}>`)),
    );
  });
});

describe('the guard', () => {
  const wrong = (guard: Guard, user: string, times: number, at: number): boolean[] =>
    Array.from({ length: times }, () => guard.wrong('10.0.0.9', user, at));

  it('shuns a source after eight wrong passwords, longer each time, and nobody else', () => {
    const guard = new Guard();
    expect(wrong(guard, '21', 8, 0)).toEqual([...Array<boolean>(7).fill(false), true]);
    expect(guard.shuns('10.0.0.9', 29_999)).toBe(true);
    expect(guard.shuns('10.0.0.8', 0)).toBe(false);
    expect(guard.shuns('10.0.0.9', 30_000)).toBe(false);
    wrong(guard, '21', 8, 30_000);
    expect(guard.shuns('10.0.0.9', 89_000)).toBe(true);
  });

  it('forgives by a right password only what was wrong for the same user, and forgets no earlier time', () => {
    const guard = new Guard();
    wrong(guard, '21', 7, 0);
    guard.right('10.0.0.9', '21');
    expect(wrong(guard, '21', 7, 0)).not.toContain(true);
    guard.right('10.0.0.9', '21');
    wrong(guard, '22', 7, 0);
    guard.right('10.0.0.9', '21');
    expect(wrong(guard, '23', 1, 0)).toEqual([true]);
    guard.right('10.0.0.9', '22');
    expect(guard.shuns('10.0.0.9', 29_999)).toBe(true);
    wrong(guard, '22', 8, 30_000);
    expect(guard.shuns('10.0.0.9', 89_000)).toBe(true);
  });

  it('remembers a bounded number of sources', () => {
    const guard = new Guard();
    guard.ban('first', 0);
    for (let at = 0; at < 256; at++) guard.wrong(`10.0.1.${at}`, 'a'.repeat(9_000), 0);
    expect(guard.shuns('first', 1)).toBe(false);
  });
});

describe('what phones are told', () => {
  it('dialog-info carries what an INVITE with Replaces needs, escaped', () => {
    const { body: text } = dialogInfo('*71', '10.0.0.1', 3, [
      { id: 'leg', direction: 'recipient', state: 'early', remote: '0312345678', name: '<&">' },
    ]);
    expect(text).toContain('version="3" state="full" entity="sip:*71@10.0.0.1"');
    expect(text).toContain(
      '<dialog id="leg" call-id="leg" local-tag="leg" remote-tag="leg" direction="recipient">',
    );
    expect(text).toContain('display="&lt;&amp;&quot;&gt;"');
  });

  it('message summary and check-sync', () => {
    expect(messageSummary('sip:21@box', 2, 1)).toContain('Messages-Waiting: yes');
    expect(checkSyncEvent('grandstream')).toBe('check-sync;reboot=false');
    expect(checkSyncEvent('panasonic')).toBe('check-sync');
    expect([200, 480, 408, 403].map(checkSyncOutcome)).toEqual([
      'told',
      'notRegistered',
      'silent',
      'refused',
    ]);
  });
});
