export { answerOffer, type LocalAudio, makeOffer, readAnswer } from './offer-answer.ts';
export type { AudioPath } from './types.ts';
