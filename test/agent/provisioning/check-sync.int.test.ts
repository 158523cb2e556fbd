import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeskRoom } from '../../../agent/desk/index.ts';
import type { PhoneView } from '../../../agent/provisioning/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { PhoneConfig } from '../../../lib/contract/lan-config.ts';
import { exampleConfig, OfficeWorld } from '../calls/office-world.ts';
import { phoneOf } from './phones.ts';
import { SipPhone } from './sip-phone.ts';
import { DeskBench, ip, MINE } from './world.ts';

const BOX = '127.61.3.30';
const PHONE = '127.61.3.31';
const OWN = `/p/cfg${MINE}.xml`;

let bench: DeskBench;
let desk: DeskRoom;
let phone: SipPhone;
const world = new OfficeWorld();

const passwordIn = (text: string | undefined): string =>
  /"account\.1\.sip\.subscriber\.password">([^<]+)</.exec(text ?? '')?.[1] ?? '';
const view = (): PhoneView | undefined => bench.desk.list().find((each) => each.mac === MINE);

/** The office and the files from one configuration, as the agent applies it. */
function configure(changes: Partial<PhoneConfig> = {}): void {
  const phones = [phoneOf(changes)];
  const config = exampleConfig();
  world.open({ ...config, lan: { ...config.lan, phones } });
  bench.configure(phones);
}

/** As the provisioning room does every second: whoever is stale and here is told. */
async function tellWhoIsDue(): Promise<string> {
  const mac = bench.desk.work();
  return mac === undefined ? 'nobody' : desk.checkSync(mac);
}

describe('a key that changes in the cloud, to the phone and back', () => {
  beforeAll(async () => {
    bench = new DeskBench();
    configure();
    desk = new DeskRoom({
      ...{ clock: systemClock, random: systemRandom, log: silentLog(), product: 'Engawa/test' },
      health: { raise: () => {}, clear: () => {} },
      lan: () => ({ address: ip(BOX), prefixBits: 8 }),
      media: { request: async () => undefined } as never,
      accounts: {
        accountOf: (user) => bench.desk.accountOf(user),
        registered: (mac, agent) => bench.desk.registered(mac, agent),
        unregistered: (mac) => bench.desk.unregistered(mac),
      },
      office: () => ({ state: world.state, phoneDoes: (input) => void world.input(input) }),
    });
    await desk.start();
    phone = await SipPhone.open(PHONE, { box: BOX, user: '21', password: 'not-yet' });
    phone.onTold = () => void bench.fetch(OWN);
  });
  afterAll(async () => {
    phone?.close();
    await desk?.stop();
    bench?.remove();
  });
  beforeEach(() => bench.clock.advance(2_000));
  afterEach(() => {
    phone.told.length = 0;
    phone.challenged = 0;
  });

  it('without its password it cannot register; with its file it can, and its window closes', async () => {
    expect(await phone.register()).toBe(401);
    bench.desk.approve(MINE, 5);
    phone.use(passwordIn(bench.fetch(OWN)));
    expect(await phone.register()).toBe(200);
    expect(view()).toMatchObject({ registered: true, windowUntilMs: null, firmware: '1.0.5.48' });
    expect(desk.phones()).toMatchObject([{ mac: MINE, registered: true, source: { host: PHONE } }]);
  });

  it('it is told in its maker’s way, challenges, is answered with its own account, fetches, and is settled', async () => {
    expect(view()?.state).toBe('stale');
    expect(await tellWhoIsDue()).toBe('told');
    expect([phone.challenged, phone.told]).toEqual([1, ['check-sync;reboot=false']]);
    await vi.waitFor(() => expect(view()?.state).toBe('registered'));
    expect(view()?.lastFetch).toMatchObject({ file: `cfg${MINE}.xml`, refused: null });
  });

  it('a changed key makes it stale; told, it fetches, and the inventory shows another hash', async () => {
    const before = view()?.lastFetch;
    configure({ keys: [{ does: 'line' }, { does: 'park', slot: 3 }] });
    expect(view()).toMatchObject({ state: 'stale', fresh: false });
    bench.clock.advance(2_000);
    expect(await tellWhoIsDue()).toBe('told');
    await vi.waitFor(() => expect(view()).toMatchObject({ state: 'registered', fresh: true }));
    const after = view()?.lastFetch;
    expect(after?.hash).not.toBe(before?.hash);
    expect(await tellWhoIsDue()).toBe('nobody');
  });

  it('one that does not take our login is not told, stays stale, and is tried again later', async () => {
    phone.use('of-somebody-else');
    configure({ label: '会議室' });
    expect(await tellWhoIsDue()).not.toBe('told');
    expect(phone.told).toEqual([]);
    expect(view()?.state).toBe('stale');
    expect(await tellWhoIsDue()).toBe('nobody');
    phone.use(bench.desk.accountOf('21')?.password ?? '');
    bench.clock.advance(15 * 60_000);
    expect(await tellWhoIsDue()).toBe('told');
    await vi.waitFor(() => expect(view()?.state).toBe('registered'));
  });

  it('a phone that is refused its file shows why', () => {
    const login = bench.logins.get([...bench.logins.keys()][0] ?? ip(BOX));
    expect(login?.user).toBe(MINE);
    bench.logins.clear();
    expect(bench.fetch(OWN)).toBeUndefined();
    expect(bench.desk.why(MINE).at(-1)).toMatchObject({ done: 'asked', rule: 'fetch.login' });
    bench.configure([]);
    expect(bench.fetch(OWN)).toBeUndefined();
    expect(view()?.lastFetch?.refused).toMatchObject({ rule: 'fetch.unassigned' });
  });
});
