import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainNumber } from '../../../agent/calls/explain-number.ts';
import { whatIsAsked } from '../../../agent/cli/why-verb.ts';
import { startLocalApi, whyCallRoutes, whyNumberRoutes } from '../../../agent/local-api/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { exampleConfig, OfficeWorld } from '../calls/office-world.ts';
import { runCli } from './run-cli.ts';
import { SampleBox } from './sample-box.ts';

/** The office machine itself behind the API: what is explained is what would be done. */
const world = new OfficeWorld();
let folder: string;
let api: Running;
let refusedCall = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-why-'));
  world.open(exampleConfig());
  world.lift(1);
  world.dial(1, '0355550199');
  world.clock.advance(100);
  const [leg] = [...world.state.legs.values()];
  refusedCall = String(leg?.call);
  const reason = { cause: 34, text: 'No circuit' };
  world.input({
    type: 'sip',
    leg: leg?.id ?? '',
    news: { type: 'failed', status: 503, reason, why: 'full' },
  });
  world.hangUp(1);
  world.clock.advance(100);
  const box = new SampleBox();
  box.history = world.state.history;
  const why = {
    story: (call: string) => world.stories.of(call),
    explain: (digits: string, port: number | undefined) =>
      explainNumber(world.state, digits, port, undefined),
  };
  const more = [
    { at: '/v1/why-call' as const, routes: whyCallRoutes(box, why) },
    { at: '/v1/why-number' as const, routes: whyNumberRoutes(box, why) },
  ];
  const socket = join(folder, 'agent.sock');
  api = await startLocalApi({ socket, source: box, clock: systemClock, log: silentLog(), more });
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

const engawa = (...argv: readonly string[]) =>
  runCli(['why', ...argv, '--socket', join(folder, 'agent.sock')]);

describe('why', () => {
  it('knows what it is asked about by how it is written', () => {
    expect(whatIsAsked('last')).toEqual({ what: 'call', call: 'last' });
    expect(whatIsAsked('mfxyz-0000000000000001')).toMatchObject({ what: 'call' });
    expect(whatIsAsked('C0:74:AD:2B:D8:59')).toEqual({ what: 'device', mac: 'c074ad2bd859' });
    expect(whatIsAsked('00-11-22-33-44-55')).toEqual({ what: 'device', mac: '001122334455' });
    expect(whatIsAsked('090123456789')).toMatchObject({ what: 'number' });
    expect(whatIsAsked('０３（５５５５）０１２３')).toEqual({ what: 'number', number: '0355550123' });
    expect(whatIsAsked('+81 3-5555-0123')).toEqual({ what: 'number', number: '0355550123' });
    expect(whatIsAsked('+1 212 555 0100')).toEqual({ what: 'number', number: '01012125550100' });
    expect(whatIsAsked('*80')).toEqual({ what: 'number', number: '*80' });
    expect(whatIsAsked('phone')).toEqual({ what: 'nothing' });
  });

  it('CALL tells step by step what the far side answered, and ends with 1 when the call failed', async () => {
    for (const name of ['last', refusedCall]) {
      const ran = await engawa(name);
      expect(ran.code).toBe(1);
      expect(ran.columns).toBeLessThanOrEqual(80);
      expect(ran.out).toMatch(/INVITE to the trunk for 0355550199/);
      expect(ran.out).toMatch(/WARN {2}\d\d:\d\d:\d\d {5}SIP 503, cause 34 No circuit: full/);
    }
    const japanese = await engawa('last', '--lang', 'ja');
    expect(japanese.out).toMatch(/発信: 0355550100 -> 0355550199/);
    expect(japanese.columns).toBeLessThanOrEqual(80);
    expect(JSON.parse((await engawa('last', '--json')).out)).toMatchObject({
      v: 1,
      call: refusedCall,
      left: 0,
    });
  });

  it('NUMBER tells what would be done, and what happened the last time', async () => {
    const ran = await engawa('03-5555-0199');
    expect([ran.code, ran.out.split('\n')[0]]).toEqual([
      0,
      'OK    number       0355550199 goes outside; nothing was called',
    ]);
    expect(ran.out).toMatch(/^-- {4}before .*no channel,\s+MOS 4.4, loss 0 %: full$/m);
    const japanese = await engawa('0355550199', '--lang', 'ja');
    expect(japanese.out).not.toMatch(/dialled|is a fixed line|the rate/);
    const refused = await engawa('104', '--line', '2');
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('(dial.serviceEnded)')]);
  });

  it('of what does not exist ends with 10, of nonsense with 2', async () => {
    expect((await engawa('mfxyz-0000000000000001')).code).toBe(10);
    expect((await engawa('0355550123', '--line', '7')).code).toBe(10);
    expect((await engawa('the phone')).code).toBe(2);
    expect((await engawa('0355550123', '--line', 'x')).code).toBe(2);
  });
});
