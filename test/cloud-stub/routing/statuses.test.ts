import { describe, expect, it } from 'vitest';
import { companyForwarding, deskAndApp, idOf, makeOffice, switches } from './offices.ts';
import { CALLER, group, TOKYO, tollFreeCall, tollFreeOffice } from './toll-free/office.ts';
import { callIn, callOut, MAIN } from './world.ts';

const MOBILE = '09012345678';
const SECOND_NUMBER = '0355550101';
const closed = { intervals: [], holidays: 'own', otherwise: 'closed' } as const;

describe('what a refused caller is told', () => {
  it('[A-36] [A-37] 403 where emergency calls are not offered', () => {
    expect(callOut('110', { contracts: [{ ...deskAndApp(), emergency: 'refused' }] }).plan).toMatchObject({
      verb: 'reject',
      rule: 'out.emergencyNotOffered',
      status: 403,
      cause: 21,
    });
  });

  it('[S0-135] [A-63] 480 where a number forwards to what cannot be called', () => {
    const office = deskAndApp({ answer: switches({ forwarding: true }), forwardTo: '110' });
    expect(callIn(MAIN, { contracts: [office] }).plan).toMatchObject({
      rule: 'in.forwardTarget',
      status: 480,
    });
  });

  it('[S1-012] 486 to who calls the own extension', () => {
    const office = makeOffice({ ids: [{}, {}], numbers: [{ number: MAIN, rings: 'ab' }] });
    const world = { contracts: [office] };
    expect(callOut('11', world).plan).toMatchObject({ rule: 'out.ownExtension', status: 486, cause: 17 });
  });

  it('[S1-011] [S1-014] [S1-007] 480 from a terminal that is to relay outside without a number, and is not there', () => {
    const relay = [{ members: [{ external: MOBILE }], forMs: 9_000 }];
    const office = makeOffice({
      ids: [{ features: { relay } }, {}],
      numbers: [{ number: MAIN, rings: 'a' }],
      more: { groupForwarding: companyForwarding() },
    });
    const { plan, trace } = callIn(MAIN, { contracts: [office] });
    expect(trace.some(({ rule }) => rule === 'in.noForwardingNumber')).toBe(true);
    expect(JSON.stringify(plan)).not.toContain(MOBILE);
    const away = callIn(MAIN, { contracts: [office], unreachable: [idOf('a')] });
    expect(away.plan).toMatchObject({ rule: 'in.noForwardingNumber', status: 480 });
  });

  it('[S2-043] [S2-035] [S2-037] [S2-044] 480 after the guidance of a closed toll-free number, with its facts alone', () => {
    const office = tollFreeOffice({ groups: [group('all', 'rest', [TOKYO])], hours: { [TOKYO]: [1, 2] } });
    const { plan, trace } = tollFreeCall(office, { from: CALLER.tokyo });
    expect(plan).toMatchObject({ verb: 'play', times: 2, release: { status: 480, cause: 20 } });
    expect(trace.find(({ rule }) => rule === 'in.tollFree.afterHours')?.facts).toEqual(['S2-035', 'S2-037']);
  });

  it('[S2-019] [A-33] 488 to a call of a kind that toll-free numbers do not carry, hidden or not', () => {
    const office = tollFreeOffice({ product: 'calleePays', groups: [group('all', 'rest', [TOKYO])] });
    for (const withheld of [true, false]) {
      const { plan } = tollFreeCall(office, { withheld, media: 'video' });
      expect(plan).toMatchObject({ verb: 'reject', status: 488, cause: 65 });
    }
  });

  it('[A-63] [S2-030] 480 where a toll-free number is answered by what calls cannot be sent to', () => {
    const office = tollFreeOffice({ product: 'calleePays', groups: [group('all', 'rest', ['110'])] });
    expect(tollFreeCall(office).plan).toMatchObject({ rule: 'in.tollFree.line', status: 480, cause: 20 });
  });

  it('[S0-077] 403 from the reject list of the number that answers a toll-free number', () => {
    const inside = deskAndApp({ reject: [{ reject: 'number', number: CALLER.tokyo }] });
    const plain = tollFreeOffice({ groups: [group('all', 'rest', [MAIN])] });
    const office = { ...inside, tollFree: plain.tollFree ?? [] };
    expect(tollFreeCall(office).plan).toMatchObject({ rule: 'in.rejectList', status: 403, cause: 21 });
    expect(tollFreeCall(office, { from: CALLER.osaka }).plan.verb).toBe('ring');
  });
});

describe('what goes out', () => {
  it('[S0-089] an emergency call shows the number of the ID, and the trace complains of none', () => {
    const { plan, trace } = callOut('110');
    expect(plan).toMatchObject({ verb: 'network', presents: MAIN });
    expect(trace.filter(({ rule }) => rule === 'out.presents')).toEqual([]);
  });

  it('[S0-137] [S0-138] [S0-139] [S0-133] a forwarded call shows the called number and is no part of another', () => {
    const office = deskAndApp({ answer: switches({ forwarding: true }), forwardTo: MOBILE, recording: true });
    const { plan, trace } = callIn(MAIN, { contracts: [office] });
    expect(plan).toMatchObject({ verb: 'forward', to: { external: MOBILE, presents: MAIN } });
    expect(trace.filter(({ rule, facts }) => rule === 'in.record' && facts.includes('A-19'))).toHaveLength(1);
  });

  it('[A-19] a call that is not forwarded is not said to be', () => {
    const { trace } = callIn(MAIN, { contracts: [deskAndApp({ recording: true })] });
    expect(trace.filter(({ say }) => say === 'a forwarded call is not recorded')).toEqual([]);
  });

  it('[S0-069] a direct number of the old model without an owner rings the first ID it has', () => {
    const office = makeOffice({
      ids: [{}, {}],
      numbers: [{ number: MAIN, rings: 'ba', kind: 'direct' }],
      more: { model: 'legacy' },
    });
    const { plan } = callIn(MAIN, { contracts: [office] });
    expect(plan).toMatchObject({ verb: 'ring', members: [office.ids[1]?.id] });
  });

  it('[A-31] the opening hours play no part while forwarding is on', () => {
    const answer = switches({ forwarding: true, afterHours: true });
    const afterHours = { hours: closed, announcement: 'x' };
    const office = deskAndApp({ answer, forwardTo: MOBILE, afterHours });
    const { plan, trace } = callIn(MAIN, { contracts: [office] });
    expect(plan.verb).toBe('forward');
    expect(trace.some(({ rule }) => rule === 'in.afterHours')).toBe(false);
    const alone = deskAndApp({ answer: switches({ afterHours: true }), afterHours });
    expect(callIn(MAIN, { contracts: [alone] }).plan.verb).toBe('play');
  });

  it('[S1-013] a number that forwards to another one of the contract refuses: it would go in a circle', () => {
    const office = makeOffice({
      ids: [{}],
      numbers: [
        {
          number: MAIN,
          rings: 'a',
          features: { answer: switches({ forwarding: true }), forwardTo: SECOND_NUMBER },
        },
        { number: SECOND_NUMBER, rings: 'a' },
      ],
    });
    expect(callIn(MAIN, { contracts: [office] }).plan).toMatchObject({ rule: 'in.forwardTarget' });
  });
});
