import { describe, expect, it } from 'vitest';
import type { MediaCommand } from '../../../agent/media/index.ts';
import type { BoxIdentity } from '../../../agent/status.ts';
import { ClaimDesk, identityLines, LoneLines } from '../../../agent/unclaimed/index.ts';
import type { BoardIdentity } from '../../../hal/board.ts';
import { type CodedError, ok, type Result, refuse } from '../../../lib/base/errors.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { Enrolment } from '../../../lib/contract/enrolment.ts';
import { testEnrolment } from '../../support/enrolment.ts';
import { OfficeWorld } from '../calls/office-world.ts';

const NOBODY: BoxIdentity = {
  ...{ at: 'unclaimed', gateway: null, serialNumber: 'ENG-7', say: 'not claimed' },
  fingerprint: '0123456789abcdef'.repeat(4),
};

describe('the analog lines of a box that nobody has claimed', () => {
  function lone() {
    const told: MediaCommand[] = [];
    const office = { there: false };
    const lines = new LoneLines({
      media: {
        request(command) {
          told.push(command);
          return Promise.resolve(ok(null as never));
        },
      },
      board: () => ({ ports: 2 }) as BoardIdentity,
      configured: () => office.there,
      because: 'not claimed',
    });
    const hook = (port: number, offHook: boolean) => lines.event({ event: 'hook', port, offHook });
    const heard = () => told.map((each) => (each.type === 'attach' ? each.attachment : each));
    return { lines, hook, heard, office };
  }

  it('hear that no number is taken, and nothing once they are hung up', () => {
    const { lines, hook, heard } = lone();
    hook(2, true);
    expect(lines.lines().map(({ port, state }) => `${port} ${state}`)).toEqual(['1 onHook', '2 offHook']);
    hook(2, false);
    hook(1, false);
    expect(heard()).toEqual([{ to: 'tone', tone: 'congestion' }, { to: 'silence' }]);
    expect(lines.lines()[1]).toMatchObject({ state: 'onHook', because: null });
  });

  it('that were off the hook before the agent came hear it too', () => {
    const { lines, heard } = lone();
    const attachment = { to: 'silence' } as const;
    lines.connected(
      new OfficeWorld().snapshot({ lines: [{ port: 1, offHook: true, ringing: false, attachment }] }),
    );
    expect(heard()).toEqual([{ to: 'tone', tone: 'congestion' }]);
  });

  it('belong to the office as soon as there is one; a tone of ours ends with the handset', () => {
    const { hook, heard, office } = lone();
    hook(1, true);
    office.there = true;
    hook(2, true);
    hook(1, false);
    hook(2, false);
    expect(heard()).toEqual([{ to: 'tone', tone: 'congestion' }, { to: 'silence' }]);
  });
});

describe('a claim in the name of a technician', () => {
  function desk(answer: () => Promise<Result<Enrolment>>, at: BoxIdentity['at'] = 'unclaimed') {
    const clock = new VirtualClock();
    const asked: string[] = [];
    const news = { claimed: 0 };
    const made = new ClaimDesk({
      ...{ folder: '/nowhere', clock, log: silentLog() },
      identity: () => ({ ...NOBODY, at, gateway: at === 'claimed' ? 'gw-000001' : null }),
      claim: ({ code, serialNumber }) => {
        asked.push(`${code} ${serialNumber}`);
        return answer();
      },
      onClaimed: () => void news.claimed++,
    });
    return { made, clock, asked, news };
  }
  const wish = { code: 'CODE', service: { host: 'cloud', port: 8_884 } };

  it('answers first, and then the box becomes another', async () => {
    const { made, clock, asked, news } = desk(() => Promise.resolve(ok(testEnrolment())));
    expect(await made.claim(wish)).toEqual(ok({ gateway: 'gw-000001' }));
    expect([asked, news.claimed]).toEqual([['CODE ENG-7'], 0]);
    await clock.advance(300);
    expect(news.claimed).toBe(1);
  });

  it('is refused for a box that has an owner, and while another one is on its way', async () => {
    expect(await desk(() => Promise.reject(new Error('asked')), 'claimed').made.claim(wish)).toMatchObject({
      error: { code: 'claim.claimed', say: expect.stringContaining('gw-000001') },
    });
    const never = desk(() => new Promise(() => undefined));
    void never.made.claim(wish);
    expect(await never.made.claim(wish)).toMatchObject({ error: { code: 'claim.running' } });
  });

  it('that the service refuses changes nothing, and may be tried again', async () => {
    const error: CodedError = { code: 'claim.used', fault: 'peer', say: 'used' };
    const { made, clock, asked, news } = desk(() => Promise.resolve(refuse(error)));
    expect(await made.claim(wish)).toMatchObject({ error });
    expect(await made.claim({ ...wish, serialNumber: 'LABEL-1' })).toMatchObject({ error });
    await clock.advance(1_000);
    expect([asked, news.claimed]).toEqual([['CODE ENG-7', 'CODE LABEL-1'], 0]);
  });
});

it('a console shows serial number and key in groups that two people can compare', () => {
  expect(identityLines(NOBODY)).toEqual([
    'box            not claimed',
    'serial number  ENG-7',
    'key (SHA-256)  0123 4567 89ab cdef 0123 4567 89ab cdef',
    '               0123 4567 89ab cdef 0123 4567 89ab cdef',
  ]);
});
