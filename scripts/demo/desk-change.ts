import { giveOrders } from '../launch/lan-order.ts';
import { phonesOf } from '../launch/technician.ts';
import type { Desk } from './desk.ts';
import { type Storyteller, until } from './story.ts';

const STORE_ID = 'id-000001-5';
const LIMIT_MS = 30_000;
/** It watches extension 21 before and after; its label changes. */
const WATCH_KEY = 2;

/** A key of a phone is changed in the cloud; the phone is told, fetches its files again, and has the key. */
export async function changeKey(desk: Desk, teller: Storyteller): Promise<void> {
  const { store, layout } = desk;
  const label = `店頭${new Date().getUTCSeconds()}`;
  await teller.step('a key that is changed in the cloud is on desk phone 22 a moment later', async () => {
    const before = store.phone.events.length;
    const startedMs = performance.now();
    const to = { does: 'watch', extension: '21', label };
    await giveOrders(layout, [{ kind: 'changeKey', id: STORE_ID, key: WATCH_KEY, to }]);
    const seen = await until(LIMIT_MS, async () => {
      const key = (await store.phone.state()).keys.find((each) => each.label === label);
      const standing = (await phonesOf(layout)).find(({ mac }) => mac === store.kind.mac);
      return key !== undefined && standing?.state === 'registered' ? key : undefined;
    });
    const tookS = ((performance.now() - startedMs) / 1_000).toFixed(1);
    const events = store.phone.events.slice(before);
    const told = events.find((event) => event.event === 'checkSync');
    const files = events.flatMap((event) => (event.event === 'fetched' && event.taken ? [event.url] : []));
    const ok = seen !== undefined && told !== undefined && files.length > 0;
    const words = told === undefined ? 'was not told' : `was told (check-sync, ${told.status})`;
    const names = files.map((url) => url.split('/').at(-1)).join(' ');
    return { ok, detail: `${store.name} ${words}, fetched ${names}, key "${label}" after ${tookS} s` };
  });
}
