export { type DeskPhoneStatus, DeskRoom } from './desk-room.ts';
export { journalFile } from './journal-file.ts';
export { lampsOf } from './lamps.ts';
