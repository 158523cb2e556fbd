import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bridge, type BridgeInput, stepBridge } from '../../../../lib/voice/sip/b2bua/machine.ts';
import { hopsAfter, passOn } from '../../../../lib/voice/sip/b2bua/pass-on.ts';
import type { SipRequest } from '../../../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import {
  parseReferTo,
  parseReplaces,
  writeReferTo,
  writeReplaces,
} from '../../../../lib/voice/sip/dialog/replaces.ts';
import {
  glarePauseMs,
  judgeOffer,
  mayOffer,
  type OfferFacts,
} from '../../../../lib/voice/sip/session/offer-verdict.ts';
import { judgeTimer, soundHabit } from '../../../../lib/voice/sip/session/session-timer.ts';

const STABLE: OfferFacts = {
  open: 'none',
  settled: true,
  ownInvite: false,
  theirInvite: false,
  unacknowledged: false,
};

describe('an offer inside a dialog', () => {
  test.each([
    ['nothing is open', {}, 'take', 'take', true],
    ['ours is open', { open: 'ours', ownInvite: true }, 491, 491, false],
    ['theirs is open', { open: 'theirs' }, 500, 500, false],
    ['our re-INVITE without an offer is open', { ownInvite: true }, 491, 'take', false],
    ['our 200 waits for its ACK', { unacknowledged: true }, 491, 491, false],
    [
      'their INVITE rings here, not answered',
      { settled: false, open: 'theirs', theirInvite: true },
      500,
      500,
      false,
    ],
    ['their INVITE rings here, answered reliably', { theirInvite: true }, 500, 'take', false],
    [
      'our INVITE rings there, not answered',
      { settled: false, open: 'ours', ownInvite: true },
      491,
      491,
      false,
    ],
    ['our INVITE rings there, answered reliably', { ownInvite: true }, 491, 'take', false],
  ] as const)('%s', (_name, facts, invite, update, mayInvite) => {
    const all = { ...STABLE, ...facts };
    expect(judgeOffer('INVITE', true, all)).toBe(invite);
    expect(judgeOffer('UPDATE', true, all)).toBe(update);
    expect(judgeOffer('PRACK', true, all)).toBe(update);
    expect(judgeOffer('UPDATE', false, all)).toBe('take');
    expect(mayOffer('INVITE', all)).toBe(mayInvite);
  });

  test('after glare, whoever made the Call-ID waits 2.1 to 4 s, the other up to 2 s, in steps of 10 ms', () => {
    expect([glarePauseMs(true, 0), glarePauseMs(true, 0.999_999)]).toEqual([2_100, 4_000]);
    expect([glarePauseMs(false, 0), glarePauseMs(false, 0.999_999)]).toEqual([0, 2_000]);
    fc.assert(
      fc.property(fc.boolean(), fc.double({ min: 0, max: 0.999, noNaN: true }), (ours, fraction) => {
        expect(glarePauseMs(ours, fraction) % 10).toBe(0);
      }),
    );
  });
});

describe('a session timer, judged by the callee (RFC 4028 §9)', () => {
  const request = (lines: readonly string[]): SipRequest => {
    const head = [
      'INVITE sip:a@b SIP/2.0',
      'Via: SIP/2.0/UDP h;branch=z9hG4bKa',
      'From: <sip:a@h>;tag=1',
      'To: <sip:a@h>',
      'Call-ID: c',
      'CSeq: 1 INVITE',
      'Contact: <sip:a@h>',
      ...lines,
    ];
    const result = parseMessage(Buffer.from(`${head.join('\r\n')}\r\n\r\n`));
    if (result.kind !== 'ok') throw new Error(JSON.stringify(result));
    return result.message as SipRequest;
  };
  const habit = soundHabit({ expiresS: 600, minS: 120 });

  test.each([
    ['no word of it', [], '600;refresher=uas', 'us'],
    ['able, no wish', ['Supported: timer'], '600;refresher=uac', 'peer'],
    ['a longer wish', ['Supported: timer', 'Session-Expires: 1800'], '600;refresher=uac', 'peer'],
    ['a shorter wish', ['k: timer', 'x: 200;refresher=uas'], '200;refresher=uas', 'us'],
    [
      'a floor above ours',
      ['Supported: timer', 'Session-Expires: 1800', 'Min-SE: 900'],
      '900;refresher=uac',
      'peer',
    ],
    ['a proxy’s wish for one who knows nothing of it', ['Session-Expires: 100'], '120;refresher=uas', 'us'],
  ] as const)('%s', (_name, lines, value, refresher) => {
    const verdict = judgeTimer(request(lines), habit);
    expect(verdict).toMatchObject({ kind: 'terms', terms: { refresher } });
    if (verdict.kind !== 'terms') return;
    expect(verdict.headers).toContainEqual(['Session-Expires', value]);
    expect(verdict.headers.some(([name]) => name === 'Require')).toBe(refresher === 'peer');
  });

  test('too brief, malformed, or not wanted here', () => {
    expect(judgeTimer(request(['Supported: timer', 'Session-Expires: 100']), habit)).toEqual({
      kind: 'tooBrief',
      headers: [['Min-SE', '120']],
    });
    expect(judgeTimer(request(['Session-Expires: soon']), habit).kind).toBe('malformed');
    expect(judgeTimer(request(['Supported: timer', 'Session-Expires: 1800']), undefined).kind).toBe('none');
    expect(soundHabit({ expiresS: 5, minS: 1 })).toEqual({ expiresS: 90, minS: 90 });
  });
});

describe('Replaces and Refer-To', () => {
  test('name the dialog as the other side sees it, and come back the same', () => {
    const id = { callId: 'a@b', localTag: 'ours', remoteTag: 'theirs' };
    expect(writeReplaces(id)).toBe('a@b;to-tag=theirs;from-tag=ours');
    const snapshot = { remoteTarget: 'sip:c@192.0.2.9:5070;transport=tcp' };
    const header = writeReferTo({ replaces: { dialogId: () => id, snapshot: () => snapshot as never } });
    expect(header).toBe(
      '<sip:c@192.0.2.9:5070;transport=tcp?Replaces=a%40b%3Bto-tag%3Dtheirs%3Bfrom-tag%3Dours>',
    );
    expect(parseReferTo(header ?? '')).toEqual({
      uri: snapshot.remoteTarget,
      replaces: 'a@b;to-tag=theirs;from-tag=ours',
    });
    expect(parseReplaces('a@b;to-tag=theirs;from-tag=ours;early-only')).toEqual({
      callId: 'a@b',
      localTag: 'theirs',
      remoteTag: 'ours',
      earlyOnly: true,
    });
  });

  test.each(['', '<sip:', '<mailto:a@b>', '<sip:a@b;method=BYE?x=y>', `<sip:${'a'.repeat(3_000)}@b>`])(
    'what is no call is refused: %#',
    (text) => {
      expect(parseReferTo(text)).toBeUndefined();
    },
  );

  test('nothing of the wire throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseReferTo(text);
        parseReferTo(`<sip:a@b?${text}>`);
        parseReplaces(text);
      }),
    );
  });
});

describe('what may go from one leg to the other', () => {
  test('only what is named, never what belongs to one leg, and not without end', () => {
    const values = new Map([
      ['X-One', ['1', '2']],
      ['Via', ['v']],
      ['Long', ['x'.repeat(2_000)]],
      ['Many', Array.from({ length: 50 }, String)],
    ]);
    const invite = { header: (name: string) => values.get(name) ?? [] };
    expect(passOn(invite, ['X-One', 'Via', 'VIA', 'Long', 'Absent'])).toEqual([
      ['X-One', '1'],
      ['X-One', '2'],
    ]);
    expect(passOn(invite, ['Many'])).toHaveLength(16);
    expect(passOn(invite, [])).toEqual([]);
    expect([hopsAfter({ maxForwards: 70 }), hopsAfter({ maxForwards: 0 }), hopsAfter({})]).toEqual([
      69,
      undefined,
      69,
    ]);
  });
});

describe('the machine of two legs', () => {
  const side = fc.constantFrom('a' as const, 'b' as const);
  const status = fc.integer({ min: 180, max: 699 });
  const input: fc.Arbitrary<BridgeInput> = fc.oneof(
    fc.record({
      type: fc.constant('progress' as const),
      status,
      early: fc.boolean(),
      branch: fc.constantFrom('1', '2'),
    }),
    fc.record({ type: fc.constant('answered' as const), branch: fc.constantFrom('1', '2') }),
    fc.record({ type: fc.constant('failed' as const), status }),
    fc.record({
      type: fc.constant('gone' as const),
      side,
      how: fc.constantFrom('cancelled', 'hungUp', 'lost'),
    }),
    fc.record({ type: fc.constant('offer' as const), side }),
    fc.record({ type: fc.constant('offerSettled' as const), ok: fc.boolean(), status }),
    fc.record({ type: fc.constant('handOver' as const), side, heir: fc.constantFrom('called', 'present') }),
    fc.record({ type: fc.constant('heirProgress' as const), status }),
    fc.record({ type: fc.constant('heirAnswered' as const) }),
    fc.record({ type: fc.constant('heirFailed' as const), status }),
    fc.record({ type: fc.constant('joined' as const), ok: fc.boolean(), status }),
    fc.record({ type: fc.constant('stop' as const) }),
  );

  test('whatever comes in whatever order: one end, nothing after it, every offer and heir is dealt with', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        let state: Bridge = { at: 'calling', shown: undefined };
        let ends = 0;
        let answers = 0;
        for (const one of inputs) {
          const over = state.at === 'over';
          const { state: next, effects } = stepBridge(state, one);
          const done = effects.map((effect) => effect.do);
          ends += done.filter((effect) => effect === 'finish').length;
          answers += done.filter((effect) => effect === 'answer').length;
          if (over)
            expect(done.every((effect) => effect === 'refuseOffer' || effect === 'dropHeir')).toBe(true);
          if (one.type === 'offer')
            expect(done.some((effect) => effect === 'passOffer' || effect === 'refuseOffer')).toBe(true);
          if (one.type === 'handOver')
            expect(done.some((effect) => ['callHeir', 'join', 'seat', 'dropHeir'].includes(effect))).toBe(
              true,
            );
          expect(next.at === 'over').toBe(ends === 1);
          state = next;
        }
        expect(ends).toBeLessThanOrEqual(1);
        expect(answers).toBeLessThanOrEqual(1);
        const last = stepBridge(state, { type: 'stop' });
        expect(last.state.at).toBe('over');
      }),
    );
  });
});
