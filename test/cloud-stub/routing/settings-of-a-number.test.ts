import { describe, expect, it } from 'vitest';
import type { NumberFeatures } from '../../../cloud-stub/contracts/index.ts';
import type { Decision } from '../../../cloud-stub/routing/types.ts';
import { deskAndApp, idsOf, makeOffice, switches } from './offices.ts';
import { callIn, callOut, MAIN, type World } from './world.ts';

const MOBILE = '09012345678';
const CLOSED: NumberFeatures['afterHours'] = {
  hours: { intervals: [], holidays: 'own', otherwise: 'closed' },
  announcement: 'office.closed',
};
const says = ({ trace }: Decision, rule: string): string =>
  trace.flatMap((line) => (line.rule === rule ? [line.say] : [])).join('; ');

/** A call in to the desk phone and the app, whose number has these settings. */
function called(features: Partial<NumberFeatures>, options?: readonly string[], world: World = {}): Decision {
  const more = options === undefined ? {} : { options };
  return callIn(MAIN, { contracts: [deskAndApp(features, more)], ...world });
}

describe('settings of a number, one by one', () => {
  it('[S0-084] a group that is not there is named, and the IDs of the number ring', () => {
    const gone = called({ group: 'gone' }, []);
    expect(says(gone, 'in.group')).toContain('no ring group "gone"');
    expect(gone.plan).toMatchObject({ verb: 'ring', members: idsOf('ab') });
    expect(says(called({}, []), 'in.group')).toBe('');
    const sales = {
      id: 'sales',
      how: 'simultaneous',
      members: [{ id: idsOf('b')[0] }],
      forMs: 9_000,
    } as const;
    const office = makeOffice({
      ids: [{}, {}],
      numbers: [{ number: MAIN, rings: 'a', options: [], features: { group: 'sales' } }],
      groups: [{ ...sales, deskFirstMs: 0 } as never],
    });
    const ringing = callIn(MAIN, { contracts: [office] });
    expect([says(ringing, 'in.group').includes('no ring group'), ringing.plan]).toMatchObject([
      false,
      { members: idsOf('b') },
    ]);
  });

  it('[S0-089] 184 withholds the number that is chosen, and nothing else does', () => {
    const [plain, hidden] = [callOut('0355550123'), callOut('1840355550123')];
    expect([plain.plan, hidden.plan]).toMatchObject([
      { presents: MAIN, withheld: false },
      { presents: MAIN, withheld: true },
    ]);
    expect(says(plain, 'out.presents')).toBe(`shows ${MAIN}`);
    expect(says(hidden, 'out.presents')).toContain('withheld from the callee');
  });

  it('[S0-114] a number that takes no faxes answers as if there were none', () => {
    expect(called({ fax: { use: 'off', relayTo: null } }, []).plan.verb).toBe('ring');
  });

  it('[S0-115] [S0-116] [S0-118] a closed office answers with its announcement once, then releases or takes a message', () => {
    const afterHours = { answer: switches({ afterHours: true }), afterHours: CLOSED };
    const closed = called(afterHours, ['option.afterHours']);
    expect(closed.plan).toEqual({
      verb: 'play',
      contract: 'c-000001',
      called: MAIN,
      prompt: 'office.closed',
      times: 1,
      answers: true,
      next: null,
    });
    expect(says(closed, 'in.afterHours')).toContain('is closed');
    expect(says(closed, 'in.announce')).toContain('then the call is released');
    const voicemail = { afterMs: 9_000, greeting: 'default.voicemail' };
    const taken = called({ ...afterHours, voicemail }, ['option.afterHours', 'option.voicemail']);
    expect(taken.plan).toMatchObject({ verb: 'play', next: { verb: 'voicemail' } });
    expect(says(taken, 'in.announce')).toContain('then voicemail runs');
    expect(called({ afterHours: CLOSED }, ['option.afterHours']).plan.verb).toBe('ring');
  });

  it('[S0-130] [S0-133] a recording is made of what has it contracted, and never of a forwarded call', () => {
    expect(called({ recording: true }, ['option.recording']).plan).toMatchObject({
      verb: 'record',
      except: 'externalLegs',
      plan: { verb: 'ring' },
    });
    expect(called({ recording: true }, []).plan.verb).toBe('ring');
    const answer = switches({ forwarding: true });
    const forwarded = called({ recording: true, answer, forwardTo: MOBILE }, [
      'option.recording',
      'option.forwarding',
    ]);
    expect(forwarded.plan.verb).toBe('forward');
    const said = (one: Decision) => one.trace.find(({ rule }) => rule === 'in.record')?.say;
    expect(said(called({ recording: true }, ['option.recording']))).toContain('legs to outside numbers');
  });

  it('[S0-135] [S0-137] [S0-138] [S0-139] forwarding sends on with the called number, for the whole time, and that is all', () => {
    const forwards = { answer: switches({ forwarding: true }), forwardTo: MOBILE };
    const nobody = { unreachable: idsOf('ab') };
    expect(called(forwards, ['option.forwarding'], nobody).plan).toEqual({
      verb: 'forward',
      contract: 'c-000001',
      called: MAIN,
      to: { external: MOBILE, presents: MAIN, destination: 'mobile' },
      forMs: 60_000,
      takesChannel: true,
    });
  });

  it.each([
    ['110', 'a number that is never called'],
    [MAIN, 'its own number, in a circle'],
    ['0990123456', 'a blocked number'],
    ['0355', 'half a number'],
  ])('[S0-135] [S0-136] forwarding to %s, %s, is refused before anything rings', (forwardTo) => {
    const { plan } = called({ answer: switches({ forwarding: true }), forwardTo }, ['option.forwarding']);
    expect(plan).toMatchObject({ verb: 'reject', rule: 'in.forwardTarget', status: 480, cause: 21 });
  });
});
