export { type DeskPhoneStatus, DeskRoom, type DeskRoomOptions } from './desk-room.ts';
