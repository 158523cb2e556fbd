export { MediaClient, type MediaValue } from './client.ts';
export type { MediaCommand, MediaEvent, MediaFigures, MediaSnapshot } from './protocol.ts';
