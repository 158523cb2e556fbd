import { afterEach, describe, expect, it } from 'vitest';
import type { ReinviteOutcome, Session } from '../../../../lib/voice/sip/api.ts';
import { Ear, startAgent, type TestAgent, until } from './agents.ts';

const [ONE, TWO] = ['127.57.51.1', '127.57.51.2'];
const PORT = 5060;

const sdp = (host: string, media: string): string =>
  ['v=0', `o=- 1 1 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0', `m=${media}`, ''].join('\r\n');
const AUDIO = 'audio 4000 RTP/AVP 0';
const IMAGE = 'image 4002 udptl t38';

const running: TestAgent[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(({ agent }) => agent.stop()));
});

async function agentAt(host: string, onCall?: (session: Session) => void): Promise<TestAgent> {
  const started = await startAgent(host, { listeners: [{ transport: 'udp', host, port: PORT }] }, onCall);
  running.push(started);
  return started;
}

/** A call from one to two that is up. */
async function up() {
  const one = await agentAt(ONE);
  const two = await agentAt(TWO, (session) => session.answer(sdp(TWO, AUDIO)));
  const session = one.agent.invite({
    to: { transport: 'udp', host: TWO, port: PORT },
    requestUri: `sip:two@${TWO}`,
    from: { uri: `sip:one@${ONE}` },
    toUri: `sip:two@${TWO}`,
    sdp: sdp(ONE, AUDIO),
  });
  const ear = new Ear(session);
  await ear.wait('answered');
  const there = await two.call();
  // The callee may offer once the ACK of its 200 is there.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { session, ear, there, two };
}

function offer(session: Session, text: string): Promise<ReinviteOutcome> {
  return new Promise((resolve) => session.reinvite(text, resolve));
}

describe('an offer inside a call', () => {
  it.each(['caller', 'callee'] as const)(
    'of the %s is answered, and both sides keep the new description',
    async (who) => {
      const { session, ear, there } = await up();
      const [from, to, heard] =
        who === 'caller' ? [session, there.session, there.ear] : [there.session, session, ear];
      const settled = offer(from, sdp(ONE, IMAGE));
      const event = await heard.wait('offer');
      expect(event.sdp).toContain('m=image 4002');
      event.answer(sdp(TWO, IMAGE));
      expect(await settled).toEqual({ ok: true, sdp: sdp(TWO, IMAGE) });
      expect(from.snapshot()?.remoteSdp).toBe(sdp(TWO, IMAGE));
      expect(to.snapshot()?.localSdp).toBe(sdp(TWO, IMAGE));
      session.hangUp();
    },
  );

  it('that is refused leaves the call as it was', async () => {
    const { session, ear, there } = await up();
    const settled = offer(session, sdp(ONE, IMAGE));
    (await there.ear.wait('offer')).refuse(488);
    expect(await settled).toEqual({ ok: false, status: 488 });
    expect(session.snapshot()?.localSdp).toBe(sdp(ONE, AUDIO));
    expect(ear.types).not.toContain('ended');
    session.hangUp();
    await there.ear.wait('ended');
  });

  it('that crosses one of the other side gets 491 on one of them, and the call stays', async () => {
    const { session, ear, there } = await up();
    const answers = [ear, there.ear].map((each) =>
      each.wait('offer', 600).then(
        (event) => event.answer(sdp(TWO, IMAGE)),
        () => undefined,
      ),
    );
    const outcomes = await Promise.all([
      offer(session, sdp(ONE, IMAGE)),
      offer(there.session, sdp(TWO, IMAGE)),
    ]);
    await Promise.all(answers);
    expect(outcomes.some((outcome) => !outcome.ok && outcome.status === 491)).toBe(true);
    expect([...ear.types, ...there.ear.types]).not.toContain('ended');
    session.hangUp();
  });

  it('comes one at a time, and never in a call that is not up', async () => {
    const { session, there } = await up();
    const first = offer(session, sdp(ONE, IMAGE));
    expect(await offer(session, sdp(ONE, IMAGE))).toEqual({ ok: false, status: 491 });
    (await there.ear.wait('offer')).answer(sdp(TWO, IMAGE));
    await first;
    session.hangUp();
    expect(await offer(session, sdp(ONE, IMAGE))).toEqual({ ok: false, status: 481 });
  });

  it('to a side that no longer knows the call ends it as lost', async () => {
    const { session, ear, two } = await up();
    await two.agent.stop();
    running.splice(running.indexOf(two), 1);
    await agentAt(TWO);
    expect(await offer(session, sdp(ONE, IMAGE))).toEqual({ ok: false, status: 481 });
    expect(await until('the end', () => ear.heard.find((event) => event.type === 'ended'))).toMatchObject({
      by: 'lost',
    });
  });
});
