import { expect, it } from 'vitest';
import { silentLog } from '../../../../lib/base/log.ts';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import type { RegistrationState } from '../../../../lib/voice/sip/api.ts';
import { RegistrationClient, type RegistrationPort } from '../../../../lib/voice/sip/registration/client.ts';
import { FakeFlow } from './fake-flow.ts';

const REGISTRAR = { transport: 'tls', host: '127.51.9.2', port: 5061 } as const;

interface Asked {
  failed(cause: 'timeout' | 'flow'): void;
  response(response: unknown): void;
}

/** One account whose pauses are as long as they may be; `fail` and `grant` end the try that is under way. */
function account() {
  const clock = new VirtualClock();
  const states: RegistrationState[] = [];
  let tries = 0;
  let fail = (): void => undefined;
  let grant = (): void => undefined;
  const transactions = {
    request: (_draft: unknown, _flow: unknown, user: Asked) => {
      tries++;
      fail = () => user.failed('timeout');
      grant = () => user.response({ status: 200, contacts: [], headers: new Map() });
    },
  };
  const port = {
    ...{ clock, random: { fraction: () => 0.999, bytes: (count: number) => Buffer.alloc(count) } },
    ...{ log: silentLog(), product: 'test', flow: () => new FakeFlow(true), transactions },
  } as unknown as RegistrationPort;
  const client = new RegistrationClient(port, {
    ...{ registrar: REGISTRAR, serverName: 'cloud', domain: 'engawa.example', expiresS: 300 },
    credentials: { user: 'id-000001-1', password: 'secret' },
    onState: (state) => states.push(state),
  });
  client.start();
  const lastPauseMs = (): number => {
    const last = states.at(-1);
    return last?.at === 'failed' ? last.retryInMs : 0;
  };
  return { clock, client, tries: () => tries, fail: () => fail(), grant: () => grant(), lastPauseMs };
}

/** So many tries that the pauses are as long as they become. */
function longAway() {
  const one = account();
  for (let round = 0; round < 8; round++) {
    one.fail();
    one.clock.advance(60_000);
  }
  return one;
}

it('pauses for up to a minute between two tries, RFC 5626 4.5', () => {
  const { fail, lastPauseMs } = longAway();
  fail();
  expect(lastPauseMs()).toBeGreaterThan(59_000);
});

it('tries at once when it is hurried in a pause, and once only', () => {
  const { clock, client, fail, tries } = longAway();
  fail();
  const before = tries();
  client.hurry();
  client.hurry();
  expect(tries()).toBe(before + 1);
  clock.advance(60_000);
  expect(tries()).toBe(before + 1);
});

it('takes a try that had begun before it was hurried for the first one: the next follows within a second', () => {
  const { clock, client, fail, tries, lastPauseMs } = longAway();
  client.hurry();
  fail();
  expect(lastPauseMs()).toBeLessThanOrEqual(1_000);
  const before = tries();
  clock.advance(1_000);
  expect(tries()).toBe(before + 1);
  fail();
  expect(lastPauseMs()).toBeGreaterThan(1_000);
});

it('stays quiet when it is hurried after its end', () => {
  const { client, fail, tries } = longAway();
  fail();
  client.abandon();
  const before = tries();
  client.hurry();
  expect(tries()).toBe(before);
});

it('leaves an account alone that stands: its refresh comes in its own time', () => {
  const { clock, client, grant, tries } = account();
  grant();
  client.hurry();
  clock.advance(239_000);
  expect(tries()).toBe(1);
  clock.advance(1_000);
  expect(tries()).toBe(2);
});
