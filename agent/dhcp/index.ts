export { DhcpKeeper, type DhcpKeeperOptions } from './dhcp-keeper.ts';
export { DhcpRoom, type DhcpRoomOptions, type DhcpStatus } from './dhcp-room.ts';
export type { ForeignServer } from './foreign-watch.ts';
export type { AddressedLease } from './lease.ts';
export type { OptionRule, ServerSettings } from './settings.ts';
export type { TraceLine } from './trace-book.ts';
