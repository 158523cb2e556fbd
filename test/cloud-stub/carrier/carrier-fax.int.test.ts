import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CarrierCallView } from '../../../cloud-stub/carrier/call-view.ts';
import { Carrier } from '../../../cloud-stub/carrier/carrier.ts';
import type { FaxOutcome } from '../../../cloud-stub/carrier/fax-habits.ts';
import type { FaxHabitsGiven } from '../../../cloud-stub/carrier/fax-room.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { comparePages, readPages } from '../../../lib/dsp/fax/page-file.ts';

const HERE = '127.57.40.20';
const THERE = '127.57.40.21';

/** Two networks that are each other's trunk: everything that one says of a fax, the other has to understand. */
describe('faxes from one simulated network to another', () => {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-carrier-fax-'));
  const network = (host: string, trunk: string): Carrier =>
    new Carrier({
      host,
      port: 5_060,
      trunk: { host: trunk, port: 5_060 },
      simulateEmergency: false,
      faxFolder: join(folder, host),
      clock: systemClock,
      random: systemRandom,
      log: silentLog(),
    });
  const sender = network(HERE, THERE);
  const receiver = network(THERE, HERE);
  beforeAll(async () => {
    await sender.start();
    await receiver.start();
  });
  afterAll(async () => {
    await sender.stop();
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function over(network: Carrier, wanted: (view: CarrierCallView) => boolean): Promise<FaxOutcome> {
    return new Promise((resolve) => {
      const look = (view: CarrierCallView): void => {
        if (!wanted(view) || view.fax === undefined) return;
        silence();
        resolve(view.fax);
      };
      const silence = network.onChange(look);
      for (const view of network.calls()) look(view);
    });
  }

  async function fax(
    number: string,
    habits: FaxHabitsGiven,
    own: FaxHabitsGiven = {},
  ): Promise<{ sent: FaxOutcome; received: FaxOutcome; identical: boolean }> {
    receiver.fax.set(number, { ident: number, ...habits });
    const made = await sender.sendFax({
      from: '0312345678',
      to: number,
      pages: [number === '0355550160' ? 'letter' : 'white'],
      resolution: 'standard',
      habits: { ident: '0312345678', ...own },
    });
    if (!made.ok) throw new Error(made.error.say);
    const [sent, received] = await Promise.all([
      over(sender, (view) => view.call === made.value.call),
      over(receiver, (view) => view.to === number),
    ]);
    const pages = [readPages(sent.file), readPages(received.file)];
    const [one, other] = pages.map((read) => (read.ok ? read.value : []));
    return { sent, received, identical: comparePages(one ?? [], other ?? []).identical };
  }

  it('arrives the same by T.38, and by audio where T.38 is refused; a machine that vanishes is given up in words', async () => {
    const [t38, both, refused, plain, gone] = await Promise.all([
      fax('0355550160', {}),
      fax('0355550161', { offers: 'both', version: 3 }, { version: 3, ecm: false }),
      fax('0355550162', {}, { t38: 'refuse' }),
      fax('0355550163', { offers: 'none' }, { modems: 'v29' }),
      fax('0355550164', { vanishAfterMs: 6_000 }),
    ]);
    expect(t38.sent).toMatchObject({ ok: true, path: 't38', pages: 1, bitRate: 14_400, ecm: true });
    expect(t38.received).toMatchObject({ ok: true, path: 't38', remoteIdent: '0312345678' });
    expect(t38.sent.remoteIdent).toBe('0355550160');
    expect(both.sent).toMatchObject({ ok: true, path: 't38', ecm: false });
    expect(refused.received).toMatchObject({ ok: true, path: 'audio', bitRate: 14_400 });
    expect(plain.received).toMatchObject({ ok: true, path: 'audio', bitRate: 9_600 });
    expect([t38, both, refused, plain].map(({ identical }) => identical)).toEqual([true, true, true, true]);
    expect(gone.identical).toBe(false);
    expect(gone.sent).toMatchObject({ ok: false, say: expect.stringMatching(/\w+ \w+/) });
  }, 100_000);
});
