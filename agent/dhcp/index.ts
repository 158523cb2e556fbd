export { DhcpKeeper } from './dhcp-keeper.ts';
export { DhcpRoom } from './dhcp-room.ts';
export type { OptionRule, ServerSettings } from './settings.ts';
