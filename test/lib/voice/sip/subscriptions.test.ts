import { beforeEach, describe, expect, test } from 'vitest';
import type { SubscriptionState } from '../../../../lib/voice/sip/api.ts';
import { digestHa1 } from '../../../../lib/voice/sip/digest/compute.ts';
import { type Party, World } from './world.ts';

const [A, B] = ['10.3.0.1', '10.3.0.2'] as const;
const CREDENTIALS = { user: '11', password: 'ひみつ' };

let world: World;
let waiting: number;
let permitted: number;
let notifier: Party;
let subscriber: Party;

function makeNotifier(): Party {
  return world.party(B, {
    registrar: {
      realm: 'engawa',
      ha1: async (user, realm, algorithm) => digestHa1(algorithm, user, realm, CREDENTIALS.password),
      onBinding: () => undefined,
    },
    events: {
      permits: () => permitted,
      stateOf: (_facts, version) => ({
        contentType: 'application/simple-message-summary',
        body: `Messages-Waiting: ${waiting > 0 ? 'yes' : 'no'}\r\nVoice-Message: ${waiting}/${version}\r\n`,
      }),
    },
  });
}

beforeEach(() => {
  world = new World();
  waiting = 0;
  permitted = 200;
  notifier = makeNotifier();
  subscriber = world.party(A);
});

function subscribe(credentials = CREDENTIALS, event = 'message-summary') {
  const states: SubscriptionState[] = [];
  const bodies: string[] = [];
  const handle = subscriber.agent.subscribe?.({
    to: { transport: 'udp', host: B, port: 5_060 },
    requestUri: `sip:11@${B}`,
    from: { uri: `sip:11@${A}` },
    event,
    accept: 'application/simple-message-summary',
    expiresS: 600,
    credentials,
    onState: (state) => states.push(state),
    onNotify: (_type, body) => bodies.push(body),
  });
  return { states, bodies, stop: () => handle?.stop() };
}

/** Digest takes a few turns of the event loop. */
async function settle(ms = 200): Promise<void> {
  for (let turn = 0; turn < 8; turn++) {
    await world.pass(ms / 8);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a subscription (RFC 6665)', () => {
  test('is challenged, granted, told the state at once and every change after it (RFC 3842)', async () => {
    const { states, bodies } = subscribe();
    await settle();
    expect(world.statuses('SUBSCRIBE', B).at(-1)).toBe(200);
    expect(states.at(-1)).toMatchObject({ at: 'active' });
    expect(bodies).toEqual(['Messages-Waiting: no\r\nVoice-Message: 0/0\r\n']);
    waiting = 2;
    notifier.agent.stateChanged('message-summary', '11');
    await settle();
    expect(bodies.at(-1)).toBe('Messages-Waiting: yes\r\nVoice-Message: 2/1\r\n');
  });

  test('is refreshed before it runs out, within the same dialog, and ends with a word', async () => {
    const { stop } = subscribe();
    await settle();
    await world.pass(480_000);
    await settle();
    const subscribes = world.requests('SUBSCRIBE', A);
    expect(new Set(subscribes.map(({ callId }) => callId)).size).toBe(1);
    expect(subscribes.at(-1)?.toTag).not.toBe('');
    expect(notifier.agent.figures?.().subscriptions).toBe(1);
    stop();
    await settle();
    expect(world.requests('SUBSCRIBE', A).at(-1)?.headers.get('expires')).toBe('0');
    await settle();
    expect(notifier.agent.figures?.().subscriptions).toBe(0);
    expect(await world.leftovers(subscriber)).toEqual([]);
  });

  test.each([
    [404, 'message-summary'],
    [403, 'message-summary'],
    [489, 'weather'],
  ] as const)('a refusal with %i is final', async (status, event) => {
    permitted = status;
    const { states } = subscribe(CREDENTIALS, event);
    await settle();
    expect(states).toEqual([{ at: 'ended', status, reason: 'refused' }]);
    await world.pass(600_000);
    expect(states).toHaveLength(1);
  });

  test('a notifier that restarts has forgotten it: a new one is made', async () => {
    const { states, bodies } = subscribe();
    await settle();
    await notifier.agent.stop();
    notifier = makeNotifier();
    await world.pass(480_000);
    await settle(4_000);
    await settle(4_000);
    expect(states.some((state) => state.at === 'ended' && state.status === 481)).toBe(true);
    expect(states.at(-1)?.at).toBe('active');
    expect(bodies.length).toBeGreaterThan(1);
  });

  test('a notifier that is not there is tried again, more and more seldom', async () => {
    world.network.cut(B, true);
    const { states } = subscribe();
    await world.pass(300_000);
    const retries = states.flatMap((state) => (state.at === 'ended' ? [state.status] : []));
    expect(retries.length).toBeGreaterThan(2);
    expect(new Set(retries)).toEqual(new Set([408]));
    world.network.cut(B, false);
    for (let turn = 0; turn < 40; turn++) await settle(4_000);
    expect(states.at(-1)?.at).toBe('active');
  });

  test('a NOTIFY of nobody’s subscription gets 481', async () => {
    const text = [
      `NOTIFY sip:a@${A} SIP/2.0`,
      `Via: SIP/2.0/UDP ${B}:5060;branch=z9hG4bKx;rport`,
      `From: <sip:b@${B}>;tag=1`,
      `To: <sip:a@${A}>;tag=2`,
      'Call-ID: nothing',
      'CSeq: 1 NOTIFY',
      `Contact: <sip:b@${B}>`,
      'Event: dialog',
      'Subscription-State: active',
      'Max-Forwards: 70',
      'Content-Length: 0',
      '',
      '',
    ];
    world.network.send(Buffer.from(text.join('\r\n')), { host: B, port: 5_060 }, { host: A, port: 5_060 });
    await world.pass();
    expect(world.statuses('NOTIFY', A)).toEqual([481]);
  });
});
