import { describe, expect, it } from 'vitest';
import { parseAdoptable } from '../../../agent/calls/adoptable.ts';
import type { UnfinishedLeg } from '../../../agent/calls/journal.ts';
import type { Attachment, MediaSnapshot } from '../../../agent/media/protocol.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { CallId, FactId } from '../../../lib/base/ids.ts';
import { inviteFacts, ShellBench } from './fakes.ts';
import { exampleConfig, OfficeWorld } from './office-world.ts';
import { sampleDialog } from './sample-dialog.ts';

const snapshot = (change: Partial<MediaSnapshot> = {}): MediaSnapshot => new OfficeWorld().snapshot(change);

function opened(): ShellBench {
  const bench = new ShellBench();
  expect(bench.shell.apply(exampleConfig()).ok).toBe(true);
  bench.shell.start();
  bench.shell.mediaConnected(snapshot());
  return bench;
}

async function dialledOut(number = '0355550123'): Promise<ShellBench> {
  const bench = opened();
  bench.shell.mediaEvent({ event: 'hook', port: 1, offHook: true });
  for (const digit of number) bench.shell.mediaEvent({ event: 'digit', port: 1, digit, by: 'dtmf' });
  await bench.settle();
  return bench;
}

async function talking(number?: string): Promise<ShellBench> {
  const bench = await dialledOut(number);
  const session = bench.sessions[0];
  if (session === undefined) throw new Error('no INVITE');
  session.dialog = sampleDialog;
  session.event({ type: 'answered', sdp: '127.54.0.9:30000' });
  await bench.settle();
  return bench;
}

describe('a call out through the shell', () => {
  it('goes out under the ID of its line, with the call id in its header, after its record', async () => {
    const bench = await dialledOut();
    const verbs = bench.verbs().filter((verb) => /journal|sip|rtp/.test(verb));
    expect(verbs).toEqual(['journal.begin', 'media.rtpOpen', 'sip.invite']);
    const start = bench.deeds.find(([verb]) => verb === 'journal.begin')?.[2];
    expect(bench.deeds.find(([verb]) => verb === 'sip.invite')?.[1]).toMatchObject({
      to: { transport: 'tls', host: '127.54.0.10', port: 5061 },
      requestUri: 'sip:0355550123@engawa.example;user=phone',
      from: { uri: 'sip:id-000001-1@engawa.example' },
      sdp: '127.54.0.1:20000',
      headers: [['X-Engawa-Call', (start as { call: string }).call]],
      credentials: { user: 'id-000001-1' },
    });
  });

  it('keeps what a later run needs when it is answered, and beats every 5 s while it is up', async () => {
    const bench = await talking();
    expect(bench.deeds.find(([verb]) => verb === 'journal.keep')?.[2]).toMatchObject({
      v: 1,
      localPort: 20_000,
      remote: { host: '127.54.0.9' },
      dialog: { callId: 'a@b' },
    });
    bench.clock.advance(11_000);
    expect(bench.verbs().filter((verb) => verb === 'journal.heartbeat')).toHaveLength(2);
    bench.shell.mediaEvent({ event: 'hook', port: 1, offHook: false });
    await bench.settle();
    expect(bench.deeds.at(-1)).toEqual([
      'journal.end',
      'gw-000001/00000000/1',
      expect.objectContaining({ end: 'answeredThenCallerHungUp', talkMs: 11_000, media: expect.anything() }),
    ]);
    bench.clock.advance(20_000);
    expect(bench.verbs().filter((verb) => verb === 'journal.heartbeat')).toHaveLength(2);
    expect(bench.clock.names()).toEqual([]);
  });

  it('is kept as an emergency call where it is one, and else says nothing of that', async () => {
    for (const [number, said] of [
      ['119', [true, true]],
      ['0355550119', [false, undefined]],
    ] as const) {
      const kept = (await talking(number)).deeds.find(([verb]) => verb === 'journal.keep')?.[2];
      expect(['emergency' in (kept as object), parseAdoptable(kept)?.emergency]).toEqual(said);
    }
  });

  it('ends its record without figures when the media process is gone', async () => {
    const bench = await talking();
    bench.mediaAway = true;
    bench.shell.mediaLost();
    bench.clock.advance(6_000);
    await bench.settle();
    expect(bench.deeds.at(-1)).toEqual([
      'journal.end',
      'gw-000001/00000000/1',
      expect.objectContaining({ end: 'interrupted', media: null }),
    ]);
  });

  it('answers or refuses an offer inside the call at once', async () => {
    const bench = await talking();
    const said: string[] = [];
    const offer = {
      type: 'offer',
      answer: (sdp: string) => said.push(sdp),
      refuse: (s: number) => said.push(`${s}`),
    };
    bench.sessions[0]?.event({ ...offer, type: 'offer', sdp: '127.54.0.8:31000' });
    bench.sessions[0]?.event({ ...offer, type: 'offer', sdp: 'none' });
    expect(said).toEqual(['127.54.0.1:20000', '488']);
  });
});

describe('a call in through the shell', () => {
  it('rings the line of the account, says 180, and answers when it is lifted', async () => {
    const bench = opened();
    const headers = { 'X-Engawa-Call': 'lz0000000-0123456789abcdef', 'X-Engawa-Called': '0355550100' };
    bench.shell.invited(bench.session('in', inviteFacts({ headers })));
    expect(bench.deeds.find(([verb]) => verb === 'journal.begin')?.[2]).toMatchObject({
      call: 'lz0000000-0123456789abcdef',
      direction: 'in',
      from: '09012345678',
      to: '0355550100',
    });
    expect(bench.shell.lines()[0]).toMatchObject({ state: 'ringing', call: 'lz0000000-0123456789abcdef' });
    bench.shell.mediaEvent({ event: 'hook', port: 1, offHook: true });
    await bench.settle();
    const verbs = bench.verbs().filter((verb) => /rtp|journal|sip/.test(verb));
    expect(verbs).toEqual([
      'journal.begin',
      'sip.progress',
      'media.rtpOpen',
      'media.rtpConnect',
      'journal.answered',
      'sip.answer',
      'journal.keep',
    ]);
    expect(bench.shell.calls()[0]).toMatchObject({ state: 'talking', direction: 'in' });
  });

  it('makes its own call id when the header is not one of ours, and shows no number when it is withheld', () => {
    const bench = opened();
    const headers = { 'X-Engawa-Call': '"; DROP TABLE' };
    bench.shell.invited(bench.session('in', inviteFacts({ headers, fromUser: 'Anonymous' })));
    const start = bench.deeds.find(([verb]) => verb === 'journal.begin')?.[2];
    expect(start).toMatchObject({ from: '', call: expect.stringMatching(/^[0-9a-z]+-[0-9a-f]{16}$/) });
  });
});

describe('registration', () => {
  it('registers every line as its own ID and tells what fails, per line [S0-062]', () => {
    const bench = opened();
    expect(bench.registers.map((options) => options.credentials.user)).toEqual([
      'id-000001-1',
      'id-000001-2',
    ]);
    bench.registers[1]?.onState({ at: 'failed', status: 403, say: 'refused', retryInMs: 1 });
    bench.registers[0]?.onState({ at: 'failed', status: 503, say: 'no connection', retryInMs: 1 });
    expect([...bench.warnings]).toEqual(['trunk.refused/2', 'trunk.notRegistered/1']);
    bench.registers[0]?.onState({ at: 'registered', expiresInS: 300 });
    expect([...bench.warnings]).toEqual(['trunk.refused/2']);
    expect(bench.shell.lines().map((line) => line.registration.at)).toEqual(['registered', 'failed']);
  });

  it('is hurried when the way to the service is there again, but not where it was refused', () => {
    const bench = opened();
    bench.shell.apply(exampleConfig({}, 3));
    bench.registers[0]?.onState({ at: 'failed', status: 503, say: 'no connection', retryInMs: 60_000 });
    bench.registers[1]?.onState({ at: 'failed', status: 403, say: 'refused', retryInMs: 60_000 });
    bench.shell.hurryTrunks();
    const hurried = bench.deeds.filter(([verb]) => verb === 'sip.hurry').map(([, user]) => user);
    expect(hurried).toEqual(['id-000001-1', 'id-000001-3']);
  });

  it('is left alone by a configuration that does not change it', () => {
    const bench = opened();
    bench.shell.apply({ ...exampleConfig(), office: 'another name' });
    expect(bench.registers).toHaveLength(2);
    bench.shell.apply({ ...exampleConfig(), lines: exampleConfig().lines.slice(0, 1) });
    expect(bench.deeds.at(-1)).toEqual(['sip.unregister', 'id-000001-2']);
    expect(bench.registers).toHaveLength(2);
  });
});

describe('registration under a call', () => {
  it('stays until the call is over when its line leaves the configuration', async () => {
    const bench = await talking();
    bench.shell.apply({ ...exampleConfig(), lines: exampleConfig().lines.slice(1) });
    expect(bench.verbs()).not.toContain('sip.unregister');
    bench.shell.mediaEvent({ event: 'hook', port: 1, offHook: false });
    await bench.settle();
    expect(bench.deeds.filter(([verb]) => verb === 'sip.unregister')).toEqual([
      ['sip.unregister', 'id-000001-1'],
    ]);
    expect(bench.shell.lines().map((line) => line.port)).toEqual([2]);
  });
});

describe('a configuration that cannot run here', () => {
  it('is refused whole and the old one goes on', () => {
    const bench = opened();
    const config = exampleConfig({}, 2);
    const wrong = { ...config, lines: config.lines.map((line) => ({ ...line, port: line.port + 3 })) };
    expect(bench.shell.apply(wrong)).toMatchObject({ ok: false, error: { code: 'config.unknownPort' } });
    const twice = { ...config, lines: config.lines.map((line) => ({ ...line, extension: '11' })) };
    expect(bench.shell.apply(twice)).toMatchObject({ ok: false, error: { code: 'config.twice' } });
    expect(bench.shell.lines().map((line) => line.port)).toEqual([1, 2]);
  });
});

describe('after a restart of the agent', () => {
  const rtp: Attachment = { to: 'rtp', session: 'leg-1' };

  function left(change: Partial<UnfinishedLeg> = {}, kept: object = {}): UnfinishedLeg {
    const now = new ShellBench().clock.now();
    const remote = { host: '127.54.0.9', port: 30_000, payloadType: 0, dtmfPayloadType: null };
    return {
      id: 'gw-000001/11111111/5' as FactId,
      start: {
        call: 'lz0000000-0123456789abcdef' as CallId,
        direction: 'out',
        line: 1,
        serviceId: 'id-000001-1',
        from: '0355550100',
        to: '0355550123',
        startedAt: instant(now - 60_000),
      },
      answeredAt: instant(now - 50_000),
      kept: { v: 1, leg: 'leg-1', peerPort: null, localPort: 20_000, remote, dialog: sampleDialog, ...kept },
      lastSeenAt: instant(now - 3_000),
      ...change,
    };
  }

  function restarted(unfinished: UnfinishedLeg, media: Partial<MediaSnapshot>): ShellBench {
    const bench = new ShellBench();
    bench.unfinished = [unfinished];
    bench.shell.apply(exampleConfig());
    bench.shell.start();
    bench.shell.mediaConnected(snapshot(media));
    return bench;
  }

  const lifted = { port: 1, offHook: true, ringing: false, attachment: rtp };
  const session = { session: 'leg-1', note: 'leg-1', localPort: 20_000, connected: true };

  it('an answered call goes on, its audio untouched, and its record counts from its answer', async () => {
    const bench = restarted(left(), { lines: [lifted], sessions: [session] });
    expect(bench.deeds).toEqual([
      // Behind what the run before may have sent, and written down as that.
      ['sip.adopt', 'a@b', 52],
      [
        'journal.keep',
        'gw-000001/11111111/5',
        expect.objectContaining({ dialog: expect.objectContaining({ localSequence: 52 }) }),
      ],
      ['media.attach', expect.objectContaining({ port: 2 })],
    ]);
    expect(bench.shell.calls()[0]).toMatchObject({ state: 'talking', call: 'lz0000000-0123456789abcdef' });
    bench.clock.advance(10_000);
    bench.shell.mediaEvent({ event: 'hook', port: 1, offHook: false });
    await bench.settle();
    expect(bench.verbs()).toContain('sip.hangUp');
    expect(bench.deeds.at(-1)).toMatchObject([
      'journal.end',
      'gw-000001/11111111/5',
      { talkMs: 60_000, end: 'answeredThenCallerHungUp', interrupted: false },
    ]);
  });

  it('a call between extensions goes on too', () => {
    const internal = left(
      { start: { ...left().start, direction: 'internal' } },
      { peerPort: 2, dialog: null, localPort: null, remote: null },
    );
    const bench = restarted(internal, {
      lines: [
        { ...lifted, attachment: { to: 'line', port: 2 } },
        { ...lifted, port: 2, attachment: { to: 'line', port: 1 } },
      ],
    });
    expect(bench.shell.lines().map((line) => line.state)).toEqual(['talking', 'talking']);
    expect(bench.deeds).toEqual([]);
    bench.shell.mediaEvent({ event: 'hook', port: 2, offHook: false });
    expect(bench.deeds.at(-1)).toMatchObject(['journal.end', 'gw-000001/11111111/5', { interrupted: false }]);
  });

  it.each([
    [
      'the handset is down',
      left(),
      { lines: [{ ...lifted, offHook: false }], sessions: [session] },
      'line 1 no longer hears it, or has hung up',
    ],
    [
      'the RTP session is gone',
      left(),
      { lines: [lifted], sessions: [] },
      'its sound has no connection any more',
    ],
    [
      'the call was not answered',
      left({ answeredAt: null }),
      { lines: [lifted], sessions: [session] },
      'nobody had answered it',
    ],
    [
      'nothing sensible was kept',
      left({ kept: { v: 9 } }),
      { lines: [lifted], sessions: [session] },
      'nothing was kept of it',
    ],
    ['the board is gone', left(), { board: null, sessions: [session] }, 'the FXS board is away'],
  ])('a call ends with a record, marked, when %s, and the log says why', (_name, unfinished, media, why) => {
    const bench = restarted(unfinished, media);
    expect(bench.log).toContain(`call not adopted after a restart: ${why}`);
    const end = bench.deeds.find(([verb]) => verb === 'journal.end');
    expect(end?.[1]).toBe('gw-000001/11111111/5');
    expect(end?.[2]).toMatchObject({ end: 'interrupted', interrupted: true, endedAt: unfinished.lastSeenAt });
    expect(bench.verbs().filter((verb) => verb === 'journal.end')).toHaveLength(1);
    if (parsedDialog(unfinished)) expect(bench.verbs()).toContain('sip.hangUp');
    if (media.sessions?.length === 1) expect(bench.verbs()).toContain('media.rtpClose');
    expect(bench.shell.calls().filter((call) => call.state !== 'ended')).toEqual([]);
  });

  it.each([
    ['one that may be taken up again is waited for', { emergency: true }, {}, true],
    ['one of an older program, known by its number', {}, { to: '119' }, true],
    ['any other call is not waited for', {}, {}, false],
  ])('before the calls are taken up, an emergency call is up already: %s', (_what, kept, start, up) => {
    const bench = new ShellBench();
    bench.unfinished = [left({ start: { ...left().start, ...start } }, kept)];
    bench.shell.apply(exampleConfig());
    bench.shell.start();
    expect(bench.shell.emergencyUp()).toBe(up);
    bench.shell.mediaConnected(snapshot({ lines: [lifted], sessions: [session] }));
    expect(bench.shell.calls()).toHaveLength(1);
    expect(bench.shell.emergencyUp()).toBe(up);
    bench.shell.mediaEvent({ event: 'hook', port: 1, offHook: false });
    expect(bench.shell.emergencyUp()).toBe(false);
  });

  it('the hang-up that the media process saw meanwhile is when the call ended', () => {
    const hungUpAt = left().lastSeenAt + 2_000;
    const media = { lines: [{ ...lifted, offHook: false }], sessions: [{ ...session, hungUpAt }] };
    const bench = restarted(left(), media);
    expect(bench.deeds.find(([verb]) => verb === 'journal.end')?.[2]).toMatchObject({
      endedAt: hungUpAt,
      talkMs: 49_000,
    });
  });

  it('without the media process, what is left ends after 5 s', () => {
    const bench = new ShellBench();
    bench.unfinished = [left()];
    bench.shell.apply(exampleConfig());
    bench.shell.start();
    bench.clock.advance(5_000);
    expect(bench.verbs()).toEqual(['journal.end', 'sip.adopt', 'sip.hangUp']);
  });

  it('a stop writes what is kept and ends what is not answered, with its figures', async () => {
    const bench = await talking();
    bench.shell.mediaEvent({ event: 'hook', port: 2, offHook: true });
    for (const digit of '09012345678')
      bench.shell.mediaEvent({ event: 'digit', port: 2, digit, by: 'pulse' });
    await bench.settle();
    await bench.shell.stop();
    expect(bench.deeds.filter(([verb]) => verb === 'journal.end')).toMatchObject([
      ['journal.end', 'gw-000001/00000000/2', { end: 'interrupted', because: 'the agent was stopped' }],
    ]);
    expect(bench.shell.lines()[0]?.state).toBe('talking');
    expect(bench.clock.names()).toEqual([]);
  });

  function parsedDialog(unfinished: UnfinishedLeg): boolean {
    return JSON.stringify(unfinished.kept).includes('"dialog":{');
  }
});
