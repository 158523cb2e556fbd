import { beforeEach, describe, expect, test } from 'vitest';
import type { IncomingRefer } from '../../../../lib/voice/sip/api.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { type Heard, type Party, sdpOf, World } from './world.ts';

const [A, B, C] = ['10.2.0.1', '10.2.0.2', '10.2.0.3'] as const;

let world: World;

beforeEach(() => {
  world = new World();
});

async function talk(a: Party, b: Party): Promise<{ caller: Heard; callee: Heard }> {
  const caller = a.call(b);
  await world.pass();
  b.newest().session.answer(sdpOf(B));
  await world.pass();
  return { caller, callee: b.newest() };
}

describe('reliable provisional responses (RFC 3262)', () => {
  test('are acknowledged in order, one at a time, and their answer stands', async () => {
    const [a, b] = [world.party(A, { reliable: 'supported' }), world.party(B, { reliable: 'supported' })];
    const caller = a.call(b);
    await world.pass();
    const early = sdpOf(B);
    b.newest().session.progress(180);
    b.newest().session.progress(183, early);
    await world.pass();
    expect(caller.events.map((one) => (one.type === 'progress' ? [one.status, one.reliable] : one))).toEqual([
      [180, true],
      [183, true],
    ]);
    const racks = world.requests('PRACK').map(({ headers }) => headers.get('rack'));
    const numbers = racks.map((rack) => Number(rack?.split(' ')[0]));
    expect(numbers[1]).toBe((numbers[0] ?? 0) + 1);
    expect(world.statuses('PRACK')).toEqual([200, 200]);
    b.newest().session.answer(sdpOf(B));
    await world.pass();
    expect(caller.last('answered').sdp).toBe(early);
    expect(b.newest().session.snapshot()?.localSdp).toBe(early);
    caller.session.hangUp();
    expect(await world.leftovers(a, b)).toEqual([]);
  });

  test('are repeated until their PRACK; the 200 waits for it; without one the call fails with 504', async () => {
    const [a, b] = [world.party(A, { reliable: 'supported' }), world.party(B, { reliable: 'supported' })];
    a.call(b);
    await world.pass();
    world.network.cut(A, true);
    b.newest().session.progress(183, sdpOf(B));
    b.newest().session.answer(sdpOf(B));
    await world.pass(31_000);
    expect(world.statuses('INVITE', B).filter((status) => status === 183).length).toBeGreaterThan(5);
    expect(world.statuses('INVITE', B)).not.toContain(200);
    await world.pass(2_000);
    expect(world.statuses('INVITE', B)).toContain(504);
    expect(b.newest().types()).toEqual(['cancelled']);
  });

  test.each([
    ['required', 'off', 420],
    ['required', 'supported', 183],
    ['supported', 'off', 183],
    ['off', 'supported', 183],
  ] as const)('a caller with "%s" and a callee with "%s": %i', async (mine, theirs, status) => {
    const [a, b] = [world.party(A, { reliable: mine }), world.party(B, { reliable: theirs })];
    const caller = a.call(b);
    await world.pass();
    b.calls[0]?.session.progress(183, sdpOf(B));
    await world.pass();
    expect(world.statuses('INVITE').at(-1)).toBe(status);
    expect(world.requests('PRACK')).toHaveLength(
      status === 183 && mine !== 'off' && theirs !== 'off' ? 1 : 0,
    );
    if (status === 420) expect(caller.last('failed').status).toBe(420);
  });

  test('an offer before the answer goes by UPDATE, once the first one is answered (RFC 3311)', async () => {
    const [a, b] = [world.party(A, { reliable: 'supported' }), world.party(B, { reliable: 'supported' })];
    const caller = a.call(b);
    await world.pass();
    const outcomes: unknown[] = [];
    caller.session.reinvite(sdpOf(A), (outcome) => outcomes.push(outcome), { by: 'UPDATE' });
    expect(outcomes).toEqual([{ ok: false, status: 481 }]);
    b.newest().session.progress(183, sdpOf(B));
    await world.pass();
    caller.session.reinvite(sdpOf(A), (outcome) => outcomes.push(outcome), { by: 'UPDATE' });
    await world.pass();
    const answer = sdpOf(B);
    b.newest().last('offer').answer(answer);
    await world.pass();
    expect(outcomes[1]).toEqual({ ok: true, sdp: answer });
    expect(world.requests('INVITE')).toHaveLength(1);
  });
});

describe('session timers (RFC 4028)', () => {
  const timer = { sessionTimer: { expiresS: 200 } };

  test.each([
    ['both', timer, timer, A],
    ['the callee alone', {}, timer, B],
  ] as const)(
    '%s: one side refreshes by UPDATE at half time, and the call lives',
    async (_who, mine, theirs, by) => {
      const [a, b] = [world.party(A, mine), world.party(B, theirs)];
      const { caller, callee } = await talk(a, b);
      await world.pass(500_000);
      expect(world.requests('UPDATE', by).length).toBeGreaterThanOrEqual(4);
      expect(world.requests('UPDATE', by === A ? B : A)).toEqual([]);
      expect([...caller.types(), ...callee.types()]).not.toContain('ended');
      caller.session.hangUp();
      expect(await world.leftovers(a, b)).toEqual([]);
    },
  );

  test('no timer where only the caller has them and the callee says nothing of them', async () => {
    const [a, b] = [world.party(A, timer), world.party(B)];
    const { caller } = await talk(a, b);
    await world.pass(500_000);
    expect(world.requests('UPDATE')).toEqual([]);
    expect(caller.types()).toEqual(['answered']);
  });

  test('a peer that vanishes is lost on both sides before the time is up', async () => {
    const [a, b] = [world.party(A, timer), world.party(B, timer)];
    const { caller, callee } = await talk(a, b);
    world.network.cut(B, true);
    await world.pass(201_000);
    expect(caller.last('ended').by).toBe('lost');
    expect(callee.last('ended').by).toBe('lost');
    expect(b.agent.counters.expired).toBe(1);
    expect(await world.leftovers(a, b)).toEqual([]);
  });

  test('a time that is too brief gets 422, and the caller asks for more', async () => {
    const a = world.party(A, { sessionTimer: { expiresS: 90 } });
    const b = world.party(B, { sessionTimer: { expiresS: 600, minS: 300 } });
    const { caller } = await talk(a, b);
    expect(world.statuses('INVITE', B)).toContain(422);
    expect(world.requests('INVITE').at(-1)?.headers.get('session-expires')).toBe('300');
    expect(caller.types()).toEqual(['answered']);
    expect(b.calls).toHaveLength(1);
  });

  test('a call that is taken up again goes on with its timer', async () => {
    const [a, b] = [world.party(A, timer), world.party(B, timer)];
    const { caller } = await talk(a, b);
    const snapshot = caller.session.snapshot();
    expect(snapshot?.timer).toEqual({ expiresS: 200, refresher: 'us' });
    if (snapshot === undefined) return;
    await a.agent.stop();
    world.network.cut(A, false);
    const again = world.party(A, timer);
    again.agent.adopt(snapshot);
    await world.pass(110_000);
    expect(world.requests('UPDATE', A).length).toBeGreaterThan(0);
  });
});

describe('offers that cross', () => {
  test('are made again by themselves after the pauses of RFC 3261 §14.1, and both get through', async () => {
    const answers = (session: Heard): void =>
      session.session.listen((event) => event.type === 'offer' && event.answer(sdpOf(B)));
    const [a, b] = [world.party(A), world.party(B)];
    const { caller, callee } = await talk(a, b);
    answers(caller);
    answers(callee);
    const outcomes: boolean[] = [];
    for (const one of [caller, callee]) {
      one.session.reinvite(sdpOf(A), ({ ok }) => outcomes.push(ok), { retries: 3 });
    }
    await world.pass(15_000);
    expect(world.statuses('INVITE')).toContain(491);
    expect(outcomes).toEqual([true, true]);
    expect(caller.session.snapshot()?.localSdp).toBe(callee.session.snapshot()?.remoteSdp);
    expect(callee.session.snapshot()?.localSdp).toBe(caller.session.snapshot()?.remoteSdp);
  });
});

describe('REFER (RFC 3515)', () => {
  let refers: IncomingRefer[];
  const taking = { onRefer: (refer: IncomingRefer) => void refers.push(refer) };

  beforeEach(() => {
    refers = [];
  });

  async function referred(): Promise<{ told: [number, boolean][]; caller: Heard; refer: IncomingRefer }> {
    const [a, b] = [world.party(A), world.party(B, taking)];
    const { caller } = await talk(a, b);
    const told: [number, boolean][] = [];
    caller.session.refer?.({
      to: { uri: 'sip:c@x.example' },
      referredBy: `sip:us@${A}`,
      onProgress: (status, final) => told.push([status, final]),
    });
    await world.pass();
    const [refer] = refers;
    if (refer === undefined) throw new Error('no REFER came');
    return { told, caller, refer };
  }

  test('is taken, and its progress told by NOTIFYs', async () => {
    const { told, refer } = await referred();
    expect(refer).toMatchObject({ referTo: '<sip:c@x.example>', referredBy: `<sip:us@${A}>`, quiet: false });
    refer.accept();
    refer.tell(180, false);
    refer.tell(486, true);
    refer.tell(200, true);
    await world.pass();
    expect(told).toEqual([
      [202, false],
      [180, false],
      [486, true],
    ]);
    expect(world.requests('NOTIFY', B).map(({ headers }) => headers.get('subscription-state'))).toEqual([
      'active;expires=180',
      'terminated;reason=noresource',
    ]);
  });

  test('is refused; one whose taker falls silent ends; one whose call ends is over', async () => {
    const { told, refer } = await referred();
    refer.refuse(603);
    await world.pass();
    expect(told).toEqual([[603, true]]);
    const silent = await referred();
    silent.refer.accept();
    await world.pass(185_000);
    expect(silent.told.at(-1)).toEqual([408, true]);
    const ended = await referred();
    refers.at(-1)?.accept();
    await world.pass();
    ended.caller.session.hangUp();
    expect(ended.told.at(-1)).toEqual([481, true]);
  });

  test('without anybody to take it gets 405; a call that is not up refers nobody', async () => {
    const [a, b] = [world.party(A), world.party(B)];
    const { caller } = await talk(a, b);
    const told: number[] = [];
    const refer = (one: Heard): void =>
      one.session.refer?.({ to: { uri: 'sip:c@x' }, onProgress: (status) => told.push(status) });
    refer(caller);
    await world.pass();
    refer(a.call(b));
    expect(told).toEqual([405, 481]);
  });
});

describe('INVITE with Replaces (RFC 3891)', () => {
  const taking = { replaces: 'matched' } as const;

  test('finds the call that it names, from the side of whoever gets it', async () => {
    const [a, b, c] = [world.party(A), world.party(B, taking), world.party(C)];
    const { caller, callee } = await talk(a, b);
    const id = caller.session.dialogId?.();
    const named = `${id?.callId};to-tag=${id?.remoteTag};from-tag=${id?.localTag}`;
    const taker = c.call(b, { headers: [['Replaces', named]] });
    await world.pass();
    expect(b.newest().session.replaces).toBe(callee.session);
    b.newest().session.answer(sdpOf(B));
    callee.session.hangUp();
    await world.pass();
    expect(taker.types()).toEqual(['answered']);
    expect(caller.types()).toEqual(['answered', 'ended']);
    const late = [named, `${named};early-only`, 'x;to-tag=y', `nobody;to-tag=a;from-tag=b`];
    const failed = late.map((value) => c.call(b, { headers: [['Replaces', value]] }));
    await world.pass();
    expect(failed.map((one) => one.last('failed').status)).toEqual([481, 481, 400, 481]);
    const own = b.newest().session.dialogId?.();
    const early = c.call(b, {
      headers: [['Replaces', `${own?.callId};to-tag=${own?.localTag};from-tag=${own?.remoteTag};early-only`]],
    });
    await world.pass();
    expect(early.last('failed').status).toBe(486);
  });

  test('is required in vain where it is not had', async () => {
    const [a, b] = [world.party(A), world.party(B)];
    const refused = a.call(b, { headers: [['Require', 'replaces']] });
    await world.pass();
    expect(refused.last('failed').status).toBe(420);
  });
});

describe('an INVITE that a proxy forks', () => {
  /** Answers of two callees to one INVITE, as a forking proxy lets them through. */
  async function forked(): Promise<{
    caller: Heard;
    a: Party;
    answer: (tag: string, status: number, extra?: string) => void;
  }> {
    const a = world.party(A, { reliable: 'supported' });
    const proxy = { host: B, port: 5_060 };
    world.network.attach(proxy, () => undefined);
    const caller = a.call(B);
    await world.pass();
    const [invite] = world.requests('INVITE');
    const via = invite?.headers.get('via') ?? '';
    const answer = (tag: string, status: number, extra = ''): void => {
      const lines = [
        `SIP/2.0 ${status} Said`,
        `Via: ${via}`,
        `From: ${invite?.headers.get('from')}`,
        `To: ${invite?.headers.get('to')};tag=${tag}`,
        `Call-ID: ${invite?.callId}`,
        'CSeq: 1 INVITE',
        `Contact: <sip:${tag}@${B}>`,
        ...(extra === '' ? [] : [extra]),
        'Content-Length: 0',
        '',
        '',
      ];
      world.network.send(Buffer.from(lines.join('\r\n')), proxy, { host: A, port: 5_060 });
    };
    return { caller, a, answer };
  }

  test('rings in several places, each with its own early dialog', async () => {
    const { caller, answer } = await forked();
    answer('one', 180);
    answer('two', 183, 'Require: 100rel\r\nRSeq: 7');
    answer('two', 183, 'Require: 100rel\r\nRSeq: 7');
    await world.pass();
    expect(caller.events.map((event) => event.type === 'progress' && event.branch)).toEqual(['one', 'two']);
    const [prack] = world.requests('PRACK');
    expect([prack?.requestUri.text, prack?.toTag, prack?.headers.get('rack')]).toEqual([
      `sip:two@${B}`,
      'two',
      '7 1 INVITE',
    ]);
  });

  test('and answered twice: the first is kept, the second gets ACK and BYE, repeats get their ACK again', async () => {
    const { caller, a, answer } = await forked();
    answer('one', 180);
    answer('two', 200);
    await world.pass();
    answer('one', 200);
    await world.pass();
    answer('one', 200);
    answer('two', 200);
    await world.pass();
    expect(caller.types()).toEqual(['progress', 'answered']);
    expect(caller.session.dialogId?.()?.remoteTag).toBe('two');
    expect(world.requests('ACK', A).map(({ toTag }) => toTag)).toEqual(['two', 'one', 'one', 'two']);
    const byes = new Set(world.requests('BYE', A).map(({ toTag }) => toTag));
    expect([...byes]).toEqual(['one']);
    caller.session.hangUp();
    expect(await world.leftovers(a)).toEqual([]);
  });
});

describe('requests that come by two ways, or back', () => {
  const merged = (branch: string, vias: string[] = []): Buffer =>
    Buffer.from(
      [
        'OPTIONS sip:us@x SIP/2.0',
        `Via: SIP/2.0/UDP ${B}:5060;branch=z9hG4bK${branch};rport`,
        ...vias.map((via) => `Via: ${via}`),
        'Max-Forwards: 70',
        'From: <sip:x@y>;tag=same',
        'To: <sip:us@x>',
        'Call-ID: same',
        'CSeq: 7 OPTIONS',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );

  test('get 482, and are counted (RFC 3261 §8.2.2.2)', async () => {
    const a = world.party(A);
    world.network.attach({ host: B, port: 5_060 }, () => undefined);
    for (const branch of ['one', 'two', 'one']) {
      world.network.send(merged(branch), { host: B, port: 5_060 }, { host: A, port: 5_060 });
    }
    await world.pass();
    expect(world.statuses('OPTIONS', A)).toEqual([200, 482, 200]);
    expect(a.agent.counters.loops).toBe(1);
  });

  test('one of ours that comes back does not ring here', async () => {
    const a = world.party(A);
    const back: Buffer[] = [];
    world.network.attach({ host: B, port: 5_060 }, (bytes) => back.push(bytes));
    const caller = a.call(B);
    await world.pass();
    const text = (back[0] ?? Buffer.alloc(0)).toString('utf8');
    const looped = text.replace('Via:', `Via: SIP/2.0/UDP ${B}:5060;branch=z9hG4bKproxy;rport\r\nVia:`);
    expect(parseMessage(Buffer.from(looped)).kind).toBe('ok');
    world.network.send(Buffer.from(looped), { host: B, port: 5_060 }, { host: A, port: 5_060 });
    await world.pass();
    expect(world.statuses('INVITE', A)).toEqual([482]);
    expect(a.calls).toEqual([]);
    expect(caller.types()).toEqual([]);
  });
});
