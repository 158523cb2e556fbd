export { DeskRoom } from './desk-room.ts';
