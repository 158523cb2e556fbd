import { describe, expect, it } from 'vitest';
import { explain, renderPlan } from '../../../cloud-stub/routing/index.ts';
import type { RoutePlan } from '../../../cloud-stub/routing/types.ts';
import { deskAndApp, idOf, menu, switches, VOICEMAIL } from './offices.ts';
import { CONTRACT, callIn, MAIN } from './world.ts';

const MOBILE = '09012345678';
const common = { contract: CONTRACT, called: MAIN } as const;
const leg = { external: MOBILE, presents: MAIN, destination: 'mobile' } as const;
const voicemail = { verb: 'voicemail', ...common, greeting: 'hello' } as const;

describe('a plan for a person', () => {
  it.each<[RoutePlan, readonly string[]]>([
    [
      {
        verb: 'ring',
        ...common,
        members: [idOf('a')],
        externals: [leg],
        headStart: { members: [idOf('a')], ms: 2_000 },
        forMs: 30_000,
        takesChannel: true,
        guidance: { prompt: 'tollFree', to: 'both' },
        onBusy: voicemail,
      },
      [
        `ring id-000001-1 and ${MOBILE} (showing ${MAIN}) for 30 s as ${MAIN}`,
        '  id-000001-1 first, for 2 s',
        '  on answer: both hear tollFree',
        `  busy → voicemail of ${MAIN}, greeting hello`,
      ],
    ],
    [
      {
        verb: 'relay',
        ...common,
        steps: [
          { members: [{ id: idOf('a') }], forMs: 10_000 },
          { members: [leg], forMs: 20_000 },
        ],
        takesChannel: true,
        onNoAnswer: voicemail,
      },
      [
        `ring in relay as ${MAIN}`,
        '  1. id-000001-1 for 10 s',
        `  2. ${MOBILE} (showing ${MAIN}) for 20 s`,
        `  no answer → voicemail of ${MAIN}, greeting hello`,
      ],
    ],
    [
      { verb: 'forward', ...common, to: leg, forMs: 60_000, takesChannel: false },
      [`forward ${MAIN} to ${MOBILE} (showing ${MAIN}) for 60 s, outside the channel count`],
    ],
    [
      { verb: 'play', ...common, prompt: 'closed', times: 2, answers: true, next: voicemail },
      ['play closed 2 times, then', `  voicemail of ${MAIN}, greeting hello`],
    ],
    [
      { verb: 'play', ...common, prompt: 'closed', times: 1, answers: true, next: null },
      ['play closed, then release'],
    ],
    [
      {
        verb: 'play',
        ...common,
        prompt: 'busy',
        times: 1,
        answers: false,
        next: null,
        release: { status: 486, cause: 34 },
      },
      ['play busy without answering, then refuse with 486 (cause 34)'],
    ],
    [
      { verb: 'fax', ...common, listenMs: null, onVoice: null, relayTo: idOf('a') },
      [`receive a fax for ${MAIN}, sent again to id-000001-1`],
    ],
    [
      { verb: 'fax', ...common, listenMs: 4_000, onVoice: voicemail, relayTo: null },
      [
        `listen 4 s for a fax tone; receive a fax for ${MAIN}`,
        `  no fax tone → voicemail of ${MAIN}, greeting hello`,
      ],
    ],
    [
      { verb: 'bot', ...common, takesChannel: true, onNoChannel: voicemail },
      [
        `answering bot of ${MAIN}, on one channel`,
        `  no channel free → voicemail of ${MAIN}, greeting hello`,
      ],
    ],
    [
      { verb: 'tone', tone: 'busy', forMs: 10_000, rule: 'in.channels', cause: 34, say: 'all are in use' },
      ['busy tone for 10 s: all are in use'],
    ],
  ])('%j', (plan, lines) => {
    expect(renderPlan(plan)).toEqual(lines);
  });

  it('reads like this, with menus and recording', () => {
    const menus = [
      menu('main', {
        '1': { do: 'ring', group: null },
        '2': { do: 'forward', to: MOBILE },
        '9': { do: 'repeat' },
      }),
    ];
    const office = deskAndApp({
      answer: switches({ ivr: true }),
      ivrMenu: 'main',
      menus,
      recording: true,
      voicemail: VOICEMAIL,
    });
    const voicemailLine = `voicemail of ${MAIN}, greeting default.voicemail`;
    expect(renderPlan(callIn(MAIN, { contracts: [office] }).plan)).toEqual([
      `record for ${MAIN}, except legs to outside numbers`,
      `  collect a digit for ${MAIN}, at most 20 menus`,
      '    menu main: play prompt.main up to 2 times, 5 s to choose',
      `      key 1 → ring id-000001-1 and id-000001-2 for 20 s as ${MAIN}`,
      '        id-000001-1 first, for 2 s',
      `        no answer → ${voicemailLine}`,
      `        no channel free → ${voicemailLine}`,
      `      key 2 → forward ${MAIN} to ${MOBILE} (showing ${MAIN}) for 60 s, on one channel`,
      '        no channel free → busy tone for 10 s: all 2 channels of c-000001 are in use',
      '      key 9 → menu main',
      '      otherwise → congestion tone for 10 s: no choice was made in menu "main"',
    ]);
  });

  it('stands under its reasons: sentences with their facts', () => {
    expect(explain(callIn(MAIN, { contracts: [deskAndApp({ voicemail: VOICEMAIL })] }))).toEqual([
      `${MAIN} belongs to c-000001, which is active [A-18] [S0-054]`,
      `call from ${MOBILE} to ${MAIN} (contract number) [S0-061]`,
      '0 of 2 channels are in use [S0-059]',
      `${MAIN} rings id-000001-1, id-000001-2; the first answer wins [S0-056] [S0-057]`,
      'desk phones ring 2 s before the others [A-05] [S0-078] [S0-080]',
      `not answered for 20 s, ${MAIN} goes to voicemail [S0-119] [S0-120]`,
      `→ ring id-000001-1 and id-000001-2 for 20 s as ${MAIN}`,
      '    id-000001-1 first, for 2 s',
      `    no answer → voicemail of ${MAIN}, greeting default.voicemail`,
    ]);
  });
});
