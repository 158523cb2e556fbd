export { MediaClient, type MediaClientOptions, type MediaValue } from './client.ts';
export {
  type Attachment,
  type LineSnapshot,
  MEDIA_PROTOCOL,
  type MediaCommand,
  type MediaEvent,
  type MediaFigures,
  type MediaSnapshot,
  type RtpFigures,
  type RtpOpened,
  type ToneName,
} from './protocol.ts';
