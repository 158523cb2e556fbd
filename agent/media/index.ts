export { MediaClient, type MediaClientOptions, type MediaSocket, type MediaValue } from './client.ts';
export { wavFile } from './line-capture.ts';
export type { MediaCommand, MediaEvent, MediaFigures, MediaSnapshot } from './protocol.ts';
