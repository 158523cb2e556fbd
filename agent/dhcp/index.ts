export { DhcpKeeper } from './dhcp-keeper.ts';
export { DhcpRoom } from './dhcp-room.ts';
export type { AddressedLease, DhcpSighting } from './lease.ts';
export type { OptionRule, ServerSettings } from './settings.ts';
