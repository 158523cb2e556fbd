import { expect, it } from 'vitest';
import { AddressWatch } from '../../agent/address-watch.ts';
import { createLog } from '../../lib/base/log.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';

function watched(first: string) {
  const clock = new VirtualClock();
  const box = { host: first, changes: 0, came: 0 };
  const watch = new AddressWatch({
    clock,
    log: createLog('test', 'silent'),
    host: () => box.host,
    changed: () => box.changes++,
    came: () => box.came++,
  });
  watch.start();
  return { clock, box, watch };
}

it('begins the links anew when an address comes late', () => {
  const { clock, box } = watched('0.0.0.0');
  clock.advance(60_000);
  expect(box.changes).toBe(0);
  box.host = '192.168.1.5';
  clock.advance(2_000);
  expect(box).toMatchObject({ changes: 1, came: 1 });
});

it('waits for an address that goes, and begins nothing anew when the same one comes back', () => {
  const { clock, box } = watched('192.168.1.5');
  box.host = '0.0.0.0';
  clock.advance(10_000);
  box.host = '192.168.1.5';
  clock.advance(10_000);
  expect(box.changes).toBe(0);
  box.host = '192.168.1.6';
  clock.advance(10_000);
  expect(box.changes).toBe(1);
});

it('tells once of each address that is there again, so that nobody waits out a pause', () => {
  const { clock, box } = watched('192.168.1.5');
  clock.advance(10_000);
  expect(box.came).toBe(0);
  for (const host of ['0.0.0.0', '192.168.1.5', '192.168.1.6']) {
    box.host = host;
    clock.advance(10_000);
  }
  expect(box.came).toBe(2);
});

it('looks no more when it is stopped', () => {
  const { clock, box, watch } = watched('192.168.1.5');
  watch.stop();
  box.host = '192.168.1.6';
  clock.advance(10_000);
  expect(box.changes).toBe(0);
});
