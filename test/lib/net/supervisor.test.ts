import { expect, it } from 'vitest';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { systemdSupervisor, unixAddress } from '../../../lib/net/supervisor.ts';

function started(watchdog?: string) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const settings = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: watchdog };
  const supervisor = systemdSupervisor(settings, clock, (path, text) => told.push(`${path} ${text}`));
  if (supervisor === undefined) throw new Error('nobody waits');
  return { clock, told, supervisor };
}

it('has nobody to tell where nobody waits', () => {
  expect(systemdSupervisor({}, new VirtualClock())).toBeUndefined();
  expect(systemdSupervisor({ NOTIFY_SOCKET: '' }, new VirtualClock())).toBeUndefined();
});

it('says ready, and then three times in the time of the watchdog that it is alive, until it stops', () => {
  const { clock, told, supervisor } = started('30000000');
  supervisor.ready();
  clock.advance(60_000);
  expect(told[0]).toBe('/run/systemd/notify READY=1');
  expect(told.filter((text) => text.endsWith('WATCHDOG=1'))).toHaveLength(7);
  supervisor.stopping();
  clock.advance(60_000);
  expect(told.at(-1)).toBe('/run/systemd/notify STOPPING=1');
});

it('says nothing more than ready without a watchdog', () => {
  const { clock, told, supervisor } = started();
  supervisor.ready();
  clock.advance(600_000);
  expect(told).toEqual(['/run/systemd/notify READY=1']);
});

it('writes addresses as the kernel reads them', () => {
  expect(unixAddress('/run/n')?.toString('hex')).toBe('01002f72756e2f6e00');
  expect(unixAddress('@n')?.toString('hex')).toBe('0100006e');
  expect(unixAddress('')).toBeUndefined();
  expect(unixAddress(`/${'x'.repeat(107)}`)).toBeUndefined();
});
