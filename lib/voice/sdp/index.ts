export { answerOffer, type LocalAudio, type LocalSrtp, makeOffer, readAnswer } from './offer-answer.ts';
export type { AudioPath } from './types.ts';
