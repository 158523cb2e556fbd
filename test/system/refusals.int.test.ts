import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CallView } from '../../cloud-stub/store/index.ts';
import { allNear, cadenceOf, shareOfTone } from '../../scripts/demo/hearing.ts';
import { CONTRACT, OFFICE_NUMBER, Stage } from '../../scripts/demo/stage.ts';
import { pause, until } from '../../scripts/demo/story.ts';
import { requestJson } from '../../scripts/launch/http-over-unix.ts';
import { layoutOf } from '../../scripts/launch/layout.ts';
import { type RunningOffice, startOffice } from '../../scripts/launch/office.ts';
import { temporaryState } from '../../scripts/launch/temporary-state.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

interface BoxCalls {
  readonly calls: readonly { readonly to: string; readonly because: string | null; readonly state: string }[];
}

describe('a call that cannot be', () => {
  const folder = temporaryState('test');
  let office: RunningOffice;
  let stage: Stage;
  beforeAll(async () => {
    office = await startOffice(layoutOf(ROOT, folder.path, '127.58.4'), () => {});
    stage = await Stage.open(office.layout);
    const ready = await until(40_000, async () => {
      const { lines } = await stage.agent();
      return lines.length === 2 && lines.every((line) => line.registration.at === 'registered')
        ? true
        : undefined;
    });
    expect(ready).toBe(true);
  });
  afterAll(async () => {
    stage.close();
    await office.stop();
    folder.remove();
  });
  afterEach(async () => {
    for (const port of [1, 2]) await stage.phones.hangUp(port);
    for (const call of await stage.carrier.calls())
      if (call.state !== 'ended') await stage.carrier.hangUp(call.call);
    await until(30_000, async () =>
      (await stage.agent()).lines.every((line) => line.state === 'onHook') ? true : undefined,
    );
  });

  async function dial(port: number, digits: string): Promise<void> {
    await stage.phones.lift(port);
    await pause(500);
    await stage.phones.dial(port, digits, 'dtmf');
  }

  async function whyOf(number: string): Promise<string> {
    const found = await until(30_000, async () => {
      const { calls } = (await requestJson(office.layout.sockets.agent, 'GET', '/v1/calls')) as BoxCalls;
      return (
        calls.find((call) => call.to === number && call.because !== null && call.because !== '')?.because ??
        undefined
      );
    });
    return found ?? '';
  }

  async function recordOf(number: string): Promise<CallView | undefined> {
    return until(30_000, async () => {
      const answer = (await stage.cloud(`/contracts/${CONTRACT}/records?since=0`)) as {
        records: readonly CallView[];
      };
      return answer.records.find((record) => record.switch?.to === number && record.switch.end !== null);
    });
  }

  it.each([
    ['0355550404', 'an unallocated number', /404|unallocated|not in use|no such/i],
    ['0990123456', 'a blocked number', /premium|blocked/i],
  ])('%s, %s: congestion tone, and the reason at the box and on record', async (number, _what, reason) => {
    await dial(1, number);
    const congestion = await until(30_000, async () => {
      const { onMs, offMs } = cadenceOf(await stage.hear(1, 3_000), 400);
      const sounds = onMs.length > 1 && allNear(onMs, 500, 100) && allNear(offMs, 500, 100);
      return sounds ? true : undefined;
    });
    expect(congestion).toBe(true);
    expect(await whyOf(number)).toMatch(reason);
    const record = await recordOf(number);
    expect(record?.switch?.answeredAt).toBeNull();
    expect(record?.charge?.amountMicroYen ?? 0).toBe(0);
    expect(record?.switch?.trace.length).toBeGreaterThan(0);
  });

  it('a number that is no number: congestion tone at once, and nothing goes out', async () => {
    const before = (await stage.carrier.calls()).length;
    await dial(1, '104');
    const refused = await until(30_000, async () =>
      cadenceOf(await stage.hear(1, 3_000), 400).onMs.length > 1 ? true : undefined,
    );
    expect(refused).toBe(true);
    expect((await stage.carrier.calls()).length).toBe(before);
  });

  it('a third simultaneous call is refused as busy [S0-059] [S0-060]', async () => {
    for (const port of [1, 2]) {
      await dial(port, '0355550150');
      await pause(800);
    }
    const bothHear = async (): Promise<true | undefined> => {
      const ears = await Promise.all([stage.hear(1, 500), stage.hear(2, 500)]);
      return ears.every((ear) => shareOfTone(ear, 700) > 0.8) ? true : undefined;
    };
    expect(await until(30_000, bothHear)).toBe(true);
    const third = await stage.carrier.call({ from: '0312340009', to: OFFICE_NUMBER, hz: 500 });
    const ended = await stage.carrier.wait(third, 'ended', 30_000);
    expect(ended.status).toBe(486);
    expect(await until(30_000, bothHear)).toBe(true);
  });
});
