import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeSecret } from '../../../agent/enrol/index.ts';
import { finishReset, orderReset, resetFolder } from '../../../agent/reset/reset-folder.ts';
import { resetTools } from '../../../agent/reset/reset-tools.ts';
import { orderWipe } from '../../../agent/reset/wipe.ts';
import { openAgentStore } from '../../../agent/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../../lib/base/errors.ts';
import type { CallId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { testEnrolment } from '../../support/enrolment.ts';
import { siteOf, TEST_GATEWAY } from '../../support/site-config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-reset-'));
  mkdirSync(join(folder, 'leases'));
  for (const name of ['phones.json', 'desk.json', 'local.json', 'leases/1'])
    writeFileSync(join(folder, name), 'x');
  writeFileSync(join(folder, 'enrolment.json'), '{"who":"we are"}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A store with so many records that nobody has. */
function withStore(records: number): void {
  const path = join(folder, 'agent.sqlite');
  const store = openAgentStore({ path, clock: systemClock, random: seededRandom(1), gateway: TEST_GATEWAY });
  store.config.save({ rev: 3, issuedAt: 1, sha256: 'x', keyId: 'k', config: siteOf() });
  for (let count = 0; count < records; count++) {
    const id = store.journal.begin({
      ...{
        call: `mfxyz000-000000000000000${count}` as CallId,
        direction: 'out',
        line: 1,
        serviceId: 'id-000001-1',
      },
      ...{ from: '0355550100', to: '0355550123', startedAt: systemClock.now() },
    });
    const end = {
      endedAt: systemClock.now(),
      talkMs: 0,
      end: 'busy' as const,
      because: '',
      interrupted: false,
    };
    store.journal.end(id, { ...end, media: null });
  }
  store.close();
}

const ALL = { records: true, enrolment: true };
const USUAL = { records: false, enrolment: false };

describe('a reset', () => {
  it('throws away everything but who the box is', () => {
    withStore(0);
    expect(resetFolder(folder, USUAL)).toMatchObject({ ok: true });
    expect(readdirSync(folder)).toEqual(['enrolment.json']);
  });

  it('is refused while the service does not have all records, and loses them only when told to', () => {
    withStore(2);
    expect(resetFolder(folder, USUAL)).toMatchObject({
      error: { code: 'reset.records', say: /^2 call records wait/ },
    });
    expect(existsSync(join(folder, 'phones.json'))).toBe(true);
    expect(resetFolder(folder, { records: true, enrolment: false }).ok).toBe(true);
    expect(readdirSync(folder)).toEqual(['enrolment.json']);
  });

  it('takes a store that cannot be read for one with records', () => {
    writeFileSync(join(folder, 'agent.sqlite'), 'no database at all'.repeat(100));
    expect(resetFolder(folder, USUAL)).toMatchObject({ error: { code: 'reset.records' } });
  });

  it('that was ordered is carried out at the start, and gone on with when that was cut short', () => {
    withStore(0);
    orderReset(folder, USUAL);
    rmSync(join(folder, 'agent.sqlite'));
    expect(finishReset(folder)).toMatchObject({ ok: true });
    expect(readdirSync(folder)).toEqual(['enrolment.json']);
    expect(finishReset(folder)).toBeUndefined();
  });

  it('that was ordered is forgotten when a record has come up since', () => {
    orderReset(folder, USUAL);
    withStore(1);
    expect(finishReset(folder)).toMatchObject({ error: { code: 'reset.records' } });
    expect(finishReset(folder)).toBeUndefined();
    expect(existsSync(join(folder, 'phones.json'))).toBe(true);
  });

  it('of the enrolment keeps the key of the device', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nmine\n-----END PRIVATE KEY-----\n';
    const enrolled = testEnrolment({ device: { certificatePem: 'pem', privateKeyPem: key } });
    writeFileSync(join(folder, 'enrolment.json'), JSON.stringify(enrolled));
    expect(resetFolder(folder, ALL).ok).toBe(true);
    expect(readdirSync(folder)).toEqual(['device-key.pem']);
    expect(readFileSync(join(folder, 'device-key.pem'), 'utf8')).toBe(key);
  });
});

describe('an enrolment on a partition of its own', () => {
  it('goes from there, and the next one is written there: the link stays', () => {
    const persist = mkdtempSync(join(tmpdir(), 'engawa-persist-'));
    try {
      const path = join(folder, 'enrolment.json');
      rmSync(path);
      symlinkSync(join(persist, 'enrolment.json'), path);
      writeSecret(path, '{"first":1}');
      expect(readdirSync(persist)).toEqual(['enrolment.json']);
      expect(resetFolder(folder, ALL).ok).toBe(true);
      expect(readdirSync(persist)).toEqual([]);
      writeSecret(path, '{"second":2}');
      expect(readFileSync(join(persist, 'enrolment.json'), 'utf8')).toBe('{"second":2}');
    } finally {
      rmSync(persist, { recursive: true, force: true });
    }
  });
});

describe('a reset of the running box', () => {
  it('is refused with calls up and records unsent; else it is ordered and the agent restarts', () => {
    const clock = new VirtualClock();
    let restarts = 0;
    const view = { gateway: 'gw-000001', calls: 1, records: 3 };
    const tools = resetTools({
      ...{ folder, clock, log: silentLog(), view: () => ({ ...view }) },
      restart: () => {
        restarts++;
      },
      leave: () => undefined,
      orderWipe: () => ok(undefined),
    });
    expect(tools.reset(USUAL)).toMatchObject({ error: { code: 'reset.calls' } });
    view.calls = 0;
    expect(tools.reset(USUAL)).toMatchObject({ error: { code: 'reset.records' } });
    view.records = 0;
    expect(tools.reset(USUAL).ok).toBe(true);
    clock.advance(1_000);
    expect([restarts, finishReset(folder)]).toMatchObject([1, { ok: true }]);
    expect(readdirSync(folder)).toEqual(['enrolment.json']);
  });
});

describe('wiping the box', () => {
  function box(view: { calls: number; records: number }, leave?: () => Promise<Result<void>>) {
    const done: string[] = [];
    const tools = resetTools({
      ...{ folder, clock: new VirtualClock(), log: silentLog(), restart: undefined },
      view: () => ({ gateway: 'gw-000001', ...view }),
      leave: () => {
        if (leave === undefined) return undefined;
        done.push('left');
        return leave();
      },
      orderWipe: () => {
        done.push('wiped');
        return ok(undefined);
      },
    });
    return { tools, done };
  }

  it('comes after the service has taken the identity back', async () => {
    const { tools, done } = box({ calls: 0, records: 0 }, async () => ok(undefined));
    expect(await tools.wipe(false)).toMatchObject({ value: { told: true } });
    expect(done).toEqual(['left', 'wiped']);
  });

  it('goes on where the service is away, and says so; a box of nobody has nobody to tell', async () => {
    const away = refuse({ code: 'claim.away', fault: 'environment' as const, say: 'no route' });
    const { tools, done } = box({ calls: 0, records: 0 }, async () => away);
    expect(await tools.wipe(false)).toMatchObject({ value: { told: false, say: 'no route' } });
    expect(done).toEqual(['left', 'wiped']);
    expect(await box({ calls: 0, records: 0 }).tools.wipe(false)).toMatchObject({ value: { told: null } });
  });

  it('costs no call, and no record unless somebody says so', async () => {
    const talking = box({ calls: 1, records: 0 }, async () => ok(undefined));
    expect(await talking.tools.wipe(true)).toMatchObject({ error: { code: 'reset.calls' } });
    const owing = box({ calls: 0, records: 2 }, async () => ok(undefined));
    expect(await owing.tools.wipe(false)).toMatchObject({ error: { code: 'reset.records' } });
    expect([...talking.done, ...owing.done]).toEqual([]);
    expect(await owing.tools.wipe(true)).toMatchObject({ ok: true });
  });

  it('is ordered in the run folder, and only where somebody is there who does it', () => {
    expect(orderWipe(folder, 'sato', join(folder, 'nobody'))).toMatchObject({
      error: { code: 'wipe.notHere' },
    });
    const wiper = join(folder, 'wiper');
    writeFileSync(wiper, '');
    expect(orderWipe(folder, 'sato', wiper)).toEqual(ok(undefined));
    expect(readFileSync(join(folder, 'wipe-wanted'), 'utf8')).toBe('wiped by sato\n');
  });
});
