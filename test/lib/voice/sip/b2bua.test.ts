import { beforeEach, describe, expect, test } from 'vitest';
import type { IncomingRefer, Session } from '../../../../lib/voice/sip/api.ts';
import { B2bua } from '../../../../lib/voice/sip/b2bua/b2bua.ts';
import type { BridgeEnd, BridgePlan } from '../../../../lib/voice/sip/b2bua/types.ts';
import { type Heard, hear, type Party, sdpOf, World } from './world.ts';

const [A, M, B, C] = ['10.1.0.1', '10.1.0.2', '10.1.0.3', '10.1.0.4'] as const;

let world: World;
let a: Party;
let b: Party;
let c: Party;
let middle: Party;
let bridge: B2bua;
let ends: BridgeEnd[];

const to = (host: string): BridgePlan => ({
  agent: { invite: (options) => middle.agent.invite(options) },
  invite: {
    to: { transport: 'udp', host, port: 5_060 },
    requestUri: `sip:callee@${host}`,
    from: { uri: `sip:shown@${M}` },
    toUri: `sip:callee@${host}`,
  },
  pass: ['X-Kept', 'Via', 'From'],
});

beforeEach(() => {
  world = new World();
  ends = [];
  bridge = new B2bua({
    route: (session) =>
      session.invite.toUser === 'refused'
        ? { status: 403, cause: 21, text: 'no' }
        : to(session.invite.toUser === 'c' ? C : B),
    transfer: (_call, _side, uri) => (uri.includes('nobody') ? { status: 404, cause: 1, text: '' } : to(C)),
    media: (caller) => ({
      // An anchor of one's own: each leg is shown the middle's address in place of the other's.
      show: (_from, sdp) => (sdp.includes('no audio') ? undefined : sdp.replaceAll(/10\.1\.0\.\d/g, M)),
      close: () => void caller,
    }),
    ended: (_call, end) => ends.push(end),
  });
  const habits = { replaces: 'matched', reliable: 'supported' } as const;
  a = world.party(A, { ...habits, onRefer: () => undefined });
  b = world.party(B, { ...habits, onRefer: () => undefined });
  c = world.party(C, habits);
  middle = world.party(M, {
    ...habits,
    onInvite: (session, account) => bridge.onInvite(session, account),
    onRefer: (refer: IncomingRefer) => bridge.onRefer(refer),
  });
});

async function up(user = 'b', callee = b): Promise<{ caller: Heard; callee: Heard }> {
  const caller = a.call(middle, { requestUri: `sip:${user}@${M}`, toUri: `sip:${user}@${M}` });
  await world.pass();
  const rung = callee.newest();
  rung.session.answer(sdpOf(callee.host));
  await world.pass();
  return { caller, callee: rung };
}

/** What one party knows of the other's audio. */
const remote = ({ session }: { session: Session }): string => session.snapshot()?.remoteSdp ?? '';
const local = ({ session }: { session: Session }): string => session.snapshot()?.localSdp ?? '';
/** The same description, but for the address that the middle shows. */
const seen = (sdp: string): string => sdp.replaceAll(/10\.1\.0\.\d/g, M);

describe('a call of two legs', () => {
  test('rings, is answered and ends on both; nothing is left', async () => {
    const caller = a.call(middle);
    await world.pass();
    b.newest().session.progress(180);
    await world.pass();
    expect(caller.last('progress').status).toBe(180);
    b.newest().session.answer(sdpOf(B));
    await world.pass();
    expect(caller.last('answered').sdp).toBe(seen(local(b.newest())));
    expect(remote(b.newest())).toBe(seen(local(caller)));
    b.newest().session.hangUp({ cause: 16, text: 'bye' });
    await world.pass();
    expect(caller.last('ended')).toMatchObject({ by: 'peer', reason: { cause: 16 } });
    expect(ends).toEqual([{ answered: true, by: 'b', how: 'hungUp' }]);
    expect(await world.leftovers(a, b, middle)).toEqual([]);
  });

  test('shows nothing of the one leg in the other but what is on the list', async () => {
    const secret = 'secret-of-a';
    a.call(middle, {
      from: { uri: `sip:${secret}@${A}`, display: secret },
      headers: [
        ['X-Kept', 'kept'],
        ['X-Dropped', secret],
        ['Subject', secret],
      ],
    });
    await world.pass();
    const [first, second] = world.requests('INVITE');
    const text = JSON.stringify(second?.headers.entries) + second?.body.toString();
    expect(text).toContain('kept');
    for (const hidden of [secret, A, first?.callId ?? '', first?.fromTag ?? ''])
      expect(text).not.toContain(hidden);
    expect(second?.maxForwards).toBe((first?.maxForwards ?? 0) - 1);
  });

  test('early media goes through, and answers with the same', async () => {
    const caller = a.call(middle);
    await world.pass();
    const early = sdpOf(B);
    b.newest().session.progress(183, early);
    await world.pass();
    expect(caller.last('progress')).toMatchObject({ status: 183, sdp: seen(early), reliable: true });
    b.newest().session.answer(early);
    await world.pass();
    expect(remote(caller)).toBe(seen(early));
  });

  test('refusals, cancellations, loops and strangers are told as they are', async () => {
    const busy = a.call(middle);
    await world.pass();
    b.newest().session.reject(486, { cause: 17, text: 'busy' });
    await world.pass();
    expect(busy.last('failed')).toMatchObject({ status: 486, reason: { cause: 17 } });
    const refused = a.call(middle, { requestUri: `sip:refused@${M}`, toUri: `sip:refused@${M}` });
    const looped = a.call(middle, { maxForwards: 0 });
    await world.pass();
    expect(refused.last('failed').status).toBe(403);
    expect(looped.last('failed').status).toBe(483);
    const given = a.call(middle);
    await world.pass();
    given.session.hangUp({ protocol: 'SIP', cause: 200, text: 'elsewhere' });
    // Each leg's CANCEL waits for a 100, which comes after 200 ms.
    await world.pass(600);
    expect(b.newest().last('cancelled').reason).toMatchObject({ cause: 200 });
    expect(await world.leftovers(a, b, middle)).toEqual([]);
  });

  test('without an offer in the INVITE the callee offers and the ACK answers, on both legs', async () => {
    const caller = hear(
      a.agent.invite({
        to: { transport: 'udp', host: M, port: 5_060 },
        requestUri: `sip:b@${M}`,
        from: { uri: `sip:us@${A}` },
        toUri: `sip:b@${M}`,
      }),
    );
    await world.pass();
    const offer = sdpOf(B);
    b.newest().session.answer(offer);
    await world.pass();
    expect(caller.last('answered').sdp).toBe(seen(offer));
    const answer = sdpOf(A);
    caller.session.acknowledge?.(answer);
    await world.pass();
    expect(b.newest().last('answered').sdp).toBe(seen(answer));
  });

  test.each(['caller', 'callee'] as const)(
    'hold and resume from the %s reach the other party',
    async (who) => {
      const call = await up();
      const [holder, held] = who === 'caller' ? [call.caller, call.callee] : [call.callee, call.caller];
      for (const [mine, theirs] of [
        ['sendonly', 'recvonly'],
        ['sendrecv', 'sendrecv'],
      ] as const) {
        const outcomes: unknown[] = [];
        const offer = sdpOf(holder === call.caller ? A : B, mine);
        holder.session.reinvite(offer, (outcome) => outcomes.push(outcome));
        await world.pass();
        expect(held.last('offer').sdp).toBe(seen(offer));
        const answer = sdpOf(held === call.caller ? A : B, theirs);
        held.last('offer').answer(answer);
        await world.pass();
        expect(outcomes).toEqual([{ ok: true, sdp: seen(answer) }]);
      }
    },
  );

  test('offers of both at once are glare for both, and a refused one changes nothing', async () => {
    const { caller, callee } = await up();
    const outcomes: unknown[] = [];
    caller.session.reinvite(sdpOf(A), (outcome) => outcomes.push(outcome));
    callee.session.reinvite(sdpOf(B), (outcome) => outcomes.push(outcome));
    await world.pass();
    expect(outcomes).toEqual([
      { ok: false, status: 491 },
      { ok: false, status: 491 },
    ]);
    caller.session.reinvite(sdpOf(A), (outcome) => outcomes.push(outcome));
    await world.pass();
    callee.last('offer').refuse(488);
    await world.pass();
    expect(outcomes[2]).toEqual({ ok: false, status: 488 });
    caller.session.hangUp();
    expect(await world.leftovers(a, b, middle)).toEqual([]);
  });
});

describe('transfer', () => {
  test('blind: the one that stays talks to the new one, the other leaves', async () => {
    const { caller, callee } = await up();
    const told: unknown[] = [];
    caller.session.refer?.({
      to: { uri: `sip:c@${M}` },
      referredBy: `sip:us@${A}`,
      onProgress: (status, final) => told.push([status, final]),
    });
    await world.pass();
    expect(c.newest().session.invite.header('Referred-By')).toEqual([`<sip:us@${A}>`]);
    c.newest().session.progress(180);
    await world.pass();
    const offer = sdpOf(C);
    c.newest().session.answer(offer);
    await world.pass();
    expect(callee.last('offer').sdp).toBe(seen(offer));
    const answer = sdpOf(B);
    callee.last('offer').answer(answer);
    await world.pass();
    expect(told).toEqual([
      [202, false],
      [100, false],
      [180, false],
      [200, true],
    ]);
    expect(c.newest().last('answered').sdp).toBe(seen(answer));
    expect(caller.types()).toContain('ended');
    c.newest().session.hangUp();
    await world.pass();
    expect(callee.types().at(-1)).toBe('ended');
    expect(ends).toEqual([{ answered: true, by: 'a', how: 'hungUp' }]);
    expect(await world.leftovers(a, b, c, middle)).toEqual([]);
  });

  test('blind, to somebody who is busy or does not exist: the parties have each other again', async () => {
    const { caller, callee } = await up();
    const told: [number, boolean][] = [];
    const refer = (uri: string): void =>
      callee.session.refer?.({ to: { uri }, onProgress: (status, final) => told.push([status, final]) });
    refer('sip:nobody@x.example');
    await world.pass();
    expect(told).toEqual([[404, true]]);
    refer(`sip:c@${M}`);
    await world.pass();
    c.newest().session.reject(486);
    await world.pass();
    expect(told.at(-1)).toEqual([486, true]);
    caller.session.reinvite(sdpOf(A), () => undefined);
    await world.pass();
    expect(callee.types()).toContain('offer');
  });

  test('blind, and the one that leaves hangs up at once: the new call goes on without it', async () => {
    const { caller, callee } = await up();
    caller.session.refer?.({ to: { uri: `sip:c@${M}` }, onProgress: () => undefined });
    await world.pass();
    caller.session.hangUp();
    await world.pass();
    expect(callee.types()).not.toContain('ended');
    c.newest().session.answer(sdpOf(C));
    await world.pass();
    callee.last('offer').answer(sdpOf(B));
    await world.pass();
    expect(c.newest().types()).toContain('answered');
    expect(bridge.size).toBe(1);
  });

  test('attended: the parties of two calls are joined, and who had both leaves both', async () => {
    const first = await up();
    const second = await up('c', c);
    const told: [number, boolean][] = [];
    first.caller.session.refer?.({
      to: { replaces: second.caller.session },
      onProgress: (status, final) => told.push([status, final]),
    });
    await world.pass();
    const answer = sdpOf(B);
    first.callee.last('offer').answer(answer);
    await world.pass();
    expect(second.callee.last('offer').sdp).toBe(seen(answer));
    second.callee.last('offer').answer(sdpOf(C));
    await world.pass();
    expect(told.at(-1)).toEqual([200, true]);
    expect(first.caller.types()).toContain('ended');
    expect(second.caller.types()).toContain('ended');
    expect(bridge.size).toBe(1);
    first.callee.session.hangUp();
    await world.pass();
    expect(second.callee.types().at(-1)).toBe('ended');
    expect(await world.leftovers(a, b, c, middle)).toEqual([]);
  });

  test('somebody comes with a Replaces, and takes the place that it names (RFC 3891)', async () => {
    const { caller, callee } = await up();
    const own = callee.session.dialogId?.();
    const replaces = `${own?.callId};to-tag=${own?.remoteTag};from-tag=${own?.localTag}`;
    const taker = c.call(middle, { headers: [['Replaces', replaces]] });
    await world.pass();
    caller.last('offer').answer(sdpOf(A));
    await world.pass();
    expect(taker.types()).toContain('answered');
    expect(callee.types()).toContain('ended');
    taker.session.hangUp();
    await world.pass();
    expect(caller.types()).toContain('ended');
    expect(await world.leftovers(a, b, c, middle)).toEqual([]);
  });

  test('and from where it rings: the caller talks to whoever took the call', async () => {
    const caller = a.call(middle);
    await world.pass();
    b.newest().session.progress(180);
    await world.pass();
    const ringing = b.newest().session.dialogId?.();
    const replaces = `${ringing?.callId};to-tag=${ringing?.remoteTag};from-tag=${ringing?.localTag};early-only`;
    const taker = c.call(middle, { headers: [['Replaces', replaces]] });
    await world.pass();
    expect(b.newest().types()).toContain('cancelled');
    expect(caller.types()).toContain('answered');
    expect(taker.types()).toContain('answered');
    expect(remote(caller)).toBe(seen(local(taker)));
    caller.session.hangUp();
    await world.pass();
    expect(taker.types()).toContain('ended');
  });
});
