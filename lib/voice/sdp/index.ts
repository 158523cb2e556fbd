export {
  answerOffer,
  DTMF_PAYLOAD_TYPE,
  type LocalAudio,
  makeOffer,
  readAnswer,
} from './offer-answer.ts';
export type { AudioPath, Direction, SdpRefusal } from './types.ts';
