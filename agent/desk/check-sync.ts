import type { PhoneConfig } from '../../lib/contract/lan-config.ts';
import type { CheckSyncOutcome } from '../ports.ts';

/**
 * The Event header with which a maker's phones fetch their configuration again. Grandstream restarts at a bare `check-sync`
 * unless told not to; Panasonic compares the text with its setting CFG_RESYNC_FROM_SIP, which is `check-sync`.
 */
export function checkSyncEvent(vendor: PhoneConfig['vendor']): string {
  return vendor === 'grandstream' ? 'check-sync;reboot=false' : 'check-sync';
}

/** What the phone's answer says. */
export function checkSyncOutcome(status: number): CheckSyncOutcome {
  if (status >= 200 && status < 300) return 'told';
  if (status === 480) return 'notRegistered';
  return status === 408 || status === 503 ? 'silent' : 'refused';
}
