export { DhcpRoom, type DhcpRoomOptions, type DhcpStatus } from './dhcp-room.ts';
export type { ForeignServer } from './foreign-watch.ts';
export type { AddressedLease } from './lease.ts';
export type { ServerSettings } from './settings.ts';
