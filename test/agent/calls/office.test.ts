import { describe, expect, it } from 'vitest';
import { exampleConfig } from './office-world.ts';
import { dialledOut, incoming, internal, office, talkingOut } from './sample-calls.ts';

describe('a call out', () => {
  it('writes its record before the INVITE and carries the number and our audio address', () => {
    const world = dialledOut();
    expect(world.effects.map((effect) => effect.type).filter((type) => /journal|sip|rtp/.test(type))).toEqual(
      ['journalBegin', 'rtpOpen', 'sipInvite'],
    );
    expect(world.of('sipInvite')[0]).toMatchObject({
      port: 1,
      number: '0355550123',
      sdp: '127.54.0.1:20000',
    });
    expect(world.of('journalBegin')[0]?.start).toMatchObject({
      direction: 'out',
      serviceId: 'id-000001-1',
      from: '0355550100',
      to: '0355550123',
    });
  });

  it('plays ringback at 180 and the far end itself at 183 with a session description', () => {
    const world = dialledOut();
    world.input({ type: 'sip', leg: world.leg(), news: { type: 'progress', status: 180, sdp: undefined } });
    expect(world.heard.get(1)).toBe('ringback');
    const leg = world.leg();
    world.input({ type: 'sip', leg, news: { type: 'progress', status: 183, sdp: '127.54.0.9:30000' } });
    expect(world.heard.get(1)).toBe('rtp');
    world.input({ type: 'sip', leg, news: { type: 'progress', status: 180, sdp: undefined } });
    expect(world.heard.get(1)).toBe('rtp');
    world.input({ type: 'sip', leg, news: { type: 'answered', sdp: undefined } });
    expect(world.of('rtpConnect')).toHaveLength(1);
    expect(world.at(1)).toBe('talking');
  });

  it('ends with the figures of its audio when the caller hangs up', () => {
    const world = talkingOut();
    world.clock.advance(10_000);
    world.hangUp(1);
    expect(world.of('sipHangUp')).toHaveLength(1);
    expect(world.lastEnd()).toBeUndefined();
    world.clock.advance(5);
    expect(world.lastEnd()).toMatchObject({
      end: 'answeredThenCallerHungUp',
      talkMs: 10_000,
      interrupted: false,
      media: { packetsSent: 1, quality: { mos: 4.4, roundTripMs: 12 } },
    });
    expect(world.state.history[0]?.sound).toEqual({
      mos: 4.4,
      lossPercent: 0,
      roundTripMs: 12,
      encrypted: false,
    });
    expect(world.heard.get(1)).toBe('silence');
  });

  it('gives busy tone when the far end hangs up', () => {
    const world = talkingOut();
    world.input({ type: 'sip', leg: world.leg(), news: { type: 'ended', by: 'peer', reason: undefined } });
    expect(world.heard.get(1)).toBe('busy');
    world.clock.advance(5);
    expect(world.lastEnd()?.end).toBe('answeredThenCalleeHungUp');
  });

  it.each([
    [486, undefined, 'busy', 'busy'],
    [503, { cause: 17, text: 'User busy' }, 'busy', 'busy'],
    [486, { cause: 34, text: 'No circuit' }, 'busy', 'noChannel'],
    [404, { cause: 1, text: 'Unallocated number' }, 'congestion', 'unallocated'],
    [403, undefined, 'congestion', 'refused'],
    [503, undefined, 'congestion', 'unreachable'],
    [408, undefined, 'congestion', 'unreachable'],
    [480, undefined, 'congestion', 'notAnswered'],
  ] as const)('a refusal with %i %o is heard as %s%s tone and recorded', (status, reason, tone, end) => {
    const world = dialledOut();
    const leg = world.leg();
    world.input({ type: 'sip', leg, news: { type: 'failed', status, reason, why: 'rule; the sentence' } });
    world.clock.advance(5);
    expect(world.heard.get(1)).toBe(tone);
    expect(world.lastEnd()).toMatchObject({ end, because: 'rule; the sentence', talkMs: 0 });
  });

  it('cancels when the caller hangs up before the answer', () => {
    const world = dialledOut();
    world.hangUp(1);
    world.clock.advance(5);
    expect(world.of('sipHangUp')).toHaveLength(1);
    expect(world.lastEnd()?.end).toBe('callerGaveUp');
  });

  it('never sends an INVITE when the caller hangs up before the socket is open', () => {
    const world = office();
    world.lift(1);
    world.dial(1, '0355550123');
    world.hangUp(1);
    world.clock.advance(5);
    expect(world.of('sipInvite')).toHaveLength(0);
    expect(world.sessions.size).toBe(0);
    expect(world.lastEnd()?.end).toBe('callerGaveUp');
  });

  it('gets congestion tone and a reason when no audio socket can be opened', () => {
    const world = office();
    world.noSockets = true;
    world.lift(1);
    world.dial(1, '0355550123');
    world.clock.advance(5);
    expect(world.heard.get(1)).toBe('congestion');
    expect(world.lastEnd()?.because).toContain('no port is free');
  });

  it('ends with a record when the far end sends no audio for more than 20 s', () => {
    const world = talkingOut();
    const leg = world.leg();
    world.input({ type: 'rtpSilent', leg, silentMs: 20_000 });
    expect(world.at(1)).toBe('talking');
    world.input({ type: 'rtpSilent', leg, silentMs: 21_000 });
    world.clock.advance(5);
    expect(world.lastEnd()).toMatchObject({
      end: 'interrupted',
      because: expect.stringContaining('no audio'),
    });
    expect(world.of('sipHangUp')).toHaveLength(1);
  });

  it('is not ended by the silence of a far end that holds it', () => {
    const world = talkingOut();
    const leg = world.leg();
    world.input({ type: 'sip', leg, news: { type: 'offer', sdp: '127.54.0.9:30000:held' } });
    world.input({ type: 'sip', leg, news: { type: 'offer', sdp: '0.0.0.0:30000:held' } });
    world.input({ type: 'rtpSilent', leg, silentMs: 60_000 });
    expect(world.at(1)).toBe('talking');
    expect(world.of('rtpConnect').map((effect) => effect.remote.host)).toEqual(['127.54.0.9']);
    world.input({ type: 'sip', leg, news: { type: 'offer', sdp: '127.54.0.9:30000' } });
    // The first look after the hold tells of the time before it, too.
    world.input({ type: 'rtpSilent', leg, silentMs: 70_000 });
    expect(world.at(1)).toBe('talking');
    world.clock.advance(20_001);
    world.input({ type: 'rtpSilent', leg, silentMs: 90_000 });
    expect(world.at(1)).toBe('congestion');
  });

  it('is not ended by the silence of a hold that is over, before the far end sends again', () => {
    const world = talkingOut();
    const leg = world.leg();
    world.line(1, { type: 'flash', durationMs: 400 });
    world.clock.advance(30_000);
    world.line(1, { type: 'flash', durationMs: 400 });
    world.input({ type: 'rtpSilent', leg, silentMs: 30_000 });
    expect(world.at(1)).toBe('talking');
  });

  it('is not ended by the silence of a far end that held it before the agent was restarted', () => {
    const world = talkingOut();
    const leg = world.leg();
    world.input({ type: 'sip', leg, news: { type: 'offer', sdp: '127.54.0.9:30000:held' } });
    world.restart(exampleConfig());
    world.clock.advance(60_000);
    world.input({ type: 'rtpSilent', leg, silentMs: 120_000 });
    expect(world.at(1)).toBe('talking');
  });

  it('to the police is never ended by the box for silence: they may hear the caller', () => {
    const world = talkingOut('110');
    world.clock.advance(60_000);
    world.input({ type: 'rtpSilent', leg: world.leg(), silentMs: 60_000 });
    expect(world.at(1)).toBe('talking');
  });

  it('ends with a record when the trunk is lost under it', () => {
    const world = talkingOut();
    world.input({ type: 'sip', leg: world.leg(), news: { type: 'ended', by: 'lost', reason: undefined } });
    world.clock.advance(5);
    expect(world.lastEnd()?.end).toBe('interrupted');
    expect(world.heard.get(1)).toBe('congestion');
  });

  it('answers a new offer and sends its audio to the new address', () => {
    const world = talkingOut();
    world.input({ type: 'sip', leg: world.leg(), news: { type: 'offer', sdp: '127.54.0.8:31000' } });
    expect(world.of('sipAnswerOffer')).toHaveLength(1);
    expect(world.of('rtpConnect').at(-1)?.remote).toMatchObject({ host: '127.54.0.8', port: 31_000 });
    world.input({ type: 'sip', leg: world.leg(), news: { type: 'offer', sdp: 'none' } });
    expect(world.of('sipRefuseOffer')).toHaveLength(1);
    expect(world.at(1)).toBe('talking');
  });
});

describe('channels [S0-059]', () => {
  it('a call out beyond the channels hears busy tone and is recorded, without an INVITE', () => {
    const world = dialledOut('0355550123', { channels: 1 });
    world.lift(2);
    world.dial(2, '0355550150');
    world.clock.advance(5);
    expect(world.of('sipInvite')).toHaveLength(1);
    expect(world.heard.get(2)).toBe('busy');
    expect(world.lastEnd()).toMatchObject({ end: 'noChannel', because: 'all 1 channels are in use' });
  });

  it('an emergency call ends the newest other call when all channels are full', () => {
    const world = dialledOut('0355550123', { channels: 1 });
    world.lift(2);
    world.dial(2, '119');
    world.clock.advance(5);
    expect(world.of('sipInvite').map((effect) => effect.number)).toEqual(['0355550123', '119']);
    expect(world.heard.get(1)).toBe('congestion');
    expect(world.lastEnd()).toMatchObject({
      end: 'interrupted',
      because: expect.stringContaining('emergency'),
    });
  });

  it('one call that rings two lines takes one channel', () => {
    const world = office({ channels: 1 });
    incoming(world, 'in-1', 'id-000001-1');
    incoming(world, 'in-2', 'id-000001-2');
    expect([...world.ringing]).toEqual([1, 2]);
    expect(world.of('sipReject')).toHaveLength(0);
  });
});

describe('a call in', () => {
  it('writes its record, rings with 1 s on and 2 s off, and says 180', () => {
    const world = office();
    incoming(world, 'in-1');
    const types = world.effects.map((effect) => effect.type);
    expect(types.slice(types.indexOf('journalBegin'))).toEqual([
      'journalBegin',
      'ring',
      'sipRinging',
      'ringTimer',
    ]);
    expect(world.of('ring')[0]?.cadence).toEqual([1_000, 2_000]);
  });

  it('answers in order when the handset is lifted: audio, record, 200', () => {
    const world = office();
    incoming(world, 'in-1');
    world.effects = [];
    world.lift(1);
    world.clock.advance(5);
    expect(world.effects.map((effect) => effect.type).filter((type) => type !== 'ringTimerOff')).toEqual([
      'ringStop',
      'rtpOpen',
      'rtpConnect',
      'journalAnswered',
      'sipAnswer',
      'hear',
      'journalKeep',
      'fax',
    ]);
    expect(world.heard.get(1)).toBe('rtp');
  });

  it('stops ringing and records who answered when another phone was quicker', () => {
    const world = office();
    incoming(world, 'in-1');
    const reason = { cause: 200, text: 'Call completed elsewhere' };
    world.input({ type: 'sip', leg: 'in-1', news: { type: 'cancelled', reason } });
    expect(world.ringing.size).toBe(0);
    expect(world.lastEnd()?.end).toBe('answeredElsewhere');
  });

  it('is busy when the line is in use', () => {
    const world = office();
    world.lift(1);
    incoming(world, 'in-1');
    expect(world.of('sipReject')[0]).toMatchObject({ status: 486, cause: 17 });
    expect(world.lastEnd()?.end).toBe('busy');
    expect(world.at(1)).toBe('dialTone');
  });

  it('is refused for an account that no line has, and while there is no board', () => {
    const world = office();
    incoming(world, 'in-1', 'somebody');
    expect(world.of('sipReject')[0]).toMatchObject({ status: 404 });
    world.input({ type: 'board', up: false, ports: undefined, say: 'the board is gone' });
    incoming(world, 'in-2');
    expect(world.of('sipReject')[1]).toMatchObject({ status: 480 });
    expect(world.rows.size).toBe(0);
  });

  it('is given back when nobody lifts in time', () => {
    const world = office({ ringForMs: 5_000 });
    incoming(world, 'in-1');
    world.clock.advance(5_000);
    expect(world.of('sipReject')[0]).toMatchObject({ status: 480 });
    expect(world.lastEnd()?.end).toBe('notAnswered');
    expect(world.ringing.size).toBe(0);
  });

  it('gives busy tone when the caller hangs up', () => {
    const world = office();
    incoming(world, 'in-1');
    world.lift(1);
    world.clock.advance(5);
    world.input({ type: 'sip', leg: 'in-1', news: { type: 'ended', by: 'peer', reason: undefined } });
    expect(world.heard.get(1)).toBe('busy');
    world.clock.advance(5);
    expect(world.lastEnd()?.end).toBe('answeredThenCallerHungUp');
  });

  it('is on record as answered elsewhere by the phone that was lifted a moment too late', () => {
    const world = office();
    incoming(world, 'in-1');
    world.lift(1);
    world.clock.advance(5);
    const reason = { cause: 200, text: 'Call completed elsewhere' };
    world.input({ type: 'sip', leg: 'in-1', news: { type: 'ended', by: 'peer', reason } });
    expect(world.heard.get(1)).toBe('busy');
    world.clock.advance(5);
    expect(world.lastEnd()?.end).toBe('answeredElsewhere');
  });
});

describe('a call between extensions [S0-050]', () => {
  it('rings the other line without the trunk and joins the two', () => {
    const world = internal();
    expect(world.heard.get(1)).toBe('ringback');
    expect(world.ringing.has(2)).toBe(true);
    world.lift(2);
    expect(
      world
        .of('hear')
        .slice(-2)
        .map((effect) => [effect.port, effect.sound]),
    ).toEqual([
      [1, { to: 'line', port: 2 }],
      [2, { to: 'line', port: 1 }],
    ]);
    expect(
      world.effects.some((effect) => effect.type.startsWith('sip') || effect.type.startsWith('rtp')),
    ).toBe(false);
    expect(world.of('journalBegin')[0]?.start).toMatchObject({ direction: 'internal', from: '11', to: '12' });
  });

  it('leaves busy tone to whoever stays', () => {
    const world = internal();
    world.lift(2);
    world.clock.advance(3_000);
    world.hangUp(2);
    expect(world.heard.get(1)).toBe('busy');
    expect(world.lastEnd()).toMatchObject({ end: 'answeredThenCalleeHungUp', talkMs: 3_000, media: null });
  });

  it('works when every channel is taken, and is busy when the extension is', () => {
    const world = dialledOut('0355550123', { channels: 1 });
    world.lift(2);
    world.dial(2, '11#');
    expect(world.heard.get(2)).toBe('busy');
    expect(world.lastEnd()).toMatchObject({ end: 'busy' });
  });

  it('to itself is busy', () => {
    const world = office();
    world.lift(2);
    world.dial(2, '12');
    expect(world.heard.get(2)).toBe('busy');
  });
});

describe('a new configuration', () => {
  it('keeps the call of a line that leaves, and drops the line when it is on hook', () => {
    const world = dialledOut();
    world.input({ type: 'config', config: { ...exampleConfig(), lines: exampleConfig().lines.slice(1) } });
    expect(world.at(1)).toBe('calling');
    world.hangUp(1);
    expect(world.at(1)).toBe('none');
    expect(world.at(2)).toBe('onHook');
  });

  it('gives dial tone to a handset that was off hook before its line existed', () => {
    const world = office();
    world.lift(3);
    expect(world.heard.has(3)).toBe(false);
    world.input({ type: 'config', config: exampleConfig({}, 3) });
    expect(world.heard.get(3)).toBe('dial');
  });
});

it('stopping ends what is not answered and leaves what is', () => {
  const world = talkingOut();
  incoming(world, 'in-2', 'id-000001-2');
  world.input({ type: 'stop' });
  world.clock.advance(5);
  expect(world.rows.get('in-2')?.end?.end).toBe('interrupted');
  expect(world.at(1)).toBe('talking');
  expect(world.of('sipHangUp')).toHaveLength(0);
  expect(world.faults).toEqual([]);
});
