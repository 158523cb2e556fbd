export type { AudioSdp } from './audio-sdp.ts';
export type { MediaPort, OfficeOptions } from './effects-port.ts';
export { OfficeShell } from './office.ts';
export { voiceSdp } from './voice-sdp.ts';
