/** What systemd says of itself to a service that it started (sd_notify(3), sd_watchdog_enabled(3)). */
export interface SupervisorSettings {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
}

/** What it said to this program. It has no other way of saying it. */
export function supervisorSettings(): SupervisorSettings {
  const { NOTIFY_SOCKET, WATCHDOG_USEC } = process.env;
  return { NOTIFY_SOCKET, WATCHDOG_USEC };
}
