export { ControlClient } from './control-client.ts';
export { type Controlled, type ControlReply, failed } from './control-socket.ts';
export {
  contactUri,
  type Dialog,
  newTag,
  requestInside,
  routesFrom,
  userOf,
} from './dialog.ts';
export type { Heard } from './ear.ts';
export {
  type FaxDescribed,
  type FaxToDescribe,
  readFaxDescription,
  writeFaxDescription,
} from './fax-description.ts';
export { FaxStation } from './fax-station.ts';
export {
  type AudioAddress,
  audioAddress,
  describeAudio,
  describeFax,
  faxAddress,
  mirrored,
} from './session-description.ts';
export { addressOf, runSimulator } from './simulator.ts';
export { ACK_LIMIT_MS, T1_MS, T2_MS } from './timers.ts';
export type { ToneProgramme } from './tone-source.ts';
export { openVoiceLine, type VoiceLine } from './voice-line.ts';
