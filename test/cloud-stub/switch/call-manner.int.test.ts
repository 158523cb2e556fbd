import { afterEach, describe, expect, it } from 'vitest';
import { MODE_HEADER } from '../../../cloud-stub/switch/call-manner.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { SessionEvent, SipHeaders } from '../../../lib/voice/sip/api.ts';
import { createUserAgent } from '../../../lib/voice/sip/index.ts';
import { idOf, makeOffice } from '../routing/offices.ts';
import { FREE, group, TOKYO, tollFreeOffice } from '../routing/toll-free/office.ts';
import { MAIN } from '../routing/world.ts';
import { at, MOBILE } from './acceptance-cases.ts';
import { OfficeWorld } from './acceptance-world.ts';
import { until } from './gateway.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function worldOf(net: string, contract: Parameters<typeof tollFreeOffice>[0] | 'office') {
  const office =
    contract === 'office'
      ? makeOffice({ ids: [{}], numbers: [{ number: MAIN, rings: 'a' }] })
      : tollFreeOffice(contract);
  const world = new OfficeWorld({
    ...{ net, contracts: [office], now: at(10) },
    outside: { [TOKYO]: 'answers', [MOBILE]: 'answers' },
  });
  stops.push(() => world.stop());
  await world.start();
  return world;
}

/** A call from the network with a description of its own; resolves with its first final event. */
async function callIn(
  net: string,
  media: readonly string[],
  headers: SipHeaders = [],
): Promise<SessionEvent> {
  const far = createUserAgent({
    ...{ clock: systemClock, random: systemRandom, log: silentLog(), product: 'far-end' },
    listeners: [{ transport: 'udp', host: `${net}.20`, port: 5_070 }],
    localHost: `${net}.20`,
    onInvite: (session) => session.reject(500),
  });
  await far.start();
  stops.push(() => far.stop());
  const head = ['v=0', `o=- 1 1 IN IP4 ${net}.20`, 's=-', `c=IN IP4 ${net}.20`, 't=0 0'];
  const session = far.invite({
    to: { transport: 'udp', host: `${net}.10`, port: 5_060 },
    requestUri: `sip:${FREE}@${net}.10;user=phone`,
    from: { uri: `sip:0312345670@${net}.20;user=phone` },
    toUri: `sip:${FREE}@${net}.10;user=phone`,
    sdp: [...head, ...media, ''].join('\r\n'),
    headers,
  });
  const events: SessionEvent[] = [];
  session.listen((event) => events.push(event));
  const final = () => events.find(({ type }) => type === 'answered' || type === 'failed');
  const found = await until(final, 'an outcome');
  session.hangUp();
  return found;
}

describe('a call to a toll-free number [S2-027]', () => {
  const office = { product: 'calleePays', groups: [group('all', 'rest', [TOKYO])] } as const;

  it.each([
    ['video', ['m=audio 4000 RTP/AVP 0', 'm=video 4002 RTP/AVP 96']],
    ['data', ['m=application 4000 TCP/SIPDC *']],
    ['wideband audio alone', ['m=audio 4000 RTP/AVP 9']],
  ])('that wants %s is refused by its description', async (_what, media) => {
    const world = await worldOf('127.57.94', office);
    expect(await callIn('127.57.94', media)).toMatchObject({ type: 'failed', status: 488 });
    expect(world.directory.decisions[0]?.plan).toMatchObject({ rule: 'in.tollFree.media' });
  });

  it('for voice is answered, and the caller’s kind of line is what the trunk says of it [S0-051]', async () => {
    const net = '127.57.95';
    const world = await worldOf(net, office);
    const said: SipHeaders = [['P-Asserted-Identity', '<sip:0312345670@carrier.example;cpc=payphone>']];
    expect(await callIn(net, ['m=audio 4000 RTP/AVP 9 0'], said)).toMatchObject({ type: 'answered' });
    expect(world.directory.decisions.map(({ tollFree }) => tollFree?.callerClass)).toEqual(['payphone']);
    await world.quiet();
  });
});

it('a device that asks for mobile mode is told that its service has none [S3-012]', async () => {
  const world = await worldOf('127.57.96', 'office');
  const call = await world.box.call(idOf('a'), MOBILE, 1_100, [[MODE_HEADER, 'mobile']]);
  const failed = await call.event('failed');
  expect(failed).toMatchObject({ status: 403, why: expect.stringContaining('out.mode.none') });
});
